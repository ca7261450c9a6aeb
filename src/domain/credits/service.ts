import { AppError, notFound } from '../../errors.ts'
import { add, type Decimal, formatDecimal, subtract, ZERO } from '../../kit/decimal.ts'
import { newId } from '../../kit/id.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import { availableCredits, type LedgerCause, post } from './account.ts'
import type { CreditGrant, CreditUnit, GrantDraft } from './grant.ts'
import { decideBurn, decideGrant, decideVoid } from './ledger.ts'
import { createCreditBooking } from './booking.service.ts'
import { createExpiry } from './expiry.service.ts'
import { type CreditLevel, levelOf } from './level.ts'
import { createCreditReadings } from './readings.service.ts'
import * as store from './store.ts'
import { unitText } from './unit-text.ts'

interface CreditsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly notifications: Notifications
  readonly accessChanges: AccessChanges
}

/** Told, inside the transaction, that a balance has become smaller; how top-ups begin. */
export type SpendHook = (tx: Db, customer: Customer, unit: CreditUnit) => Promise<void>

export interface ConsumeInput {
  readonly unit: CreditUnit
  readonly amount: Decimal
  readonly featureKey: string | null
  /** Names the consumption: the same again consumes nothing. */
  readonly reference: string
}

export type Credits = ReturnType<typeof createCredits>

