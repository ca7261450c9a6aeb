import { AppError } from '../../../errors.ts'
import {
  fraction,
  fractionToDecimal,
  multiplyFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import { formatMoney } from '../../../kit/money.ts'
import type { Page, PageRequest } from '../../../kit/page.ts'
import { boundary, duration, startOfCalendar } from '../../../kit/period.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Caller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { Connections } from '../../connections/service.ts'
import type { Notifications } from '../../notifications/service.ts'
import type { PaymentMethods } from '../../payments/methods/service.ts'
import type { PaymentState } from '../../payments/payment.ts'
import type { Payments } from '../../payments/service.ts'
import type { Look } from '../../webhooks/look.service.ts'
import { availableCredits } from '../account.ts'
import type { CreditUnit } from '../grant.ts'
import type { Credits } from '../service.ts'
import { decideTopUp, type TopUpSkipReason } from '../top-up.ts'
import { unitText } from '../unit-text.ts'
import type { Purchase, SoldPack, TopUpSetting } from './purchase.ts'
import { type CreditPurchases, PURCHASE_METADATA } from './service.ts'
import * as store from './store.ts'

const QUEUE = 'credits.top_up'

interface TopUpDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly connections: Connections
  readonly creditPurchases: CreditPurchases
  readonly credits: Credits
  readonly jobs: Jobs
  readonly look: Look
  readonly notifications: Notifications
  readonly paymentMethods: PaymentMethods
  readonly payments: Payments
}

export type TopUps = ReturnType<typeof createTopUps>

