import { AppError, notFound, refusalError } from '../../errors.ts'
import { invariant } from '../../kit/assert.ts'
import { HOUR_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connections } from '../connections/service.ts'
import type { CheckoutSession } from '../../stripe/checkout.ts'
import { APPLIED, type Sync } from '../webhooks/sync.ts'
import type { CheckoutIntent } from './purchases/checkout-intent.ts'
import type { Checkouts, ReturnUrls } from './checkouts.service.ts'
import { decideSubscribe } from './decide-subscribe.ts'
import type { InvitedPlans } from '../invitations/invited-plans.service.ts'
import type { Trials } from '../trials/service.ts'
import type { Lifecycles } from './lifecycle.service.ts'
import type { Purchases } from './purchases/service.ts'
import * as store from './store.ts'
import type { Subscription } from './subscription.ts'

const MAX_CLOSING_PER_RUN = 1_000
/** Stripe keeps a draft for an hour, and up to three days while its webhook is not acknowledged. */
const LONGEST_DRAFT_MS = 74 * HOUR_MS

export interface SubscribeInput extends ReturnUrls {
  readonly customerId: string
  readonly planKey: string
  readonly currency?: string | undefined
  /** What the customer typed in, if anything. */
  readonly promotionCode?: string | undefined
}

export type SubscribeResult =
  | { readonly kind: 'active'; readonly subscription: Subscription }
  | { readonly kind: 'checkout'; readonly intentId: string; readonly url: string }

interface SubscriptionsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly checkouts: Checkouts
  readonly invitedPlans: InvitedPlans
  readonly lifecycles: Lifecycles
  readonly purchases: Purchases
  readonly trials: Trials
}

type BeginningHook = (tx: Db, mode: Mode, intentId: string) => Promise<void>

/** Who makes invoices begins what is invoiced and paid afterwards. */
export interface Beginnings {
  /** What we bill. The customer is locked. */
  readonly here: (
    tx: Db,
    caller: Caller,
    intent: CheckoutIntent,
    hasTrial: boolean,
  ) => Promise<Subscription>
  /** Makes Stripe show what was begun here. */
  readonly show: (mode: Mode) => Promise<void>
  /** What Stripe bills. */
  readonly inStripe: (mode: Mode, intentId: string) => Promise<void>
}

export type Subscriptions = ReturnType<typeof createSubscriptions>

