import { AppError, invalidRequest, notFound } from '../../../errors.ts'
import { newId } from '../../../kit/id.ts'
import { HOUR_MS, type Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type Caller, stripeCaller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { Connections } from '../../connections/service.ts'
import type { StripeCustomers } from '../../connections/stripe-customers.service.ts'
import type { Payment } from '../../payments/payment.ts'
import { isPaid } from '../../payments/payment.ts'
import type { Payments } from '../../payments/service.ts'
import type { CheckoutSession } from '../../../stripe/checkout.ts'
import type { Sync } from '../../webhooks/sync.ts'
import { purchasedGrant } from '../purchase.ts'
import type { Credits } from '../service.ts'
import { type Purchase, type SoldPack, unsellable } from './purchase.ts'
import * as store from './store.ts'

/** In the payment's metadata: what it pays for. */
export const PURCHASE_METADATA = 'credit_purchase'
const CHECKOUT_MS = 23 * HOUR_MS
const MAX_QUANTITY = 10_000

interface PurchasesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly connections: Connections
  readonly credits: Credits
  readonly payments: Payments
  readonly stripeCustomers: StripeCustomers
}

export type CreditPurchases = ReturnType<typeof createCreditPurchases>

export type NewPack = Omit<SoldPack, 'mode' | 'createdAt' | 'archivedAt'>

