import { type Instant, SECOND_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import { formatMoney } from '../../../kit/money.ts'
import { boundary, duration } from '../../../kit/period.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { StripeInvoice } from '../../../stripe/invoices.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { Redemptions } from '../../coupons/redemptions/service.ts'
import type { Coupons } from '../../coupons/service.ts'
import type { Findings } from '../../findings/service.ts'
import type { PlanChange } from '../../subscriptions/changes/plan-change.ts'
import { phaseInStripe } from '../../subscriptions/changes/stripe-change.ts'
import type { StripePrices } from '../../subscriptions/stripe-prices.service.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import type { DueDates } from '../due-dates.service.ts'
import type { Rating } from '../rating.service.ts'
import { billingPeriodAt, termAt } from '../terms.ts'

/** Longer than any coupon lasts. */
const MAX_MONTHS = 120

/** Whether nothing is left to do; `stripeId` is of the subscription that has begun with it. */
interface Begun {
  readonly isDone: boolean
  readonly stripeId: string | null
}

const ALREADY: Begun = { isDone: true, stripeId: null }

interface StripeSidesDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly coupons: Coupons
  readonly database: Database
  readonly dueDates: DueDates
  readonly findings: Findings
  readonly rating: Rating
  readonly redemptions: Redemptions
  readonly stripePrices: StripePrices
  readonly subscriptions: Subscriptions
}

export type StripeSides = ReturnType<typeof createStripeSides>

/**
 * What a change that we carried out leaves to be done in Stripe: its subscription to the old plan ends and bills nothing
 * more, and one to the new plan begins and bills from the next period on. Each step may be repeated.
 */
