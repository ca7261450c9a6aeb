import { AppError } from '../../../errors.ts'
import {
  fraction,
  fractionToDecimal,
  multiplyFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { Mode } from '../../../kit/mode.ts'
import { formatMoney } from '../../../kit/money.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Caller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { Connections } from '../../connections/service.ts'
import type { Notifications } from '../../notifications/service.ts'
import type { PaymentMethods } from '../../payments/methods/service.ts'
import type { Payments } from '../../payments/service.ts'
import type { Look } from '../../webhooks/look.service.ts'
import type { Credits } from '../service.ts'
import { decideTopUp } from '../top-up.ts'
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

  credits.onSpend(async (tx, customer, unit, available) => {
    const { mode, id: customerId, timeZone } = customer
    const setting = await store.findTopUp(tx, mode, customerId)
    if (setting === undefined) return
    const pack = await store.findPack(tx, mode, setting.packKey)
    if (pack === undefined || unitText(pack.unit) !== unitText(unit)) return
    const attempts = await store.listTopUps(tx, mode, customerId)
    const now = accounts.now(customer)
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
  })

  async function begin(tx: Db, customer: Customer, setting: TopUpSetting): Promise<void> {
    const { packKey, quantity } = setting
    const wanted = { packKey, quantity, cause: 'top_up' as const }
    const { purchase, isNew } = await creditPurchases.want(tx, customer, wanted)
    if (!isNew) return
    const job = { mode: customer.mode, purchaseId: purchase.id }
    await jobs.enqueue(tx, QUEUE, job, { key: purchase.id })
  }

  async function charge(purchase: Purchase): Promise<void> {
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
      if (!isFinal) throw error
      await fail(purchase, error.message)
    }
  }

  async function fail({ mode, id, customerId }: Purchase, reason: string): Promise<void> {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const purchase = await store.findPurchase(tx, mode, { id })
      if (purchase?.state !== 'pending') return
      const settledAt = accounts.now(customer)
      await store.updatePurchase(tx, {
        ...purchase,
        state: 'failed',
        failureMessage: reason,
        settledAt,
      })
      await notifications.tell(tx, {
        mode,
        template: 'top_up_failed',
        customerId,
        payload: { amount: formatMoney(purchase.amount), reason },
        dedupeKey: `top_up_failed:${id}`,
      })
    })
  }

  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, purchaseId } = payload as { mode: Mode; purchaseId: string }
    const purchase = await store.findPurchase(database.db, mode, { id: purchaseId })
    if (purchase?.state === 'pending') await charge(purchase)
  })

  return {
    find: (mode: Mode, customerId: string): Promise<TopUpSetting | undefined> =>
      store.findTopUp(database.db, mode, customerId),

    /** Also confirms: a failure before this is forgiven. */
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

function boughtBy(pack: SoldPack, quantity: number) {
  return fractionToDecimal(
    multiplyFractions(toFraction(pack.amountPerPack), fraction(BigInt(quantity))),
  )
}

function stateOf({ state }: Purchase): 'pending' | 'succeeded' | 'failed' {
  if (state === 'paid') return 'succeeded'
  return state === 'pending' ? 'pending' : 'failed'
}
