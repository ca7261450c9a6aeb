import { AppError } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import { HOUR_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { CheckoutItem, TrialEndPolicy } from '../../stripe/checkout.ts'
import type { CalendarStart } from '../../stripe/subscriptions.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { firstCalendarPeriod } from '../billing/billing-rule.ts'
import { isFreePhase, type PlanVersion } from '../catalog/plan.ts'
import type { Connected } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Redemptions } from '../coupons/redemptions/service.ts'
import type { Coupons } from '../coupons/service.ts'
import type { Settings } from '../settings/service.ts'
import type { SubscribeDecision } from './decide-subscribe.ts'
import type { CheckoutIntent } from './purchases/checkout-intent.ts'
import type { Purchases } from './purchases/service.ts'
import type { StripePrices } from './stripe-prices.service.ts'

const CHECKOUT_LIFETIME_MS = 23 * HOUR_MS
/** Stripe closes no page earlier. */
const SHORTEST_CHECKOUT_MS = 31 * MINUTE_MS

interface CheckoutsDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly coupons: Coupons
  readonly purchases: Purchases
  readonly redemptions: Redemptions
  readonly settings: Settings
  readonly stripeCustomers: StripeCustomers
  readonly stripePrices: StripePrices
}

/** Where Stripe sends the customer afterwards; `{intent}` becomes the intent's id. */
export interface ReturnUrls {
  readonly successUrl: string
  readonly cancelUrl: string
}

export type Checkouts = ReturnType<typeof createCheckouts>

/** The way to the payment page: our row of the purchase, then Stripe's session keyed by it. */
export function createCheckouts(deps: CheckoutsDeps) {
  const { accounts, audit, coupons, purchases, redemptions, settings } = deps
  const { stripeCustomers, stripePrices } = deps

  async function itemsOf(
    { scope }: Connected,
    version: PlanVersion,
    currency: string,
  ): Promise<CheckoutItem[]> {
    const { planKey, definition } = version
    const phase = definition.phases.find((candidate) => !isFreePhase(candidate))
    if (phase === undefined) throw new AppError('plan_not_mirrored', { plan: planKey })
    const prices = await stripePrices.of(scope, { version, phase }, currency)
    return prices.map(({ priceId, isMetered }) => ({ priceId, quantity: isMetered ? null : 1 }))
  }

  async function trialEndPolicy(mode: Mode): Promise<TrialEndPolicy> {
    const policy = await settings.get(mode, 'subscriptions.on_trial_end_without_method')
    return policy === 'pause' || policy === 'create_invoice' ? policy : 'cancel'
  }

  return {
    /** The intent of this purchase: the open one when it is for the same thing, else a new one in its place. */
    async writeIntent(
      tx: Db,
      caller: Caller,
      customer: Customer,
      version: PlanVersion,
      decision: Extract<SubscribeDecision, { kind: 'checkout' }>,
      promotionCode: string | undefined,
    ): Promise<{ intent: CheckoutIntent; replaced: CheckoutIntent | undefined }> {
      const now = accounts.now(customer)
      const open = await purchases.findOpen(customer.mode, customer.id, tx)
      const { currency } = decision
      const redemption =
        promotionCode === undefined ? null : { customer, promotionCode, version, currency }
      const redeemed = redemption && (await redemptions.check(redemption, open?.id, tx))
      const couponKey = redeemed?.coupon.key ?? null
      const isSame =
        open?.planVersionId === version.id &&
        open.currency === currency &&
        open.couponKey === couponKey
      if (open !== undefined && isSame && now < open.expiresAt)
        return { intent: open, replaced: undefined }
      if (open !== undefined) await purchases.expire(tx, customer.mode, open.id)
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
        couponKey,
        createdAt: now,
        expiresAt: now + CHECKOUT_LIFETIME_MS,
      }
      await purchases.insert(tx, customer.mode, intent)
      if (redemption !== null) await redemptions.hold(tx, intent.id, redemption)
      await audit.record(tx, caller, {
        action: 'checkout.started',
        targetKind: 'plan',
        targetId: version.planKey,
        customerId: customer.id,
        after: { intentId: intent.id, ...(couponKey !== null && { couponKey }) },
      })
      return { intent, replaced: open }
    },

    async openSession(
      connected: Connected,
      customer: Customer,
      version: PlanVersion,
      intent: CheckoutIntent,
      trialEndsAt: Instant | null,
      urls: ReturnUrls,
    ): Promise<string> {
      if (intent.url !== null) return intent.url
      const { checkout } = connected.api
      // Behind a trial Stripe counts from its end.
      const calendarStart =
        trialEndsAt === null ? firstCalendarPeriod(version.definition, intent.createdAt) : null
      const session = {
        intentId: intent.id,
        successUrl: urls.successUrl.replace('{intent}', intent.id),
        cancelUrl: urls.cancelUrl.replace('{intent}', intent.id),
        expiresAt: expiryOf(intent, calendarStart),
        metadata: {
          farebox_intent: intent.id,
          farebox_customer: customer.id,
          farebox_plan_version: version.id,
        },
      }
      const { couponKey, currency } = intent
      const isSetup = intent.kind === 'setup'
      const items = isSetup ? [] : await itemsOf(connected, version, currency)
      const couponId =
        isSetup || couponKey === null ? null : await coupons.stripeId(connected, couponKey)
      const onTrialEndWithoutMethod = await trialEndPolicy(customer.mode)
      const { id, url } = await stripeCustomers.using(connected, customer, (stripeCustomerId) =>
        isSetup
          ? checkout.createForSetup({ ...session, stripeCustomerId, currency })
          : checkout.createForSubscription({
              ...session,
              stripeCustomerId,
              items,
              trialEndsAt,
              calendarStart,
              isCardRequired: version.definition.isPaymentMethodRequired,
              couponId,
              onTrialEndWithoutMethod,
            }),
      )
      if (url === null)
        throw new AppError('stripe_rejected', { message: 'The session has no address' })
      await purchases.noteSession(customer.mode, intent.id, { stripeSessionId: id, url })
      return url
    },
  }
}

/** A page that names an instant must be paid before it: Stripe counts nothing from the past. */
function expiryOf(
  { createdAt, expiresAt, kind }: Pick<CheckoutIntent, 'createdAt' | 'expiresAt' | 'kind'>,
  start: CalendarStart | null,
): Instant {
  if (kind === 'setup' || start === null || start.recursEvery !== null) return expiresAt
  return Math.max(Math.min(expiresAt, start.at), createdAt + SHORTEST_CHECKOUT_MS)
}