/** Buys credits by itself, one purchase at a time, and stops after a failure until somebody has looked at it. */
export function createTopUps(deps: TopUpDeps) {
  const { database, accounts, audit, connections, creditPurchases, credits } = deps
  const { jobs, look, notifications, paymentMethods, payments } = deps

  credits.onSpend(async (tx, customer, unit) => {
    const setting = await store.findTopUp(tx, customer.mode, customer.id)
    if (setting !== undefined) await consider(tx, customer, setting, unit)
  })

  /** Buys if it is time to; heard when a balance has become smaller, looked at when a limit is over. */
  async function consider(
    tx: Db,
    customer: Customer,
    setting: TopUpSetting,
    spent?: CreditUnit,
  ): Promise<void> {
    const { mode, id: customerId, timeZone } = customer
    const pack = await store.findPack(tx, mode, setting.packKey)
    if (pack === undefined) return
    if (spent !== undefined && unitText(pack.unit) !== unitText(spent)) return
    const attempts = await store.listTopUps(tx, mode, customerId)
    const now = accounts.now(customer)
    const account = await credits.loadIn(tx, customer, pack.unit)
    const available = availableCredits(account, null, now)
    const decision = decideTopUp(
      { ...setting, amount: boughtBy(pack, setting.quantity) },
      {
        available,
        attempts: attempts.map((attempt) => ({
          at: attempt.createdAt,
          amount: boughtBy(pack, attempt.quantity),
          state: stateOf(attempt),
        })),
        attemptCount: attempts.length,
        confirmedAt: setting.confirmedAt,
        timeZone,
      },
      now,
    )
    if (decision.kind === 'top_up') await begin(tx, customer, setting)
    const again = decision.kind === 'skip' ? limitEndsAt(decision.reason, now, timeZone) : null
    await store.lookAtTopUpAgain(tx, mode, customerId, again)
  }

  async function begin(tx: Db, customer: Customer, setting: TopUpSetting): Promise<void> {
    const { packKey, quantity } = setting
    const wanted = { packKey, quantity, cause: 'top_up' as const }
    const { purchase, isNew } = await creditPurchases.want(tx, customer, wanted)
    if (!isNew) return
    const job = { mode: customer.mode, purchaseId: purchase.id }
    await jobs.enqueue(tx, QUEUE, job, { key: purchase.id, maxAttempts: TRIES })
  }

  async function charge(purchase: Purchase, attempt: number): Promise<void> {
    const { mode, id, customerId, amount } = purchase
    const { api, scope } = await connections.stripe(mode)
    const stripeCustomerId = await connections.externalId(scope, 'customer', customerId)
    const methods = await paymentMethods.list(mode, customerId)
    const method = methods.find(({ isDefault }) => isDefault)
    if (stripeCustomerId === undefined || method === undefined) {
      return fail(purchase, 'there is no payment method')
    }
    try {
      const intentId = await api.payments.charge(
        {
          stripeCustomerId,
          methodId: method.stripePaymentMethodId,
          amountMinor: amount.amountMinor,
          currency: amount.currency,
          metadata: { [PURCHASE_METADATA]: id },
        },
        id,
      )
      await look(mode, payments.paymentSync, intentId)
    } catch (error) {
      const isFinal = error instanceof AppError && FINAL.has(error.code)
      // Given up, it no longer stands in the way of the next; should the money have moved, its event still grants.
      if (!isFinal && attempt < TRIES) throw error
      await fail(
        purchase,
        error instanceof AppError ? error.message : 'the payment did not go through',
      )
    }
  }

  // The bank of a payment that takes days says no long after `charge` has returned.
  payments.onPayment(async (tx, payment, _, { metadata }) => {
    const id = metadata[PURCHASE_METADATA]
    if (id === undefined || !isUnpaid(payment.state)) return
    const purchase = await store.findPurchase(tx, payment.mode, { id })
    if (purchase?.cause !== 'top_up' || purchase.customerId !== payment.customerId) return
    await failIn(tx, purchase, payment.failureMessage ?? 'the payment did not go through')
  })

  async function fail({ mode, id, customerId }: Purchase, reason: string): Promise<void> {
    await database.transaction(async (tx) => {
      await accounts.lock(tx, mode, customerId)
      const purchase = await store.findPurchase(tx, mode, { id })
      if (purchase !== undefined) await failIn(tx, purchase, reason)
    })
  }

  async function failIn(tx: Db, purchase: Purchase, reason: string): Promise<void> {
    const { mode, id, customerId, amount } = purchase
    if (purchase.state !== 'pending') return
    const settledAt = accounts.now(await accounts.get(mode, customerId, tx))
    const failed = { state: 'failed', failureMessage: reason, settledAt } as const
    await store.updatePurchase(tx, { ...purchase, ...failed })
    await notifications.tell(tx, {
      mode,
      template: 'top_up_failed',
      customerId,
      payload: { amount: formatMoney(amount), reason },
      dedupeKey: `top_up_failed:${id}`,
    })
  }

  jobs.handle(QUEUE, async ({ payload, attempt }) => {
    const { mode, purchaseId } = payload as { mode: Mode; purchaseId: string }
    const purchase = await store.findPurchase(database.db, mode, { id: purchaseId })
    if (purchase?.state === 'pending') await charge(purchase, attempt)
  })

  return {
    find: (mode: Mode, customerId: string): Promise<TopUpSetting | undefined> =>
      store.findTopUp(database.db, mode, customerId),

    history: (mode: Mode, customerId: string, page: PageRequest): Promise<Page<Purchase>> =>
      store.pageOfTopUps(database.db, mode, customerId, page),

    /** Limits that are over: nobody spends from an empty balance, so nothing else would ask. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const customerId of await store.listTopUpsDue(database.db, mode, now, MAX_DUE)) {
        await database.transaction(async (tx) => {
          const customer = await accounts.lock(tx, mode, customerId)
          const setting = await store.findTopUp(tx, mode, customerId)
          if (setting !== undefined) await consider(tx, customer, setting)
        })
      }
    },

    nextDue: (mode: Mode, after: Instant) => store.nextTopUpDue(database.db, mode, after),

    /** Also confirms: a failure before this is forgiven, and what is due is bought at once. */
    async set(
      caller: Caller,
      customerId: string,
      input: Omit<TopUpSetting, 'confirmedAt'>,
    ): Promise<TopUpSetting> {
      const { mode } = caller
      return database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const setting = { ...input, confirmedAt: accounts.now(customer) }
        await store.saveTopUp(tx, mode, customerId, setting)
        await consider(tx, customer, setting)
        await audit.record(tx, caller, {
          action: 'credits.top_up_set',
          targetKind: 'customer',
          targetId: customerId,
          customerId,
          after: { isEnabled: input.isEnabled, packKey: input.packKey, quantity: input.quantity },
        })
        return setting
      })
    },
  }
}

/** What no second try changes. */
const FINAL: ReadonlySet<string> = new Set(['card_declined', 'stripe_rejected'])
/** Some two hours, with growing pauses. */
const TRIES = 12
const MAX_DUE = 200

/** Nobody is there to confirm anything or to enter another card. */
function isUnpaid(state: PaymentState): boolean {
  return state === 'failed' || state === 'canceled' || state === 'requires_action'
}

function limitEndsAt(reason: TopUpSkipReason, now: Instant, timeZone: string): Instant | null {
  if (reason !== 'daily_maximum' && reason !== 'monthly_maximum') return null
  const [unit, length] =
    reason === 'daily_maximum' ? (['day', 'P1D'] as const) : (['month', 'P1M'] as const)
  return boundary(startOfCalendar(now, unit, timeZone), duration(length), 1, timeZone)
}

function boughtBy(pack: SoldPack, quantity: number) {
  return fractionToDecimal(
    multiplyFractions(toFraction(pack.amountPerPack), fraction(BigInt(quantity))),
  )
}

function stateOf({ state }: Purchase): 'pending' | 'succeeded' | 'failed' {
  if (state === 'paid') return 'succeeded'
  return state === 'pending' ? 'pending' : 'failed'
}
