import { AppError } from '../../../errors.ts'
import { invariant } from '../../../kit/assert.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import type { ChangeCredit, StripeChange } from '../../../stripe/subscription-changes.ts'
import { isFreePhase, phaseOf, type PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { ChangeWay } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import { decideStripeChange } from '../../subscriptions/changes/stripe-change.ts'
import type { Purchases } from '../../subscriptions/purchases/service.ts'
import type { StripePrices } from '../../subscriptions/stripe-prices.service.ts'
import { isWithoutCharges, type Subscription } from '../../subscriptions/subscription.ts'
import type { FirstInvoices } from '../first-invoices.service.ts'
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
  readonly timing: 'auto' | 'immediate' | 'at_period_end'
  readonly at: Instant
  /** Redeemed where the change is a purchase. */
  readonly promotionCode?: string | undefined
}

/** How a change is asked of Stripe, worked out from what the subscription consists of now. */
export interface StripeRequest {
  readonly stripeId: string
  readonly change: StripeChange
  readonly credit: ChangeCredit | null
}

interface OffersDeps {
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly firstInvoices: FirstInvoices
  readonly log: Log
  readonly purchases: Purchases
  readonly quotes: Quotes
  readonly stripePrices: StripePrices
}

export type Offers = ReturnType<typeof createOffers>

/** What a change of plan would do and cost. Asked again with the same instant it is the same, or has another hash. */
export function createOffers(deps: OffersDeps) {
  const { catalog, changes, connections, database, firstInvoices, log } = deps
  const { purchases, quotes, stripePrices } = deps

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
    if (stripe === undefined)
      throw new AppError('stripe_object_missing', { message: 'subscription' })
    const phase = phaseOf(target.definition, quote.after.phaseKey)
    const prices = await stripePrices.of(scope, target, phase, subscription.currency, db)
    const isMigration = quote.basis.fromPlan.key === quote.basis.toPlan.key
    const change = decideStripeChange({
      items: await changes.knownItems(connected, stripe, db),
      // A migration to the next version does not charge the set-up fee again.
      wanted: isMigration ? prices.filter(({ isOnce }) => !isOnce) : prices,
      policy: quote.policy,
      at: quote.effectiveAt,
      isTrial,
      waitsForPayment: quote.payment.kind === 'before_change' || quote.direction !== 'downgrade',
    })
    return { stripeId: stripe.id, change, credit: creditOf(quote, isTrial) }
  }

  async function invoiceInStripe(
    subscription: Subscription,
    target: PlanVersion,
    offer: Pick<Offer, 'quote' | 'isTrial'>,
  ): Promise<ChangeInvoice | null> {
    if (offer.quote.timing !== 'immediate') return null
    const connected = await connections.stripe(subscription.mode)
    const request = await stripeRequest(connected, subscription, target, offer)
    const { change, credit, stripeId } = request
    if (!change.prorates && !change.resetsAnchor && !change.endsTrial) return null
    const stripe = await connected.api.subscriptionChanges.preview(stripeId, change, credit)
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
    { mode, planVersionId }: Subscription,
    timing: OfferRequest['timing'],
    db: Db,
  ): Promise<'immediate' | 'at_period_end'> {
    const { definition } = await catalog.getVersion(mode, planVersionId, db)
    const givesByTime =
      definition.proration.mode === 'time_based' || definition.proration.mode === 'full_reset'
    return timing === 'immediate' && givesByTime ? 'immediate' : 'at_period_end'
  }

  return {
    stripeRequest,

    async of(
      subscription: Subscription,
      { target, timing, at, promotionCode }: OfferRequest,
      db: Db = database.db,
    ): Promise<Offer | RefusedChange> {
      const way = wayOf(subscription, target, timing)
      if (promotionCode !== undefined && way !== 'checkout') {
        const reason = 'It is for new purchases, and this is a change.'
        throw new AppError('coupon_not_applicable', { promotionCode, reason })
      }
      const asked =
        way === 'checkout'
          ? 'immediate'
          : way === 'here' && !isWithoutCharges(subscription)
            ? 'at_period_end'
            : way === 'leave_stripe'
              ? await leavingTiming(subscription, timing, db)
              : timing
      const quoted = await quotes.quote(subscription, { target, timing: asked, at }, db)
      if (quoted === undefined) {
        return { kind: 'refused', code: 'not_changeable', lifecycle: 'ended' }
      }
      const { quote, term } = quoted
      if (quote.kind === 'refused') return quote
      const isTrial = isFreePhase(term.phase) && term.phase.duration !== null
      const offer = { quote, way, isTrial }
      const invoice =
        way === 'in_stripe'
          ? await invoiceInStripe(subscription, target, offer)
          : way === 'checkout'
            ? await invoiceOfPurchase(subscription, target, quoted, at, promotionCode)
            : way === 'leave_stripe'
              ? invoiceOfLeaving(quote)
              : null
      return { ...offer, invoice, hash: hashOffer(quote, way, invoice) }
    },
  }
}

/** What was paid for the time that is left comes back; what was used is on the last invoice. */
function invoiceOfLeaving({ timing, invoice }: QuotedChange): ChangeInvoice | null {
  if (timing !== 'immediate') return null
  return invoiceOfLines(invoice?.lines.filter(({ kind }) => kind === 'unused_time') ?? [])
}

function wayOf(
  subscription: Subscription,
  { definition, planKey }: PlanVersion,
  timing: OfferRequest['timing'],
): ChangeWay {
  const isFree = definition.phases.every(isFreePhase) && !definition.isPaymentMethodRequired
  if (isWithoutCharges(subscription)) return isFree ? 'here' : 'checkout'
  // Periods of ours turn to the other plan where they end, together with their invoice.
  const isOurs = subscription.engine === 'stripe_invoice' && definition.engine === 'stripe_invoice'
  if (isOurs && timing !== 'immediate') return 'here'
  if (subscription.engine === 'stripe_subscription') {
    if (isFree) return 'leave_stripe'
    if (definition.engine === 'stripe_subscription') return 'in_stripe'
  }
  throw new AppError('engines_differ', { plan: planKey })
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
