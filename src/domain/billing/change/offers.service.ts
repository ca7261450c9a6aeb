import { AppError } from '../../../errors.ts'
import { invariant } from '../../../kit/assert.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import type { ChangeCredit, StripeChange } from '../../../stripe/subscription-changes.ts'
import type { HeldAddOn } from '../../catalog/add-ons.ts'
import { isFreePhase, isInvoiced, phaseOf, type PlanVersion } from '../../catalog/plan.ts'
import type { Publishing } from '../../catalog/publish.service.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { ChangeWay } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import {
  changedCollection,
  decideStripeChange,
  phaseInStripe,
} from '../../subscriptions/changes/stripe-change.ts'
import { isOverriding, type SubscriptionOverrides } from '../../subscriptions/overrides.ts'
import type { Purchases } from '../../subscriptions/purchases/service.ts'
import type { StripePrices } from '../../subscriptions/stripe-prices.service.ts'
import { asksForNothing } from '../../subscriptions/decide-subscribe.ts'
import {
  isBilledByUs,
  isWithoutCharges,
  type Subscription,
} from '../../subscriptions/subscription.ts'
import type { DueDates } from '../due-dates.service.ts'
import type { FirstInvoices } from '../first-invoices.service.ts'
import type { OfflineInvoices } from '../offline-invoices.service.ts'
import type { Rating } from '../rating.service.ts'
import { isOpenedHereAt } from '../terms.ts'
import { isTrialTerm } from './change-terms.ts'
import { type ChangeInvoice, hashOffer, invoiceOfLines, invoiceOfStripe } from './change-invoice.ts'
import type { QuotedChange, RefusedChange } from './change-quote.ts'
import type { Quoted, Quotes } from './quotes.service.ts'

/** A quote together with who carries it out and what will be invoiced for it. */
export interface Offer {
  readonly quote: QuotedChange
  readonly way: ChangeWay
  readonly invoice: ChangeInvoice | null
  readonly isTrial: boolean
  readonly hash: string
}

export interface OfferRequest {
  readonly target: PlanVersion
  /** What there is on top of it afterwards. */
  readonly addOns: readonly HeldAddOn[]
  readonly timing: 'auto' | 'immediate' | 'at_period_end'
  readonly at: Instant
  /** Given where it is not another plan but other terms of the same one. */
  readonly overrides?: SubscriptionOverrides | undefined
  /** Redeemed where the change is a purchase. */
  readonly promotionCode?: string | undefined
}

/** How a change is asked of Stripe, worked out from what the subscription consists of now. */
export interface StripeRequest {
  readonly stripeId: string
  /** A schedule has it: Stripe previews nothing but that schedule then. */
  readonly isManaged: boolean
  readonly change: StripeChange
  readonly credit: ChangeCredit | null
}

interface OffersDeps {
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly dueDates: DueDates
  readonly firstInvoices: FirstInvoices
  readonly log: Log
  readonly offlineInvoices: OfflineInvoices
  readonly publishing: Pick<Publishing, 'agree'>
  readonly purchases: Purchases
  readonly quotes: Quotes
  readonly rating: Rating
  readonly stripePrices: StripePrices
}

export type Offers = ReturnType<typeof createOffers>

