import { AppError, notFound, refusalError } from '../../../errors.ts'
import { newId } from '../../../kit/id.ts'
import { DAY_MS, type Instant, MINUTE_MS, SECOND_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type Caller, systemCaller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import { type PlanChange, isOpenChange } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import type { CarryOut } from './carry-out.service.ts'
import { paymentOf } from './change-invoice.ts'
import type { ChangePayment, RefusedChange } from './change-quote.ts'
import type { Offer, OfferRequest, Offers } from './offers.service.ts'

const QUOTE_VALID_MS = 15 * MINUTE_MS
/** Whoever asked for it is still at it until then. */
const UNFINISHED_AFTER_MS = MINUTE_MS
const MAX_UNFINISHED_PER_RUN = 100

export interface ChangeRequest {
  readonly planKey: string
  /** Null: the one on sale. */
  readonly planVersion: number | null
  readonly timing: OfferRequest['timing']
  /** Redeemed where the change is a purchase. */
  readonly promotionCode?: string | undefined
}

/** What is shown before somebody confirms. The id of the change is good for fifteen minutes. */
export interface ChangePreview {
  readonly change: PlanChange
  readonly offer: Offer
  readonly payment: ChangePayment
  readonly from: PlanVersion
  readonly to: PlanVersion
}

interface ChangesDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly carryOut: CarryOut
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly database: Database
  readonly log: Log
  readonly offers: Offers
  readonly subscriptions: Subscriptions
}

export type Changes = ReturnType<typeof createChanges>

/** Changing the plan of a subscription: preview, confirm, take back. */
export function createChanges(deps: ChangesDeps) {
  const { accounts, audit, carryOut, catalog, changes, database, log, offers, subscriptions } = deps

  async function offerFor(subscription: Subscription, request: OfferRequest): Promise<Offer> {
    const offer = await offers.of(subscription, request)
    if ('kind' in offer) throw refusal(offer, request.target)
    return offer
  }

  async function targetOf(mode: Mode, { planKey, planVersion }: ChangeRequest) {
    if (planVersion === null) return catalog.getActive(mode, planKey)
    const versions = await catalog.versions(mode, planKey)
    const version = versions.find((candidate) => candidate.version === planVersion)
    if (version === undefined || version.state === 'draft') throw notFound('plan version')
    return version
  }

  /**
   * The row becomes the change, if nothing has happened since the quote that it does not know of. Undefined when
   * somebody else has confirmed it in the meantime: one of them asks Stripe.
   */
  async function claim(
    caller: Caller,
    quoted: PlanChange,
    hash: string,
  ): Promise<PlanChange | undefined> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, quoted.customerId)
      const change = await changes.find(mode, quoted.id, tx)
      if (change === undefined) throw notFound('quote')
      if (change.state !== 'quoted') return undefined
      const open = await changes.findOpen(mode, change.subscriptionId, tx)
      if (open !== undefined) throw new AppError('change_pending', {})
      const now = accounts.now(customer)
      if (now >= change.expiresAt) throw new AppError('quote_expired', {})
      const subscription = await subscriptions.get(mode, change.subscriptionId, tx)
      const isSame = subscription.version === change.subscriptionVersion && hash === change.hash
      if (!isSame) throw new AppError('subscription_changed', {})
      await audit.record(tx, caller, {
        action: 'subscription.change_confirmed',
        targetKind: 'subscription',
        targetId: change.subscriptionId,
        customerId: change.customerId,
        after: { changeId: change.id, amountDue: change.quote.amountDue },
      })
      if (change.way === 'here' && change.quote.timing === 'immediate') {
        await changes.arrive(tx, caller, customer, subscription, change)
        return { ...change, state: 'applied' }
      }
      const state = change.way === 'here' ? 'scheduled' : 'executing'
      await changes.update(tx, mode, change.id, { state }, now)
      return { ...change, state }
    })
  }

  async function finish(mode: Mode, change: PlanChange): Promise<void> {
    await carryOut.followUp(mode, change)
    const current = await changes.find(mode, change.id)
    if (current?.state !== 'executing') return
    const subscription = await subscriptions.get(mode, change.subscriptionId)
    const target = await catalog.getVersion(mode, change.targetVersionId)
    const { timing } = change.quote
    const offer = await offers.of(subscription, { target, timing, at: change.quotedAt })
    if ('kind' in offer) {
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, change.customerId)
        const update = { state: 'failed', error: `It was refused: ${offer.code}.` } as const
        await changes.update(tx, mode, change.id, update, accounts.now(customer))
      })
      return
    }
    await carryOut.run(mode, current, offer)
  }

  async function arriveHere(mode: Mode, { id, customerId }: PlanChange): Promise<void> {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const change = await changes.find(mode, id, tx)
      if (change?.state !== 'scheduled') return
      const subscription = await subscriptions.get(mode, change.subscriptionId, tx)
      await changes.arrive(tx, systemCaller(mode), customer, subscription, change)
    })
  }

  return {
    find: changes.find,
    findOpen: changes.findOpen,

    /** What a change would do and cost, or why it cannot be. Nothing is written. */
    async rehearse(
      subscription: Subscription,
      target: PlanVersion,
      timing: ChangeRequest['timing'],
    ): Promise<Offer | RefusedChange> {
      const customer = await accounts.get(subscription.mode, subscription.customerId)
      const now = accounts.now(customer)
      return offers.of(subscription, { target, timing, at: now - (now % SECOND_MS) })
    },

    async preview(
      caller: Caller,
      subscriptionId: string,
      request: ChangeRequest,
    ): Promise<ChangePreview> {
      const { mode } = caller
      const subscription = await subscriptions.get(mode, subscriptionId)
      const customer = await accounts.get(mode, subscription.customerId)
      const to = await targetOf(mode, request)
      const from = await catalog.getVersion(mode, subscription.planVersionId)
      if ((await changes.findOpen(mode, subscriptionId)) !== undefined) {
        throw new AppError('change_pending', {})
      }
      const now = accounts.now(customer)
      const at = now - (now % SECOND_MS)
      const { timing, promotionCode } = request
      const offer = await offerFor(subscription, { target: to, timing, at, promotionCode })
      const change = changeOf(subscription, to, offer, at)
      await changes.insert(database.db, mode, change)
      return { change, offer, payment: paymentOf(offer.quote, offer.invoice), from, to }
    },

    /**
     * Carries out exactly what was shown, or nothing. Answers the change as it stands then: applied, waiting for its
     * payment, scheduled, or still quoted where it leads to a payment page. Confirming twice is confirming once.
     */
    async execute(caller: Caller, subscriptionId: string, quoteId: string): Promise<PlanChange> {
      const { mode } = caller
      const quoted = await changes.find(mode, quoteId)
      if (quoted === undefined || quoted.subscriptionId !== subscriptionId) throw notFound('quote')
      if (quoted.way === 'checkout') return quoted
      if (quoted.state !== 'quoted') return quoted
      const subscription = await subscriptions.get(mode, subscriptionId)
      const target = await catalog.getVersion(mode, quoted.targetVersionId)
      const { timing } = quoted.quote
      const offer = await offerFor(subscription, { target, timing, at: quoted.quotedAt })
      const claimed = await claim(caller, quoted, offer.hash)
      if (claimed?.state === 'executing') await carryOut.run(mode, claimed, offer)
      const change = await changes.find(mode, quoteId)
      if (change === undefined) throw notFound('quote')
      return change
    },

    /** A scheduled change does not happen; one that waits for its payment is given up. */
    async takeBack(caller: Caller, subscriptionId: string): Promise<void> {
      const { mode } = caller
      const change = await changes.findOpen(mode, subscriptionId)
      if (change === undefined) throw new AppError('no_change_pending', {})
      if (change.state === 'executing') throw new AppError('change_pending', {})
      await carryOut.takeBack(mode, change)
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, change.customerId)
        const current = await changes.find(mode, change.id, tx)
        // Paid in the last moment, or given up by Stripe in the same one.
        if (current === undefined || current.state === 'applied') return
        const now = accounts.now(customer)
        const update = { state: 'canceled', paymentUrl: null } as const
        await changes.update(tx, mode, change.id, update, now)
        await audit.record(tx, caller, {
          action: 'subscription.change_taken_back',
          targetKind: 'subscription',
          targetId: subscriptionId,
          customerId: change.customerId,
          before: { changeId: change.id, state: change.state },
        })
      })
    },

    /** Finishes what a crash or a lost answer left unfinished, and what is due here by time alone. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const change of await changes.listDueHere(mode, now, MAX_UNFINISHED_PER_RUN)) {
        await attempt(change, () => arriveHere(mode, change))
      }
      for (const change of await changes.listUnfinished(mode, now, MAX_UNFINISHED_PER_RUN)) {
        const isUnderWay = isOpenChange(change) && now - change.quotedAt < UNFINISHED_AFTER_MS
        if (!isUnderWay) await attempt(change, () => finish(mode, change))
      }
      await changes.removeQuotes(mode, now - DAY_MS)
    },
  }

  /** One that fails is tried again and holds up no other. */
  async function attempt({ id }: PlanChange, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => log.error('change.unfinished', { changeId: id, error }))
  }
}