export function createStripeSides(deps: StripeSidesDeps) {
  const { accounts, catalog, connections, coupons, database, dueDates } = deps
  const { findings, rating, redemptions, stripePrices, subscriptions } = deps

  /** Whether it has ended. A renewal that is still a draft is Stripe's to finish first: it would stay one for ever. */
  async function end(
    { api, scope: { mode } }: Connected,
    change: PlanChange,
    stripeId: string,
  ): Promise<boolean> {
    const stripe = await api.subscriptions.find(stripeId)
    if (stripe === undefined || stripe.endedAt !== null) return true
    const { latestInvoiceId } = stripe
    const latest = latestInvoiceId === null ? undefined : await api.invoices.find(latestInvoiceId)
    const isLater = latest !== undefined && latest.createdAt > change.effectiveAt
    if (latest?.status === 'draft' && !isLater) return false
    await api.subscriptions.drop(stripeId, `${change.id}:left`)
    // It was renewed after it was left: nobody owes that.
    if (isLater && latest.status === 'paid') await reportPaid(mode, change, latest)
    else if (isLater) await api.invoices.abandon(latest.id)
    return true
  }

  /** Money for a time that the customer has on another bill: an operator gives it back. */
  async function reportPaid(
    mode: Mode,
    { customerId }: PlanChange,
    { id, currency, totalMinor, amountPaidMinor }: StripeInvoice,
  ): Promise<void> {
    const total = formatMoney({ amountMinor: totalMinor, currency })
    const paid = formatMoney({ amountMinor: amountPaidMinor, currency })
    await database.transaction((tx) =>
      findings.report(tx, {
        mode,
        category: 'amount',
        subjectKind: 'invoice',
        subjectId: id,
        customerId,
        summary: `Stripe renewed a plan after it was left, and took ${total} for it, ${paid} of that by the invoice ${id} and the rest from the balance: give it back.`,
        ours: { total: '0', paid: '0' },
        theirs: { total: String(totalMinor), paid: String(amountPaidMinor) },
        dedupeKey: `left:paid:${id}`,
      }),
    )
  }

  async function begin(
    connected: Connected,
    change: PlanChange,
    subscription: Subscription,
  ): Promise<Begun> {
    const { api, scope } = connected
    const { mode, id, customerId, currency } = subscription
    if ((await connections.externalId(scope, 'subscription', id)) !== undefined) return ALREADY
    const stripeCustomerId = await connections.externalId(scope, 'customer', customerId)
    if (stripeCustomerId === undefined) return { isDone: false, stripeId: null }
    const all = await api.subscriptions.listOfCustomer(stripeCustomerId)
    const made = all.find(({ metadata }) => metadata['farebox_change'] === change.id)
    if (made !== undefined) return { isDone: true, stripeId: made.id }
    const now = accounts.now(await accounts.get(mode, customerId))
    const { terms } = await rating.contractOf(subscription)
    const period = billingPeriodAt(terms, Math.max(now, change.effectiveAt))
    if (period === undefined) return ALREADY
    // A first period that is whole Stripe would bill: it begins within it, and not with it.
    if (now < period.startsAt + SECOND_MS) return { isDone: false, stripeId: null }
    // It bills from then on: by the phase that is in force then, with what was agreed for this customer.
    const opening = termAt(terms, period.endsAt)
    if (opening === undefined) return ALREADY
    const version = await catalog.getVersion(mode, change.targetVersionId)
    const { overrides } = subscription
    const phase = phaseInStripe(version.definition, { phaseKey: opening.phase.key, overrides })
    const addOns = await catalog.held(mode, subscription.addOns)
    const prices = await stripePrices.of(scope, { version, phase, addOns }, currency)
    const cadence = duration(version.definition.billingCadence)
    const begun = await api.subscriptions.create(
      {
        stripeCustomerId,
        items: prices
          .filter(({ isOnce }) => !isOnce)
          .map(({ priceId, isMetered, quantity }) => ({
            priceId,
            quantity: isMetered ? null : quantity,
          })),
        oneTimePriceIds: [],
        collection: await dueDates.ofPlan(mode, version.definition),
        paymentMethodId: null,
        billsFrom: {
          at: period.endsAt,
          anchor: opening.billingAnchor,
          months: 'months' in cadence ? cadence.months : null,
        },
        calendarStart: null,
        trialEndsAt: null,
        couponIds: await couponsOf(connected, change, subscription, period.endsAt),
        metadata: {
          farebox_change: change.id,
          farebox_customer: customerId,
          farebox_plan_version: version.id,
        },
      },
      `${change.id}:begin`,
    )
    return { isDone: true, stripeId: begun.id }
  }

  /** What still comes off its invoices, for as long as it would have without the change. */
  async function couponsOf(
    connected: Connected,
    change: PlanChange,
    { mode, id, currency }: Subscription,
    billsFrom: Instant,
  ): Promise<string[]> {
    const ids: string[] = []
    const { db } = database
    for (const coupon of await redemptions.inForceInStripe(mode, id, currency, billsFrom, db)) {
      if (coupon.endsAt === null) {
        ids.push(await coupons.stripeId(connected, coupon.id))
        continue
      }
      const months = wholeMonths(change.effectiveAt, coupon.endsAt)
      const key = `${change.id}:${coupon.id}`
      if (months > 0) ids.push(await coupons.stripeIdOfRest(connected, coupon.id, months, key))
    }
    return ids
  }

  return {
    async settle(connected: Connected, change: PlanChange): Promise<Begun> {
      const { mode } = connected.scope
      const subscription = await subscriptions.get(mode, change.subscriptionId)
      const isCurrent = subscription.planVersionId === change.targetVersionId
      const isStripes = subscription.engine === 'stripe_subscription' && isCurrent
      const begun =
        isStripes && subscription.endsAt === null
          ? await begin(connected, change, subscription)
          : ALREADY
      const { leftStripeId } = change
      const isOver = leftStripeId === null || (await end(connected, change, leftStripeId))
      return { ...begun, isDone: begun.isDone && isOver }
    },
  }
}

/** Rounded down: the last invoice it comes off is one that was made before its end. */
function wholeMonths(from: Instant, until: Instant): number {
  let months = 0
  while (months < MAX_MONTHS && boundary(from, duration('P1M'), months + 1) <= until) months++
  return months
}