/** Balances and their ledger: every change is decided on the account under the customer's lock, then appended. */
export function createCredits(deps: CreditsDeps) {
  const { database, accounts, audit, notifications, accessChanges } = deps
  const spendHooks: SpendHook[] = []
  const readings = createCreditReadings({ database, accounts })
  const booking = createCreditBooking({ database, accounts, accessChanges })
  const { announce, book } = booking

  /** Grants once per source, whoever tells of it how often. Answers the grant, or undefined when it was there. */
  async function grantIn(
    tx: Db,
    caller: Caller,
    customer: Customer,
    draft: GrantDraft,
    note: string | null,
  ): Promise<CreditGrant | undefined> {
    const { mode, id: customerId, timeZone } = customer
    const now = accounts.now(customer)
    const grant: CreditGrant = {
      ...draft,
      id: newId('grant', now),
      state: 'active',
      isFrozen: false,
    }
    const account = await store.loadAccount(tx, mode, customerId, draft.unit)
    if (!(await store.insertGrant(tx, mode, customerId, grant, note, now))) return undefined
    await book(tx, customer, decideGrant(account, grant, now))
    await notifications.tell(tx, {
      mode,
      template: 'credits_granted',
      customerId,
      payload: {
        amount: spoken(draft.amount, draft.unit),
        expiresOn: draft.expiresAt === null ? null : dayOf(draft.expiresAt, timeZone),
      },
      dedupeKey: `credits_granted:${grant.id}`,
    })
    await audit.record(tx, caller, {
      action: 'credits.granted',
      targetKind: 'credit_grant',
      targetId: grant.id,
      customerId,
      after: {
        unit: unitText(draft.unit),
        amount: formatDecimal(draft.amount),
        category: draft.category,
        source: draft.source,
      },
    })
    return grant
  }

  /**
   * Takes back what is left of a grant, or a part of it; answers how much that was. What is in use, or was used, of
   * what is to be taken back is claimed: it goes the same way should it come back.
   */
  async function voidIn(
    tx: Db,
    customer: Customer,
    grantId: string,
    amount: Decimal | 'unburned',
    cause: LedgerCause,
  ): Promise<Decimal> {
    const { mode, id } = customer
    const holding = await store.findHolding(tx, mode, grantId)
    if (holding === undefined || holding.customerId !== id) throw notFound('credit grant')
    const account = await store.loadAccount(tx, mode, id, holding.grant.unit)
    const posting = decideVoid(account, grantId, amount, cause)
    if (amount === 'unburned') await store.setState(tx, mode, grantId, 'voided')
    await book(tx, customer, posting)
    const voided = posting.entries.reduce((sum, entry) => add(sum, entry.amount), ZERO)
    const claimed = subtract(amount === 'unburned' ? holding.grant.amount : amount, voided)
    if (claimed > ZERO) await store.addClaim(tx, mode, { grantId, amount: claimed, cause })
    // Who holds some of it in stock gives it back.
    if (voided === ZERO) await announce(tx, mode, id)
    return voided
  }

  /** Tells those who watch a balance that has become smaller, and once for each crossing the customer. */
  async function told(tx: Db, customer: Customer, unit: CreditUnit): Promise<Decimal> {
    const { mode, id: customerId } = customer
    const now = accounts.now(customer)
    const account = await store.loadAccount(tx, mode, customerId, unit)
    const available = availableCredits(account, null, now)
    for (const hook of spendHooks) await hook(tx, customer, unit)
    const level = levelOf(account, now)
    if (level === undefined || level.kind === 'enough') return available
    const about = { mode, customerId, dedupeKey: dedupeKeyOf(customerId, unit, level) }
    if (level.kind === 'low') {
      const payload = { balance: spoken(level.left, unit) }
      await notifications.tell(tx, { ...about, template: 'credits_low', payload })
    } else {
      const payload = { unit: nameOf(unit) }
      await notifications.tell(tx, { ...about, template: 'credits_depleted', payload })
    }
    return available
  }

  const expiry = createExpiry({ database, accounts, audit, book, told })

  return {
    grantIn,
    voidIn,

    // For whoever spends credits in many small steps: the same ledger, told to nobody but those who watch balances.
    loadIn: booking.load,
    appendIn: booking.append,
    returnIn: book,
    forgiveIn: booking.forgive,
    toldIn: told,

    /** Heard in the transaction in which a balance becomes smaller. */
    onSpend(hook: SpendHook): void {
      spendHooks.push(hook)
    },

    /** An operator gives credits: a promotion, or an apology. */
    async grant(
      caller: Caller,
      customerId: string,
      draft: Omit<GrantDraft, 'source' | 'effectiveAt'> & { readonly note: string | null },
    ): Promise<string> {
      const { note, ...rest } = draft
      return database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, caller.mode, customerId)
        const now = accounts.now(customer)
        const source = { kind: 'operator' as const, id: newId('gift', now) }
        const full = { ...rest, source, effectiveAt: now }
        const grant = await grantIn(tx, caller, customer, full, note)
        if (grant === undefined) throw notFound('credit grant')
        return grant.id
      })
    },

    /** An operator takes back what is left of a grant. */
    async voidGrant(caller: Caller, grantId: string, note: string | null): Promise<void> {
      const { mode } = caller
      const holding = await store.findHolding(database.db, mode, grantId)
      if (holding === undefined) throw notFound('credit grant')
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, holding.customerId)
        const cause: LedgerCause = { kind: 'operator', id: newId('void', accounts.now(customer)) }
        const amount = await voidIn(tx, customer, grantId, 'unburned', cause)
        await told(tx, customer, holding.grant.unit)
        await audit.record(tx, caller, {
          action: 'credits.voided',
          targetKind: 'credit_grant',
          targetId: grantId,
          customerId: holding.customerId,
          after: { amount: formatDecimal(amount), note },
        })
      })
    },

    /** Gives back what a refund took that did not go through after all. */
    async restoreIn(
      tx: Db,
      customer: Customer,
      grantId: string,
      amount: Decimal,
      cause: LedgerCause,
    ): Promise<void> {
      const { mode, id } = customer
      const holding = await store.findHolding(tx, mode, grantId)
      if (holding === undefined) return
      await store.removeClaims(tx, mode, grantId, cause)
      const account = await store.loadAccount(tx, mode, id, holding.grant.unit)
      const posting = post(
        account,
        amount > ZERO ? [{ grantId, type: 'adjusted', amount, cause }] : [],
      )
      await store.setState(tx, mode, grantId, 'active')
      await book(tx, customer, posting)
    },

    /** What a refund or dispute took from a grant. */
    takenFor: (tx: Db, { mode, id }: Customer, grantId: string, cause: LedgerCause) =>
      store.sumVoided(tx, mode, id, grantId, cause),

    async freezeIn(tx: Db, customer: Customer, grantId: string, isFrozen: boolean): Promise<void> {
      const { mode, id } = customer
      await store.setFrozen(tx, mode, grantId, isFrozen)
      await announce(tx, mode, id)
    },

    /** Burns all of it, or refuses with `insufficient_credits`. Named the same, it burns once. */
    async consume(caller: Caller, customerId: string, input: ConsumeInput): Promise<Decimal> {
      const { mode } = caller
      const { unit, amount, featureKey } = input
      const cause: LedgerCause = { kind: 'request', id: input.reference }
      return database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const now = accounts.now(customer)
        const account = await store.loadAccount(tx, mode, customerId, unit)
        if (await store.hasEntry(tx, mode, customerId, cause)) {
          return availableCredits(account, null, now)
        }
        const decision = decideBurn(account, amount, { featureKey, cause, now, isSoft: false })
        if (decision.kind === 'refused') {
          throw new AppError('insufficient_credits', {
            available: spoken(decision.available, unit),
            missing: spoken(decision.missing, unit),
          })
        }
        await book(tx, customer, decision)
        return told(tx, customer, unit)
      })
    },

    ...readings,

    ...expiry,
  }
}

function dedupeKeyOf(customerId: string, unit: CreditUnit, { kind, since }: CreditLevel): string {
  return `credits_${kind}:${customerId}:${unitText(unit)}:${since}`
}

function nameOf(unit: CreditUnit): string {
  switch (unit.kind) {
    case 'money':
      return unit.currency.toUpperCase()
    case 'feature':
      return unit.featureKey.replaceAll('_', ' ')
    case 'custom':
      return unit.creditKey.replaceAll('_', ' ')
  }
}

function spoken(amount: Decimal, unit: CreditUnit): string {
  return `${formatDecimal(amount)} ${nameOf(unit)}`
}
