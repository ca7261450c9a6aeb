import { newId } from '../../kit/id.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { StripeInvoice } from '../../stripe/invoices.ts'
import type { StripeSubscription } from '../../stripe/subscriptions.ts'
import type { Accounts } from '../accounts/service.ts'
import { type Caller, stripeCaller } from '../audit/caller.ts'
import { isFreePhase, type PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Coupons } from '../coupons/service.ts'
import { trialEnd } from '../subscriptions/decide-subscribe.ts'
import { type Lifecycles, openingPhase } from '../subscriptions/lifecycle.service.ts'
import type { CheckoutIntent } from '../subscriptions/purchases/checkout-intent.ts'
import type { Purchases } from '../subscriptions/purchases/service.ts'
import type { StripePrices } from '../subscriptions/stripe-prices.service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import type { Trials } from '../trials/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import { firstCalendarPeriod } from './billing-rule.ts'
import type { DueDates } from './due-dates.service.ts'
import type { OwnBilling } from './own-billing.service.ts'
import { billingPeriodAt, termsOfPurchase } from './terms.ts'

interface PurchasesDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly coupons: Coupons
  readonly database: Database
  readonly dueDates: DueDates
  readonly invoiceSync: Sync<StripeInvoice>
  readonly jobs: Jobs
  readonly lifecycles: Lifecycles
  readonly look: Look
  readonly ownBilling: OwnBilling
  readonly purchases: Purchases
  readonly stripeCustomers: StripeCustomers
  readonly stripePrices: StripePrices
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<StripeSubscription>
  readonly trials: Trials
}

const QUEUE = 'purchase.begin'

/**
 * Purchases that no payment page begins. What a page only saved a card for begins once Stripe reports the card saved;
 * what is paid by invoice begins at once. Either is a job that is enqueued with what it follows from, so that it happens
 * whoever dies in between.
 */