export function createSubscriptions(deps: SubscriptionsDeps) {
  const { database, accounts, catalog, checkouts, connections } = deps
  const { invitedPlans, lifecycles, purchases, trials } = deps
  const beginningHooks: BeginningHook[] = []
  let beginnings: Beginnings | undefined

  async function decide(
    tx: Db,
    customer: Customer,
    input: Omit<SubscribeInput, keyof ReturnUrls>,
    isOperators = false,
  ) {
    const { mode } = customer
    const version = await catalog.getActive(mode, input.planKey, tx)
    // Operators sell whom they like whatever they like.
    const isOffered = isOperators || (await invitedPlans.isOpenTo(mode, version, customer.id, tx))
    const decision = decideSubscribe({
      customer,
      version,
      currency: input.currency,
      open: await store.findOpen(tx, mode, customer.id),
      isOffered,
      isTrialUsed: (await trials.find(mode, customer.id, tx)) !== undefined,
      now: accounts.now(customer),
    })
    if (decision.kind === 'refused') throw refusalError(decision)
    const { promotionCode } = input
    if (decision.kind === 'activate' && promotionCode !== undefined) {
      const reason = 'The plan is free.'
      throw new AppError('coupon_not_applicable', { promotionCode, reason })
    }
    return { version, decision }
  }

  /** The customer may still have the old page open; paying there must not buy a second plan. */
  async function expireSession(mode: Mode, stripeSessionId: string): Promise<void> {
    const { api } = await connections.stripe(mode)
    await api.checkout.expire(stripeSessionId).catch(() => undefined)
  }

  /** Whoever has paid on one page, and nobody has heard of it yet, must not be shown another. */
  async function refuseSecondPurchase(mode: Mode, customerId: string): Promise<void> {
    const open = await purchases.findOpen(mode, customerId, database.db)
    if (!open?.stripeSessionId) return
    const { api } = await connections.stripe(mode)
    const session = await api.checkout.find(open.stripeSessionId)
    if (session?.state !== 'complete') return
    const { planKey } = await catalog.getVersion(mode, open.planVersionId)
    throw new AppError('has_subscription', { plan: planKey })
  }

  function beginner(): Beginnings {
    invariant(beginnings !== undefined, 'somebody begins what is invoiced')
    return beginnings
  }

  /** What we bill begins with the purchase; Stripe is asked afterwards, by a job if need be. */
  async function beginInvoiced(
    tx: Db,
    caller: Caller,
    intent: CheckoutIntent,
    { definition }: PlanVersion,
    { trialEndsAt }: { readonly trialEndsAt: Instant | null },
  ): Promise<void> {
    if (definition.engine === 'stripe_subscription') {
      for (const hook of beginningHooks) await hook(tx, caller.mode, intent.id)
    } else {
      await beginner().here(tx, caller, intent, trialEndsAt !== null)
    }
  }

  async function begun(
    mode: Mode,
    intentId: string,
    { definition: { engine } }: PlanVersion,
  ): Promise<Subscription> {
    if (engine === 'stripe_subscription') await beginner().inStripe(mode, intentId)
    if (engine === 'stripe_invoice') await beginner().show(mode)
    const intent = await purchases.find(mode, intentId)
    const id = intent?.subscriptionId ?? null
    const subscription = id === null ? undefined : await store.find(database.db, mode, id)
    // Stripe has it, and what it reports begins it here.
    if (subscription === undefined) throw new AppError('stripe_unavailable', {})
    return subscription
  }

  /** An expired session ends its intent; a completed one is waiting for its subscription, which closes it. */
  const checkoutSync: Sync<CheckoutSession> = {
    fetch: ({ api }, id) => api.checkout.find(id),
    async apply(tx, { scope }, session) {
      const intent = await purchases.find(scope.mode, session.intentId ?? '', tx)
      if (intent === undefined) return { kind: 'ignored', why: 'the session is none of ours' }
      if (session.state === 'expired' && intent.state === 'open') {
        await purchases.expire(tx, scope.mode, intent.id)
      }
      const isSaved = session.state === 'complete' && intent.kind === 'setup'
      if (isSaved && intent.state === 'open') {
        for (const hook of beginningHooks) await hook(tx, scope.mode, intent.id)
      }
      return APPLIED
    },
  }

  return {
    checkoutSync,

    /** What subscribing would do; throws what it would. */
    decide: (customer: Customer, input: Omit<SubscribeInput, keyof ReturnUrls>) =>
      decide(database.db, customer, input),

    /**
     * What was bought may begin: a page has saved a card, or nothing is paid before. Who begins it is told in the
     * transaction.
     */
    onBeginning(hook: BeginningHook): void {
      beginningHooks.push(hook)
    },

    beginInvoicedBy(fresh: Beginnings): void {
      beginnings = fresh
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

    listResuming: (mode: Mode, now: Instant, limit: number) =>
      store.listResuming(database.db, mode, now, limit),

    /** Those whose trial ends after an instant, the next first. */
    trialsEnding: (mode: Mode, after: Instant, limit: number) =>
      store.trialsEnding(database.db, mode, after, limit),

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
     * Free plans start at once, and so does what is paid by invoice. Other paid ones get an intent row, then a Checkout
     * Session keyed by it; what Stripe reports about the session starts the subscription. Asking twice gives the same
     * session.
     */
    async subscribe(caller: Caller, input: SubscribeInput): Promise<SubscribeResult> {
      const { mode } = caller
      await refuseSecondPurchase(mode, input.customerId)
      const outcome = await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, input.customerId)
        const { version, decision } = await decide(
          tx,
          customer,
          input,
          caller.actor.kind === 'operator',
        )
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
        const { promotionCode } = input
        const written = await checkouts.writeIntent(
          tx,
          caller,
          customer,
          version,
          decision,
          promotionCode,
        )
        if (decision.mode === 'invoice') {
          await beginInvoiced(tx, caller, written.intent, version, decision)
        }
        return { kind: 'checkout' as const, customer, version, decision, ...written }
      })
      if (outcome.kind === 'active') return outcome
      const { customer, version, decision, intent, replaced } = outcome
      if (replaced?.stripeSessionId) await expireSession(mode, replaced.stripeSessionId)
      if (decision.mode === 'invoice') {
        return { kind: 'active', subscription: await begun(mode, intent.id, version) }
      }
      const connected = await connections.stripe(mode)
      const url = await checkouts.openSession(
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
