import { AppError, notFound, refusalError } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import { HOUR_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { isFreePhase, type PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { CheckoutItem, CheckoutSession } from '../../stripe/checkout.ts'
import { APPLIED, type Sync } from '../webhooks/sync.ts'
import type { CheckoutIntent } from './purchases/checkout-intent.ts'
import { decideSubscribe, type SubscribeDecision } from './decide-subscribe.ts'
import type { Lifecycles } from './lifecycle.service.ts'
import type { Purchases } from './purchases/service.ts'
import * as store from './store.ts'
import type { StripePrices } from './stripe-prices.service.ts'
import type { Subscription } from './subscription.ts'

const MAX_CLOSING_PER_RUN = 1_000
/** Stripe keeps a draft for an hour, and up to three days while its webhook is not acknowledged. */
const LONGEST_DRAFT_MS = 74 * HOUR_MS
const CHECKOUT_LIFETIME_MS = 23 * HOUR_MS

export interface SubscribeInput {
  readonly customerId: string
  readonly planKey: string
  readonly currency?: string | undefined
  /** Where Stripe sends the customer afterwards; `{intent}` becomes the intent's id. */
  readonly successUrl: string
  readonly cancelUrl: string
}

export type SubscribeResult =
  | { readonly kind: 'active'; readonly subscription: Subscription }
  | { readonly kind: 'checkout'; readonly intentId: string; readonly url: string }

interface SubscriptionsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly connections: Connections
  readonly stripeCustomers: StripeCustomers
  readonly lifecycles: Lifecycles
  readonly purchases: Purchases
  readonly stripePrices: StripePrices
}

type CardSavedHook = (tx: Db, mode: Mode, intentId: string) => Promise<void>

export type Subscriptions = ReturnType<typeof createSubscriptions>

export function createSubscriptions(deps: SubscriptionsDeps) {
  const { database, accounts, audit, catalog, connections } = deps
  const { lifecycles, purchases, stripeCustomers, stripePrices } = deps
  const cardSavedHooks: CardSavedHook[] = []

  async function decide(tx: Db, customer: Customer, input: SubscribeInput) {
    const { mode } = customer
    const version = await catalog.getActive(mode, input.planKey, tx)
    const decision = decideSubscribe({
      customer,
      version,
      currency: input.currency,
      open: await store.findOpen(tx, mode, customer.id),
      isInvited: false,
      now: accounts.now(customer),
    })
    if (decision.kind === 'refused') throw refusalError(decision)
    return { version, decision }
  }

  /** The intent of this purchase: the open one when it is for the same thing, else a new one in its place. */
  async function writeIntent(
    tx: Db,
    caller: Caller,
    customer: Customer,
    version: PlanVersion,
    decision: Extract<SubscribeDecision, { kind: 'checkout' }>,
  ): Promise<{ intent: CheckoutIntent; replaced: CheckoutIntent | undefined }> {
    const now = accounts.now(customer)
    const open = await purchases.findOpen(customer.mode, customer.id, tx)
    const isSame = open?.planVersionId === version.id && open.currency === decision.currency
    if (open !== undefined && isSame && now < open.expiresAt)
      return { intent: open, replaced: undefined }
    if (open !== undefined) await purchases.update(tx, customer.mode, open.id, { state: 'expired' })
    const intent: CheckoutIntent = {
      id: newId('intent', now),
      customerId: customer.id,
      planVersionId: version.id,
      currency: decision.currency,
      kind: decision.mode,
      state: 'open',
      stripeSessionId: null,
      url: null,
      subscriptionId: null,
      createdAt: now,
      expiresAt: now + CHECKOUT_LIFETIME_MS,
    }
    await purchases.insert(tx, customer.mode, intent)
    await audit.record(tx, caller, {
      action: 'checkout.started',
      targetKind: 'plan',
      targetId: version.planKey,
      customerId: customer.id,
      after: { intentId: intent.id },
    })
    return { intent, replaced: open }
  }

  async function openSession(
    connected: Connected,
    customer: Customer,
    version: PlanVersion,
    intent: CheckoutIntent,
    trialEndsAt: Instant | null,
    input: SubscribeInput,
  ): Promise<string> {
    if (intent.url !== null) return intent.url
    const { checkout } = connected.api
    const session = {
      intentId: intent.id,
      successUrl: input.successUrl.replace('{intent}', intent.id),
      cancelUrl: input.cancelUrl.replace('{intent}', intent.id),
      expiresAt: intent.expiresAt,
      metadata: {
        farebox_intent: intent.id,
        farebox_customer: customer.id,
        farebox_plan_version: version.id,
      },
    }
    const items = intent.kind === 'setup' ? [] : await itemsOf(connected, version, intent.currency)
    const { id, url } = await stripeCustomers.using(connected, customer, (stripeCustomerId) =>
      intent.kind === 'setup'
        ? checkout.createForSetup({ ...session, stripeCustomerId, currency: intent.currency })
        : checkout.createForSubscription({
            ...session,
            stripeCustomerId,
            items,
            trialEndsAt,
            isCardRequired: version.definition.isPaymentMethodRequired,
          }),
    )
    if (url === null)
      throw new AppError('stripe_rejected', { message: 'The session has no address' })
    await purchases.update(database.db, customer.mode, intent.id, { stripeSessionId: id, url })
    return url
  }

  async function itemsOf(
    { scope }: Connected,
    version: PlanVersion,
    currency: string,
  ): Promise<CheckoutItem[]> {
    const { planKey, definition } = version
    const phase = definition.phases.find((candidate) => !isFreePhase(candidate))
    if (phase === undefined) throw new AppError('plan_not_mirrored', { plan: planKey })
    const prices = await stripePrices.of(scope, version, phase, currency)
    return prices.map(({ priceId, isMetered }) => ({ priceId, quantity: isMetered ? null : 1 }))
  }

  /** An expired session ends its intent; a completed one is waiting for its subscription, which closes it. */
  const checkoutSync: Sync<CheckoutSession> = {
    fetch: ({ api }, id) => api.checkout.find(id),
    async apply(tx, { scope }, session) {
      const intent = await purchases.find(scope.mode, session.intentId ?? '', tx)
      if (intent === undefined) return { kind: 'ignored', why: 'the session is none of ours' }
      if (session.state === 'expired' && intent.state === 'open') {
        await purchases.update(tx, scope.mode, intent.id, { state: 'expired' })
      }
      const isSaved = session.state === 'complete' && intent.kind === 'setup'
      if (isSaved && intent.state === 'open') {
        for (const hook of cardSavedHooks) await hook(tx, scope.mode, intent.id)
      }
      return APPLIED
    },
  }

  return {
    checkoutSync,

    /** A page that only saves a card has done so; who begins what was bought is told in the transaction. */
    onCardSaved(hook: CardSavedHook): void {
      cardSavedHooks.push(hook)
    },

    /**
     * Periods are closed by their final invoice. One that never gets one, such as a trial's, is closed when Stripe would
     * not hold an invoice back any longer and has all of its usage.
     */
    async closePeriods(
      mode: Mode,
      now: Instant,
      hasPending: (subscriptionId: string) => Promise<boolean>,
    ): Promise<void> {
      const before = now - LONGEST_DRAFT_MS
      const closing = await store.listClosing(database.db, mode, before, MAX_CLOSING_PER_RUN)
      for (const { id, subscriptionId, endsAt } of closing) {
        if (await hasPending(subscriptionId)) continue
        await store.updatePeriod(database.db, mode, id, { state: 'closed', closedAt: endsAt })
      }
    },

    async get(mode: Mode, id: string, db: Db = database.db): Promise<Subscription> {
      const subscription = await store.find(db, mode, id)
      if (subscription === undefined) throw notFound('subscription')
      return subscription
    },

    find: (mode: Mode, id: string, db: Db = database.db) => store.find(db, mode, id),
    findOpen: (mode: Mode, customerId: string, db: Db = database.db) =>
      store.findOpen(db, mode, customerId),
    findLatest: (mode: Mode, customerId: string, db: Db = database.db) =>
      store.findLatest(db, mode, customerId),

    list(
      mode: Mode,
      filter: store.SubscriptionFilter,
      page: PageRequest,
    ): Promise<Page<Subscription>> {
      return store.list(database.db, mode, filter, page)
    },

    /** The next instant at which something is due for someone on a time line. */
    nextBoundary: (mode: Mode, testClockId: string | null, after: Instant) =>
      store.nextBoundary(database.db, mode, testClockId, after),

    /** Subscriptions we bill ourselves with a period or a life that is over. */
    listDue: (mode: Mode, testClockId: string | null, now: Instant, limit: number) =>
      store.listDue(database.db, mode, testClockId, now, limit),

    countDue: (mode: Mode, testClockId: string | null, now: Instant) =>
      store.countDue(database.db, mode, testClockId, now),

    countOpen: (mode: Mode) => store.countOpen(database.db, mode),

    periods: (mode: Mode, subscriptionId: string) =>
      store.listPeriods(database.db, mode, subscriptionId),

    /** What became of a purchase; somebody else's looks like none. */
    async intent(mode: Mode, customerId: string, id: string): Promise<CheckoutIntent> {
      const intent = await purchases.find(mode, id)
      if (intent === undefined || intent.customerId !== customerId) throw notFound('checkout')
      return intent
    },

    /**
     * Free plans start at once. Paid ones get an intent row, then a Checkout Session keyed by it; what Stripe reports
     * about the session starts the subscription. Asking twice gives the same session.
     */
    async subscribe(caller: Caller, input: SubscribeInput): Promise<SubscribeResult> {
      const { mode } = caller
      const outcome = await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, input.customerId)
        const { version, decision } = await decide(tx, customer, input)
        if (decision.kind === 'activate') {
          const subscription = await lifecycles.startLocally(
            tx,
            caller,
            customer,
            version,
            decision.currency,
          )
          return { kind: 'active' as const, subscription }
        }
        const written = await writeIntent(tx, caller, customer, version, decision)
        return { kind: 'checkout' as const, customer, version, decision, ...written }
      })
      if (outcome.kind === 'active') return outcome
      const { customer, version, decision, intent, replaced } = outcome
      const connected = await connections.stripe(mode)
      if (replaced?.stripeSessionId) {
        // The customer may still have the old page open; paying there must not buy a second plan.
        await connected.api.checkout.expire(replaced.stripeSessionId).catch(() => undefined)
      }
      const url = await openSession(
        connected,
        customer,
        version,
        intent,
        decision.trialEndsAt,
        input,
      )
      return { kind: 'checkout', intentId: intent.id, url }
    },
  }
}