/** Selling credits: wanted here, paid on Stripe's page or with the card on file, granted once the payment is known. */
export function createCreditPurchases(deps: PurchasesDeps) {
  const { database, accounts, audit, connections, credits, payments, stripeCustomers } = deps

  async function packOnSale(mode: Mode, key: string, db: Db): Promise<SoldPack> {
    const pack = await store.findPack(db, mode, key)
    if (pack === undefined || pack.archivedAt !== null) throw notFound('credit pack')
    return pack
  }

  /** Our row, before anybody is asked for money. */
  async function want(
    tx: Db,
    customer: Customer,
    input: {
      readonly packKey: string
      readonly quantity: number
      readonly cause: Purchase['cause']
    },
  ): Promise<{ purchase: Purchase; pack: SoldPack; isNew: boolean }> {
    const { mode, id: customerId } = customer
    const pack = await packOnSale(mode, input.packKey, tx)
    const { currency } = pack.price
    if (customer.currency !== null && customer.currency !== currency) {
      throw new AppError('currency_fixed', { currency: customer.currency })
    }
    const now = accounts.now(customer)
    const purchase: Purchase = {
      mode,
      id: newId('purchase', now),
      customerId,
      ...input,
      amount: { amountMinor: pack.price.amountMinor * BigInt(input.quantity), currency },
      state: 'pending',
      failureMessage: null,
      checkoutUrl: null,
      paymentId: null,
      grantId: null,
      createdAt: now,
      settledAt: null,
    }
    return { purchase, pack, isNew: await store.insertPurchase(tx, purchase) }
  }

  payments.onPayment(async (tx, payment, _, { metadata }) => {
    const purchaseId = metadata[PURCHASE_METADATA]
    if (purchaseId === undefined || !isPaid(payment.state)) return
    const purchase = await store.findPurchase(tx, payment.mode, { id: purchaseId })
    if (purchase === undefined || purchase.customerId !== payment.customerId) return
    if (purchase.state === 'paid') return
    await settle(tx, purchase, payment)
  })

  async function settle(tx: Db, purchase: Purchase, payment: Payment): Promise<void> {
    const { mode, customerId, id, quantity } = purchase
    const pack = await store.findPack(tx, mode, purchase.packKey)
    if (pack === undefined) throw notFound('credit pack')
    const customer = await accounts.get(mode, customerId, tx)
    const now = accounts.now(customer)
    const draft = purchasedGrant(pack, quantity, { kind: 'checkout_session', id }, now)
    const grant = await credits.grantIn(tx, stripeCaller(mode), customer, draft, null)
    await store.updatePurchase(tx, {
      ...purchase,
      state: 'paid',
      failureMessage: null,
      paymentId: payment.id,
      grantId: grant?.id ?? purchase.grantId,
      settledAt: now,
    })
  }

  return {
    want,

    packs: (mode: Mode): Promise<SoldPack[]> => store.listPacks(database.db, mode),

    /** Writes a pack under its key; purchases made before keep what they bought. */
    async putPack(caller: Caller, input: NewPack, now: Instant): Promise<SoldPack> {
      const { mode } = caller
      const problem = unsellable(input.price)
      if (problem !== undefined) throw invalidRequest([{ path: 'priceMinor', message: problem }])
      return database.transaction(async (tx) => {
        const known = await store.findPack(tx, mode, input.key)
        const createdAt = known?.createdAt ?? now
        const pack = { ...input, mode, createdAt, archivedAt: null }
        await store.savePack(tx, pack)
        await audit.record(tx, caller, {
          action: known === undefined ? 'credit_pack.created' : 'credit_pack.changed',
          targetKind: 'credit_pack',
          targetId: input.key,
          after: { name: input.name, priceMinor: String(input.price.amountMinor) },
        })
        return pack
      })
    },

    async archivePack(caller: Caller, key: string, now: Instant): Promise<void> {
      await database.transaction(async (tx) => {
        const pack = await packOnSale(caller.mode, key, tx)
        await store.savePack(tx, { ...pack, archivedAt: now })
        const target = { targetKind: 'credit_pack', targetId: key }
        await audit.record(tx, caller, { action: 'credit_pack.archived', ...target })
      })
    },

    /** Stripe's payment pages: what nobody paid for in time is not bought. All other pages are the next one's business. */
    sessionsBefore: (next: Sync<CheckoutSession>): Sync<CheckoutSession> => ({
      ...next,
      async apply(tx, connected, session, ticket) {
        const { mode } = connected.scope
        const found = await store.findPurchase(tx, mode, { id: session.intentId ?? '' })
        if (found === undefined) return next.apply(tx, connected, session, ticket)
        const customer = await accounts.lock(tx, mode, found.customerId)
        const purchase = await store.findPurchase(tx, mode, { id: found.id })
        if (session.state === 'expired' && purchase?.state === 'pending') {
          const settledAt = accounts.now(customer)
          await store.updatePurchase(tx, { ...purchase, state: 'expired', settledAt })
        }
        return { kind: 'applied' }
      },
    }),

    async get(mode: Mode, customerId: string, id: string): Promise<Purchase> {
      const purchase = await store.findPurchase(database.db, mode, { id })
      if (purchase?.customerId !== customerId) throw notFound('purchase')
      return purchase
    },

    ofPayment: (tx: Db, mode: Mode, paymentId: string): Promise<Purchase | undefined> =>
      store.findPurchase(tx, mode, { paymentId }),

    /** Opens Stripe's page for it. The credits come with the payment, never with the page the customer returns to. */
    async buy(
      caller: Caller,
      input: {
        readonly customerId: string
        readonly packKey: string
        readonly quantity: number
        readonly returnUrl: string
      },
    ): Promise<Purchase> {
      const { mode } = caller
      const { customerId, packKey, returnUrl } = input
      const quantity = Math.min(input.quantity, MAX_QUANTITY)
      const { purchase, pack } = await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const wanted = await want(tx, customer, { packKey, quantity, cause: 'customer' })
        await audit.record(tx, caller, {
          action: 'credits.purchase_started',
          targetKind: 'credit_purchase',
          targetId: wanted.purchase.id,
          customerId,
          after: { packKey, quantity },
        })
        return wanted
      })
      const connected = await connections.stripe(mode)
      const customer = await accounts.get(mode, customerId)
      const session = {
        intentId: purchase.id,
        successUrl: returnUrl.replace('{purchase}', purchase.id),
        cancelUrl: returnUrl.replace('{purchase}', purchase.id),
        expiresAt: accounts.now(customer) + CHECKOUT_MS,
        metadata: { [PURCHASE_METADATA]: purchase.id },
        name: pack.name,
        unitAmountMinor: pack.price.amountMinor,
        currency: pack.price.currency,
        quantity,
      }
      const { url } = await stripeCustomers.using(connected, customer, (stripeCustomerId) =>
        connected.api.checkout.createForPayment({ ...session, stripeCustomerId }),
      )
      const opened = { ...purchase, checkoutUrl: url }
      await database.transaction((tx) => store.updatePurchase(tx, opened))
      return opened
    },
  }
}
