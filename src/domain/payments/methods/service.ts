import { notFound } from '../../../errors.ts'
import { newId } from '../../../kit/id.ts'
import { HOUR_MS, type Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { StripePaymentMethod } from '../../../stripe/payments.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type Caller, stripeCaller, systemCaller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { StripeCustomers } from '../../connections/stripe-customers.service.ts'
import type { Settings } from '../../settings/service.ts'
import type { Cancellations } from '../../subscriptions/cancel.service.ts'
import { isUsable, lifecycleAt } from '../../subscriptions/subscription.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import type { Look } from '../../webhooks/look.service.ts'
import { APPLIED, STRANGER, type Sync, type SyncResult } from '../../webhooks/sync.ts'
import { decideRemoval, parseRemovalPolicy, type RemovalPolicy } from './decide-removal.ts'
import { expiresAt, type PaymentMethod } from './payment-method.ts'
import * as store from './store.ts'

/** What a customer's payment methods are, fetched as a whole: one removed shows by its absence. */
interface FetchedMethods {
  readonly stripeCustomerId: string
  readonly defaultId: string | null
  readonly methods: readonly StripePaymentMethod[]
}

export type MethodNews =
  /** Another method will be charged from now on; what is unpaid may be tried again. */
  | { readonly kind: 'default_changed'; readonly method: PaymentMethod }
  | {
      readonly kind: 'last_removed'
      readonly method: PaymentMethod
      readonly dueAt: Instant | null
    }

/** Told inside the transaction in which a customer's methods change. */
export type MethodHook = (tx: Db, customer: Customer, news: MethodNews) => Promise<void>

interface MethodsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly cancellations: Cancellations
  readonly connections: Connections
  readonly jobs: Jobs
  readonly look: Look
  readonly settings: Settings
  readonly stripeCustomers: StripeCustomers
  readonly subscriptions: Subscriptions
}

export type PaymentMethods = ReturnType<typeof createPaymentMethods>

const ONLY_ONE = 'payment_method.only_one'
const MAX_DUE_PER_RUN = 200
/** Only which kinds of payment methods are offered follows from it, while nothing was ever invoiced. */
const DEFAULT_CURRENCY = 'usd'
const PAGE_LIFE_MS = 23 * HOUR_MS
const DEFAULT_POLICY: RemovalPolicy = { kind: 'notify' }