export function startPurchases(deps: PurchasesDeps): void {
  const { accounts, catalog, connections, coupons, database, dueDates, invoiceSync } = deps
  const { jobs, lifecycles } = deps
  const { look, ownBilling, purchases, stripeCustomers, stripePrices, subscriptions } = deps
  const { subscriptionSync, trials } = deps

  subscriptions.onBeginning(async (tx, mode, intentId) => {
    await jobs.enqueue(tx, QUEUE, { mode, intentId }, { key: `${mode}:${intentId}` })
  })

  subscriptions.beginInvoicedBy({ here: begin, inStripe: beginInvoiced, show: ownBilling.showDue })

  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, intentId } = payload as { mode: Mode; intentId: string }
    const intent = await purchases.find(mode, intentId)
    if (intent?.kind === 'invoice') await beginInvoiced(mode, intentId)
    else if (intent?.state === 'open' && intent.stripeSessionId !== null)
      await beginWithCard(intent, intent.stripeSessionId, mode)
  })

  /** Asked twice it is one subscription, whichever of the two is answered first. */
  async function beginInvoiced(mode: Mode, intentId: string): Promise<void> {
    const intent = await purchases.find(mode, intentId)
    // Stripe's event may have been the first to tell of it; its invoice is still to be made final.
    if (intent?.state !== 'open' && intent?.state !== 'completed') return
    const connected = await connections.stripe(mode)
    const version = await catalog.getVersion(mode, intent.planVersionId)
    const customer = await accounts.get(mode, intent.customerId)
    const hasTrial = await mayTry(mode, intent, version, null)
    await stripeCustomers.using(connected, customer, (stripeCustomerId) =>
      beginInStripe(connected, intent, version, { methodId: null, stripeCustomerId, hasTrial }),
    )
  }

  async function beginWithCard(
    intent: CheckoutIntent,
    stripeSessionId: string,
    mode: Mode,
  ): Promise<void> {
    const connected = await connections.stripe(mode)
    const session = await connected.api.checkout.find(stripeSessionId)
    const methodId = session?.savedMethodId ?? null
    const stripeCustomerId = session?.stripeCustomerId ?? null
    if (methodId === null || stripeCustomerId === null) return
    await connected.api.customers.setDefaultMethod(stripeCustomerId, methodId)
    const version = await catalog.getVersion(mode, intent.planVersionId)
    const methods = await connected.api.payments.listMethods(stripeCustomerId)
    const fingerprint = methods.find(({ id }) => id === methodId)?.fingerprint ?? null
    const hasTrial = await mayTry(mode, intent, version, fingerprint)
    if (version.definition.engine === 'stripe_subscription') {
      await beginInStripe(connected, intent, version, { methodId, stripeCustomerId, hasTrial })
    } else {
      await beginHere(mode, intent, hasTrial)
    }
  }

  async function mayTry(
    mode: Mode,
    { customerId, createdAt }: CheckoutIntent,
    { definition }: PlanVersion,
    fingerprint: string | null,
  ): Promise<boolean> {
    if (trialEnd(definition.phases, createdAt) === null) return false
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      return !(await trials.isUsed(tx, mode, customerId, fingerprint, now))
    })
  }

  async function beginInStripe(
    connected: Connected,
    intent: CheckoutIntent,
    version: PlanVersion,
    {
      methodId,
      stripeCustomerId,
      hasTrial,
    }: { methodId: string | null; stripeCustomerId: string; hasTrial: boolean },
  ): Promise<void> {
    const { api, scope } = connected
    const { phases } = version.definition
    const phase = phases.find((candidate) => !isFreePhase(candidate))
    if (phase === undefined) return
    const prices = await stripePrices.of(scope, { version, phase }, intent.currency)
    // Asked again it must be the same request, so nothing in it may depend on the time of asking.
    const trialEndsAt = hasTrial ? trialEnd(phases, intent.createdAt) : null
    const collection = await dueDates.ofPlan(scope.mode, version.definition)
    const isSent = collection.method === 'send_invoice'
    const made = await madeFor(connected, intent, stripeCustomerId)
    const { id, latestInvoiceId } =
      made ??
      (await api.subscriptions.create(
        {
          stripeCustomerId,
          items: prices
            .filter(({ isOnce }) => !isOnce)
            .map(({ priceId, isMetered }) => ({ priceId, quantity: isMetered ? null : 1 })),
          oneTimePriceIds: isSent
            ? prices.filter(({ isOnce }) => isOnce).map(({ priceId }) => priceId)
            : [],
          collection,
          paymentMethodId: methodId,
          billsFrom: null,
          trialEndsAt,
          calendarStart:
            trialEndsAt === null ? firstCalendarPeriod(version.definition, intent.createdAt) : null,
          couponIds:
            intent.couponKey === null ? [] : [await coupons.stripeId(connected, intent.couponKey)],
          metadata: {
            farebox_intent: intent.id,
            farebox_customer: intent.customerId,
            farebox_plan_version: version.id,
          },
        },
        `${intent.id}:begin`,
      ))
    await look(scope.mode, subscriptionSync, id)
    if (isSent && latestInvoiceId !== null) await issueFirst(connected, latestInvoiceId)
  }

  /** Stripe would keep it a draft for an hour; who has just bought something shall see what it costs. */
  async function issueFirst({ api, scope }: Connected, stripeInvoiceId: string): Promise<void> {
    const invoice = await api.invoices.find(stripeInvoiceId)
    if (invoice?.reason !== 'subscription_create') return
    await api.invoices.finalize(invoice.id, true)
    await look(scope.mode, invoiceSync, invoice.id)
  }

  /** Keys are forgotten after a day; what an earlier try has made is found by whom it is for. */
  async function madeFor(
    { api }: Connected,
    { id, kind }: CheckoutIntent,
    stripeCustomerId: string,
  ) {
    if (kind !== 'invoice') return undefined
    const all = await api.subscriptions.listOfCustomer(stripeCustomerId)
    return all.find(({ metadata }) => metadata['farebox_intent'] === id)
  }

  async function beginHere(
    mode: Mode,
    { id: intentId, customerId }: CheckoutIntent,
    hasTrial: boolean,
  ): Promise<void> {
    await database.transaction(async (tx) => {
      await accounts.lock(tx, mode, customerId)
      const intent = await purchases.find(mode, intentId, tx)
      if (intent?.state === 'open') await begin(tx, stripeCaller(mode), intent, hasTrial)
    })
    await ownBilling.showDue(mode)
  }

  /** Begins what we bill ourselves, with its first invoice. The customer is locked. */
  async function begin(
    tx: Db,
    caller: Caller,
    { id: intentId, customerId, currency, planVersionId }: CheckoutIntent,
    hasTrial: boolean,
  ): Promise<Subscription> {
    const { mode } = caller
    const customer = await accounts.get(mode, customerId, tx)
    const version = await catalog.getVersion(mode, planVersionId, tx)
    const now = accounts.now(customer)
    const startsAt = now - (now % SECOND_MS)
    const phaseKey = openingPhase(version, hasTrial)
    const terms = termsOfPurchase(version, startsAt, customer.timeZone, phaseKey)
    const period = billingPeriodAt(terms, startsAt)
    const [first] = terms
    if (period === undefined || first === undefined) {
      throw new RangeError(`${version.planKey} has no period to begin with`)
    }
    await accounts.fixCurrency(tx, customer, currency)
    const id = newId('subscription', now)
    const start = { id, currency, billingAnchor: first.billingAnchor, period, phaseKey }
    const subscription = await lifecycles.startOwn(tx, caller, customer, version, start)
    await purchases.complete(tx, mode, intentId, { subscriptionId: id, startsAt })
    // Who pays by invoice has access before they have paid it.
    const isSent = subscription.collection === 'send_invoice'
    if (isSent) await lifecycles.activate(tx, caller, subscription)
    const dueMinor = await ownBilling.bill(tx, caller, customer, subscription)
    if (!isSent && dueMinor <= 0n) await lifecycles.activate(tx, caller, subscription)
    return subscriptions.get(mode, id, tx)
  }
}