function changeOf(
  { id, customerId, version }: Subscription,
  target: PlanVersion,
  { quote, way, invoice, hash, isTrial }: Offer,
  at: Instant,
): PlanChange {
  const { after, direction, timing, effectiveAt, policy } = quote
  return {
    id: newId('change', at),
    customerId,
    subscriptionId: id,
    targetVersionId: target.id,
    startsBy: quote.basis.fromPlan.key === target.planKey ? 'migrate' : 'change',
    state: 'quoted',
    way,
    subscriptionVersion: version,
    hash,
    quote: {
      timing,
      direction,
      after: {
        phaseKey: after.phaseKey,
        billingAnchor: after.billingAnchor,
        usageAnchor: after.usageAnchor,
        feesFrom: after.feesFrom,
      },
      resetsAnchor: timing === 'immediate' && (isTrial || policy.anchor === 'reset'),
      amountDue: String(invoice?.amountDueMinor ?? 0n),
    },
    quotedAt: at,
    effectiveAt,
    expiresAt: at + QUOTE_VALID_MS,
    stripeInvoiceId: null,
    stripeScheduleId: null,
    paymentUrl: null,
    hasLooseEnds: false,
    error: null,
    createdAt: at,
  }
}

function refusal({ code, lifecycle }: RefusedChange, target: PlanVersion): AppError {
  const { planKey: plan } = target
  switch (code) {
    case 'already_on_plan':
      return refusalError({ code: 'already_subscribed', params: { plan } })
    case 'currency_not_offered': {
      const currency = target.definition.currencies.join(', ')
      return new AppError('currency_not_offered', { plan, currency })
    }
    case 'cancellation_pending':
      return new AppError('cancellation_pending', {})
    case 'not_changeable':
      return new AppError('subscription_not_changeable', { lifecycle })
  }
}