/** How customers pay: mirrored from Stripe, chosen and removed through it. */
export function createPaymentMethods(deps: MethodsDeps) {
  const { database, accounts, audit, cancellations, connections, jobs, settings } = deps
  const { look, stripeCustomers, subscriptions } = deps
  const hooks: MethodHook[] = []

  async function apply(
    tx: Db,
    connected: Connected,
    { stripeCustomerId, defaultId, methods }: FetchedMethods,
  ): Promise<SyncResult> {
    const { mode } = connected.scope
    const customerId = await stripeCustomers.find(connected, stripeCustomerId, tx)
    if (customerId === undefined) return STRANGER
    const customer = await accounts.lock(tx, mode, customerId)
    const now = accounts.now(customer)
    const before = await store.listMethods(tx, mode, customerId)
    const rows = methods.map((method) => ({
      id: newId('method', now),
      type: method.type,
      brand: method.brand,
      lastFour: method.lastFour,
      expiresMonth: method.expiresMonth,
      expiresYear: method.expiresYear,
      fingerprint: method.fingerprint,
      isDefault: method.id === defaultId || methods.length === 1,
      stripePaymentMethodId: method.id,
    }))
    await store.replaceMethods(tx, mode, customerId, rows, now)
    await followRemoval(tx, customer, before, await store.listMethods(tx, mode, customerId))
    // Stripe charges what it was told to; one that was saved because there was none is meant to be charged.
    const isOnlyOne = before.length === 0 && methods.length === 1 && defaultId === null
    if (isOnlyOne && (await paysByMethod(tx, customer))) {
      const key = `${mode}:${customerId}`
      await jobs.enqueue(tx, ONLY_ONE, { mode, customerId }, { key })
    }
    return APPLIED
  }

  async function followRemoval(
    tx: Db,
    customer: Customer,
    before: readonly PaymentMethod[],
    current: readonly PaymentMethod[],
  ): Promise<void> {
    const { mode, id } = customer
    const now = accounts.now(customer)
    const text = await settings.get(mode, 'payment.on_last_method_removed', tx)
    const decision = decideRemoval(
      {
        policy: parseRemovalPolicy(text ?? '') ?? DEFAULT_POLICY,
        usableBefore: usable(before, now).length,
        usableNow: usable(current, now).length,
        paysByMethod: await paysByMethod(tx, customer),
        deadline: await store.findDeadline(tx, mode, id),
        isSuspended: customer.suspensions.some(({ reason }) => reason === 'payment_method_removed'),
      },
      now,
    )
    const [lost] = before
    if (decision.kind === 'restore') await restore(tx, customer)
    if (decision.kind === 'suspend') {
      await accounts.suspendIn(tx, stripeCaller(mode), id, 'payment_method_removed', null)
    }
    const dueAt = decision.kind === 'wait' ? decision.dueAt : null
    if (dueAt !== null) await store.insertDeadline(tx, mode, id, { removedAt: now, dueAt })
    const isLost = decision.kind !== 'nothing' && decision.kind !== 'restore'
    if (isLost && lost !== undefined) {
      await tell(tx, customer, { kind: 'last_removed', method: lost, dueAt })
    }
    const method = current.find(({ isDefault }) => isDefault)
    const wasDefault = before.find(({ isDefault }) => isDefault)
    if (
      method !== undefined &&
      method.stripePaymentMethodId !== wasDefault?.stripePaymentMethodId
    ) {
      await tell(tx, customer, { kind: 'default_changed', method })
    }
  }

  async function restore(tx: Db, { mode, id }: Customer): Promise<void> {
    await store.deleteDeadline(tx, mode, id)
    await accounts.reinstateIn(tx, stripeCaller(mode), id, 'payment_method_removed')
  }

  async function paysByMethod(tx: Db, customer: Customer): Promise<boolean> {
    const open = await subscriptions.findOpen(customer.mode, customer.id, tx)
    if (open === undefined || open.collection !== 'charge_automatically') return false
    return open.engine !== 'offline' && isUsable(lifecycleAt(open, accounts.now(customer)))
  }

  async function tell(tx: Db, customer: Customer, news: MethodNews): Promise<void> {
    for (const hook of hooks) await hook(tx, customer, news)
  }

  const methodsSync: Sync<FetchedMethods> = {
    async fetch({ api }, stripeCustomerId) {
      const customer = await api.customers.find(stripeCustomerId)
      if (customer === undefined || customer.isDeleted) return undefined
      return {
        stripeCustomerId,
        defaultId: customer.defaultPaymentMethodId,
        methods: await api.payments.listMethods(stripeCustomerId),
      }
    },
    apply,
    gone: (tx, connected, stripeCustomerId) =>
      apply(tx, connected, { stripeCustomerId, defaultId: null, methods: [] }),
  }

  async function own(mode: Mode, customerId: string, methodId: string): Promise<PaymentMethod> {
    const methods = await store.listMethods(database.db, mode, customerId)
    const method = methods.find(({ id }) => id === methodId)
    if (method === undefined) throw notFound('payment method')
    return method
  }

  /** What Stripe charges from now on, for the subscription as well. */
  async function chargeWith(
    mode: Mode,
    customerId: string,
    { stripePaymentMethodId }: PaymentMethod,
  ): Promise<void> {
    const { api, scope } = await connections.stripe(mode)
    const stripeCustomerId = await stripeCustomerOf(scope, customerId)
    await api.customers.setDefaultMethod(stripeCustomerId, stripePaymentMethodId)
    const open = await subscriptions.findOpen(mode, customerId)
    const stripeSubscriptionId =
      open && (await connections.externalId(scope, 'subscription', open.id))
    if (stripeSubscriptionId !== undefined) {
      await api.subscriptions.setDefaultMethod(stripeSubscriptionId, stripePaymentMethodId)
    }
    await look(mode, methodsSync, stripeCustomerId)
  }

  jobs.handle(ONLY_ONE, async ({ payload }) => {
    const { mode, customerId } = payload as { mode: Mode; customerId: string }
    const [method, another] = await store.listMethods(database.db, mode, customerId)
    if (method !== undefined && another === undefined) await chargeWith(mode, customerId, method)
  })

  async function record(caller: Caller, action: string, customerId: string, method: PaymentMethod) {
    const { id, brand, lastFour } = method
    const target = { targetKind: 'payment_method', targetId: id, customerId }
    await database.transaction((tx) =>
      audit.record(tx, caller, { action, ...target, after: { brand, lastFour } }),
    )
  }

  return {
    methodsSync,

    onChange(hook: MethodHook): void {
      hooks.push(hook)
    },

    list: (mode: Mode, customerId: string, db: Db = database.db): Promise<PaymentMethod[]> =>
      store.listMethods(db, mode, customerId),

    /** Charged from now on, by the customer's subscription as well; what is unpaid is tried with it at once. */
    async makeDefault(caller: Caller, customerId: string, methodId: string): Promise<void> {
      const { mode } = caller
      const method = await own(mode, customerId, methodId)
      await chargeWith(mode, customerId, method)
      await record(caller, 'payment_method.made_default', customerId, method)
    },

    /** The address of Stripe's page on which another one is saved; it is here when Stripe reports it. */
    async add(
      caller: Caller,
      customerId: string,
      urls: { readonly successUrl: string; readonly cancelUrl: string },
    ): Promise<string> {
      const { mode } = caller
      const connected = await connections.stripe(mode)
      const customer = await accounts.get(mode, customerId)
      const stripeCustomerId = await stripeCustomers.ensure(connected, customer)
      const now = accounts.now(customer)
      const { url } = await connected.api.checkout.createForSetup({
        intentId: newId('method', now),
        stripeCustomerId,
        currency: customer.currency ?? DEFAULT_CURRENCY,
        expiresAt: now + PAGE_LIFE_MS,
        metadata: { farebox_customer: customerId },
        ...urls,
      })
      if (url === null) throw new Error('Stripe opened a page without an address')
      return url
    },

    /** Takes it off the customer in Stripe as well. */
    async remove(caller: Caller, customerId: string, methodId: string): Promise<void> {
      const { mode } = caller
      const method = await own(mode, customerId, methodId)
      const { api, scope } = await connections.stripe(mode)
      await api.payments.detachMethod(method.stripePaymentMethodId)
      await record(caller, 'payment_method.removed', customerId, method)
      await look(mode, methodsSync, await stripeCustomerOf(scope, customerId))
    },

    /** Ends what is paid for where another method was waited for in vain. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const customerId of await store.listOverdue(database.db, mode, now, MAX_DUE_PER_RUN)) {
        const open = await subscriptions.findOpen(mode, customerId)
        if (open !== undefined && open.engine !== 'offline' && open.endsAt === null) {
          await cancellations.cancel(systemCaller(mode), open.id, 'now')
        }
        await database.transaction((tx) => store.deleteDeadline(tx, mode, customerId))
      }
    },

    nextDue: (mode: Mode, after: Instant) => store.nextDeadline(database.db, mode, after),
  }

  async function stripeCustomerOf(scope: Connected['scope'], customerId: string): Promise<string> {
    const id = await connections.externalId(scope, 'customer', customerId)
    if (id === undefined) throw notFound('payment method')
    return id
  }
}

/** A card past its month cannot be charged any more. */
function usable(methods: readonly PaymentMethod[], now: Instant): PaymentMethod[] {
  return methods.filter((method) => (expiresAt(method) ?? Infinity) > now)
}