/** What a change of plan would do and cost. Asked again with the same instant it is the same, or has another hash. */
export function createOffers(deps: OffersDeps) {
  const { catalog, changes, connections, database, dueDates, firstInvoices, log } = deps
  const { offlineInvoices, publishing, purchases, quotes, rating, stripePrices } = deps

  async function stripeRequest(
    connected: Connected,
    subscription: Subscription,
    target: PlanVersion,
    { quote, isTrial }: Pick<Offer, 'quote' | 'isTrial'>,
    db: Db = database.db,
  ): Promise<StripeRequest> {
    const { scope, api } = connected
    const stripeId = await connections.externalId(scope, 'subscription', subscription.id, db)
    const stripe = stripeId === undefined ? undefined : await api.subscriptions.find(stripeId)
    if (!stripe) throw new AppError('stripe_object_missing', { message: 'subscription' })
    const phase = phaseInStripe(target.definition, quote.after)
    const addOns = await catalog.held(subscription.mode, quote.basis.addOns, db)
    const sold = { version: target, phase, addOns }
    const prices = await stripePrices.of(scope, sold, subscription.currency, db)
    const isOverride = quote.cause === 'override'
    const collection = await dueDates.ofPlan(subscription.mode, target.definition, db)
    const isInTrial = isOverride && isFreePhase(phaseOf(target.definition, quote.after.phaseKey))
    const change = decideStripeChange({
      items: await changes.knownItems(connected, stripe, db),
      // Neither other terms, other add-ons nor a migration to the next version charges the set-up fee again.
      wanted: prices.filter(({ isOnce }) => quote.cause === 'change' || !isOnce),
      policy: isInTrial ? { ...quote.policy, mode: 'none' } : quote.policy,
      at: quote.effectiveAt,
      isTrial,
      waitsForPayment:
        collection.method === 'charge_automatically' &&
        !isOverride &&
        (quote.payment.kind === 'before_change' || quote.direction !== 'downgrade'),
      collection: changedCollection(stripe, collection),
    })
    const credit = creditOf(quote, isTrial)
    return { stripeId: stripe.id, isManaged: stripe.scheduleId !== null, change, credit }
  }

  async function invoiceInStripe(
    subscription: Subscription,
    target: PlanVersion,
    offer: Pick<Offer, 'quote' | 'isTrial'>,
  ): Promise<ChangeInvoice | null> {
    if (offer.quote.timing !== 'immediate') return null
    const connected = await connections.stripe(subscription.mode)
    const asked = await stripeRequest(connected, subscription, target, offer)
    const { change, stripeId } = asked
    if (!change.prorates && !change.resetsAnchor && !change.endsTrial) return null
    if (change.items.every((item) => item.kind === 'add' && item.isMetered)) return null
    if (asked.isManaged) return invoiceOfManaged(connections, subscription, offer.quote)
    const stripe = await connected.api.subscriptionChanges.preview(stripeId, change, asked.credit)
    const ours = offer.quote.invoice?.subtotalMinor ?? 0n
    if (stripe.subtotalMinor !== ours) {
      const amounts = { ours: String(ours), theirs: String(stripe.subtotalMinor) }
      log.warn('change.preview_differs', { subscriptionId: subscription.id, ...amounts })
    }
    return invoiceOfStripe(stripe)
  }

  /** A plan without charges is left for the first invoice of the other, whole: nothing is there to be prorated. */
  async function invoiceOfPurchase(
    { currency }: Subscription,
    version: PlanVersion,
    { contract: { customer } }: Quoted,
    at: Instant,
    promotionCode: string | undefined,
  ): Promise<ChangeInvoice | null> {
    const coupon =
      promotionCode === undefined
        ? null
        : await purchases.couponOf({ customer, promotionCode, version, currency })
    return firstInvoices.of({ customer, version, currency, coupon, at })
  }

  /** Stripe gives back by time what it ends at once. Where the plan gives back otherwise, it ends with its period. */
  async function leavingTiming(
    subscription: Subscription,
    timing: OfferRequest['timing'],
    at: Instant,
    db: Db,
  ): Promise<'immediate' | 'at_period_end'> {
    const { mode, planVersionId } = subscription
    const { definition } = await catalog.getVersion(mode, planVersionId, db)
    if (await isOpenedHere(subscription, at, db)) return 'at_period_end'
    const givesByTime =
      definition.proration.mode === 'time_based' || definition.proration.mode === 'full_reset'
    return timing === 'immediate' && givesByTime ? 'immediate' : 'at_period_end'
  }

  async function wayOf(
    subscription: Subscription,
    target: PlanVersion,
    at: Instant,
    db: Db,
  ): Promise<ChangeWay> {
    const { definition } = target
    if (staysOn(subscription, target)) return wayOfAddOns(subscription, target, at, db)
    const isFree = asksForNothing(definition)
    if (isWithoutCharges(subscription)) return isFree ? 'here' : 'checkout'
    if (isFree) return 'leave'
    const isStripes = subscription.engine === 'stripe_subscription'
    const isInStripe = isStripes && definition.engine === 'stripe_subscription'
    return isInStripe && !(await isOpenedHere(subscription, at, db)) ? 'in_stripe' : 'here'
  }

  async function wayOfAddOns(
    subscription: Subscription,
    { planKey }: PlanVersion,
    at: Instant,
    db: Db,
  ): Promise<ChangeWay> {
    const why = isWithoutCharges(subscription)
      ? 'The plan is free, and nothing bills it.'
      : (await isOpenedHere(subscription, at, db))
        ? 'Stripe bills the plan from its next period on; add it then.'
        : null
    if (why !== null) throw new AppError('add_on_not_available', { addOn: planKey, reason: why })
    return subscription.engine === 'stripe_subscription' ? 'in_stripe' : 'here'
  }

  async function isOpenedHere(subscription: Subscription, at: Instant, db: Db): Promise<boolean> {
    return isOpenedHereAt((await rating.contractOf(subscription, db)).terms, at)
  }

  /** Ours to make. What Stripe keeps as the customer's balance comes off what it collects, as it does off any invoice. */
  async function invoiceHere(
    { mode, customerId, currency }: Subscription,
    { definition: { engine } }: PlanVersion,
    { timing, invoice }: QuotedChange,
    db: Db,
  ): Promise<ChangeInvoice | null> {
    if (timing !== 'immediate') return null
    const balanceMinor =
      engine !== 'offline'
        ? ((await connections.mirrored(mode, customerId, db))?.balanceMinor ?? 0n)
        : await offlineInvoices.balance(mode, customerId, currency, db)
    return invoiceOfLines(invoice?.lines ?? [], balanceMinor)
  }

  /** Stripe previews no price that it does not have. */
  function agree({ mode, currency }: Subscription, version: PlanVersion, { after }: QuotedChange) {
    return publishing.agree(mode, version, phaseInStripe(version.definition, after), currency)
  }

  /** Nothing is asked of Stripe where all it knows of stays as it is. */
  async function wayOfOverride(
    subscription: Subscription,
    version: PlanVersion,
    { after, timing }: QuotedChange,
    db: Db,
  ): Promise<ChangeWay> {
    const { mode, currency, engine } = subscription
    if (engine !== 'stripe_subscription') return 'here'
    const itemsOf = (terms: Parameters<typeof phaseInStripe>[1]) =>
      stripePrices.itemsOf(mode, version, phaseInStripe(version.definition, terms), currency, db)
    const [before, wanted] = [await itemsOf(subscription), await itemsOf(after)]
    const ids = new Set(before.map(({ entityId }) => entityId))
    const isSame =
      before.length === wanted.length && wanted.every(({ entityId }) => ids.has(entityId))
    // What counts usage begins anew with the terms it is counted by.
    const isCounting = wanted.some(({ transport }) => transport.isMetered)
    return isSame && !(isCounting && timing === 'immediate') ? 'here' : 'in_stripe'
  }

  async function ofOverride(
    subscription: Subscription,
    request: OfferRequest,
    db: Db,
  ): Promise<Offer | RefusedChange> {
    const { target, at } = request
    // Stripe could give nothing back of a period that we have billed.
    const isLater = await isOpenedHere(subscription, at, db)
    const timing = isLater ? ('at_period_end' as const) : request.timing
    const quoted = await quotes.quote(subscription, { ...request, timing }, db)
    if (quoted === undefined) {
      return { kind: 'refused', code: 'not_changeable', lifecycle: 'ended' }
    }
    const { quote } = quoted
    if (quote.kind === 'refused') return quote
    const way = await wayOfOverride(subscription, target, quote, db)
    const offer = { quote, way, isTrial: false }
    if (way === 'in_stripe') await agree(subscription, target, quote)
    const invoice =
      way === 'in_stripe'
        ? await invoiceInStripe(subscription, target, offer)
        : isBilledByUs(subscription)
          ? await invoiceHere(subscription, target, quote, db)
          : null
    return { ...offer, invoice, hash: hashOffer(quote, way, invoice) }
  }

  return {
    stripeRequest,

    async of(
      subscription: Subscription,
      request: OfferRequest,
      db: Db = database.db,
    ): Promise<Offer | RefusedChange> {
      const { target, addOns, timing, at, promotionCode } = request
      if (request.overrides !== undefined) return ofOverride(subscription, request, db)
      const way = await wayOf(subscription, target, at, db)
      if (promotionCode !== undefined && way !== 'checkout') {
        const reason = 'It is for new purchases, and this is a change.'
        throw new AppError('coupon_not_applicable', { promotionCode, reason })
      }
      const asked =
        way === 'checkout'
          ? 'immediate'
          : way === 'leave'
            ? await leavingTiming(subscription, timing, at, db)
            : timing
      const quoted = await quotes.quote(subscription, { target, addOns, timing: asked, at }, db)
      if (quoted === undefined) {
        return { kind: 'refused', code: 'not_changeable', lifecycle: 'ended' }
      }
      const { quote, term } = quoted
      if (quote.kind === 'refused') return quote
      if (way === 'in_stripe' || way === 'here')
        await requireMethod(connections, subscription, target)
      const isTrial = isTrialTerm(term)
      const offer = { quote, way, isTrial }
      const isBilledThere = target.definition.engine === 'stripe_subscription'
      if (isBilledThere && isOverriding(quote.after.overrides)) {
        await agree(subscription, target, quote)
      }
      const invoice =
        way === 'in_stripe'
          ? await invoiceInStripe(subscription, target, offer)
          : way === 'checkout'
            ? await invoiceOfPurchase(subscription, target, quoted, at, promotionCode)
            : way === 'leave'
              ? invoiceOfLeaving(quote)
              : await invoiceHere(subscription, target, quote, db)
      return { ...offer, invoice, hash: hashOffer(quote, way, invoice) }
    },
  }
}

/** The schedule is let go when it is confirmed, not when it is looked at. By the same rules it is the same amount. */
async function invoiceOfManaged(
  connections: Connections,
  { mode, customerId }: Subscription,
  { invoice }: QuotedChange,
): Promise<ChangeInvoice | null> {
  const mirrored = await connections.mirrored(mode, customerId)
  return invoiceOfLines(invoice?.lines ?? [], mirrored?.balanceMinor ?? 0n)
}

/** Who has paid by invoice so far may have no card that what comes next could be charged to. */
async function requireMethod(
  connections: Connections,
  { mode, customerId, collection }: Subscription,
  { planKey, definition }: PlanVersion,
): Promise<void> {
  if (collection !== 'send_invoice' || isInvoiced(definition)) return
  const { api, scope } = await connections.stripe(mode)
  const stripeId = await connections.externalId(scope, 'customer', customerId)
  const customer = stripeId === undefined ? undefined : await api.customers.find(stripeId)
  const isKnown = customer !== undefined && !customer.isDeleted
  if (isKnown && customer.defaultPaymentMethodId !== null) return
  throw new AppError('payment_method_required', { plan: planKey })
}

/** What was paid for the time that is left comes back; what was used is on the last invoice. */
function invoiceOfLeaving({ timing, invoice }: QuotedChange): ChangeInvoice | null {
  if (timing !== 'immediate') return null
  return invoiceOfLines(invoice?.lines.filter(({ kind }) => kind === 'unused_time') ?? [])
}

/** Only add-ons change; other terms of the same version were told apart before. */
function staysOn({ planVersionId }: Subscription, { id }: PlanVersion): boolean {
  return planVersionId === id
}

/** By consumption, the credit is ours to work out; by time, Stripe gives it. */
function creditOf(
  { policy, invoice, currency }: QuotedChange,
  isTrial: boolean,
): ChangeCredit | null {
  if (policy.mode !== 'max_consumption_based' || isTrial) return null
  const credits = invoice?.lines.filter(({ kind }) => kind === 'unused_time') ?? []
  const [first] = credits
  if (first === undefined) return null
  const amountMinor = credits.reduce((sum, line) => sum + line.amountMinor, 0n)
  invariant(amountMinor <= 0n, 'a credit takes off')
  const { description, servicePeriod: period } = first
  return { amountMinor, currency, description, period }
}
