import type { Stripe } from 'stripe'
import { fromUnixSeconds, type Instant, toUnixSeconds } from '../kit/instant.ts'
import { toStripeAmount } from './amounts.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'
import { BILLING_MODE, calendarParams, type CalendarStart } from './subscriptions.ts'

export type Checkout = ReturnType<typeof createCheckout>

export interface CheckoutItem {
  readonly priceId: string
  /** Null for metered prices, which must not carry one. */
  readonly quantity: number | null
}

/** What becomes of a trial that ends while there is nothing to charge. */
export type TrialEndPolicy = 'cancel' | 'pause' | 'create_invoice'

export interface CheckoutSessionInput {
  readonly intentId: string
  readonly stripeCustomerId: string
  readonly successUrl: string
  readonly cancelUrl: string
  readonly expiresAt: Instant
  /** Copied to the subscription, so that its events find their way back to us whatever arrives first. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface CheckoutSession {
  readonly id: string
  readonly url: string | null
  readonly state: 'open' | 'complete' | 'expired'
  readonly isPaid: boolean
  readonly intentId: string | null
  readonly stripeCustomerId: string | null
  readonly stripeSubscriptionId: string | null
  readonly stripeSetupIntentId: string | null
  /** What was saved by a session that only saves a card; known once the session is complete. */
  readonly savedMethodId: string | null
  readonly expiresAt: Instant
}

export function createCheckout(stripe: Stripe) {
  async function create(
    params: Stripe.Checkout.SessionCreateParams,
    input: CheckoutSessionInput,
  ): Promise<CheckoutSession> {
    const session = await callStripe(() =>
      stripe.checkout.sessions.create(
        {
          ...params,
          customer: input.stripeCustomerId,
          client_reference_id: input.intentId,
          success_url: input.successUrl,
          cancel_url: input.cancelUrl,
          expires_at: toUnixSeconds(input.expiresAt),
          metadata: { ...input.metadata },
        },
        // Made anew for another customer it is another session.
        { idempotencyKey: `${input.intentId}:${input.stripeCustomerId}` },
      ),
    )
    return fromSession(session)
  }

  return {
    createForSubscription(
      input: CheckoutSessionInput & {
        readonly items: readonly CheckoutItem[]
        readonly trialEndsAt: Instant | null
        readonly calendarStart: CalendarStart | null
        readonly isCardRequired: boolean
        readonly couponId: string | null
        readonly onTrialEndWithoutMethod: TrialEndPolicy
      },
    ): Promise<CheckoutSession> {
      return create(
        {
          mode: 'subscription',
          line_items: input.items.map(({ priceId, quantity }) => ({
            price: priceId,
            ...(quantity !== null && { quantity }),
          })),
          ...(input.couponId !== null && { discounts: [{ coupon: input.couponId }] }),
          payment_method_collection: input.isCardRequired ? 'always' : 'if_required',
          subscription_data: {
            billing_mode: BILLING_MODE,
            ...calendarParams(input.calendarStart),
            metadata: { ...input.metadata },
            ...(input.trialEndsAt !== null && {
              trial_end: toUnixSeconds(input.trialEndsAt),
              trial_settings: {
                end_behavior: { missing_payment_method: input.onTrialEndWithoutMethod },
              },
            }),
          },
        },
        input,
      )
    },

    /** One payment for something that is no plan; what was bought stands in the payment's metadata. */
    createForPayment(
      input: CheckoutSessionInput & {
        readonly name: string
        readonly unitAmountMinor: bigint
        readonly currency: string
        readonly quantity: number
      },
    ): Promise<CheckoutSession> {
      const { name, unitAmountMinor, currency, quantity } = input
      return create(
        {
          mode: 'payment',
          line_items: [
            {
              price_data: {
                currency,
                unit_amount: toStripeAmount(unitAmountMinor, currency),
                product_data: { name },
              },
              quantity,
            },
          ],
          payment_intent_data: { metadata: { ...input.metadata } },
        },
        input,
      )
    },

    /** Saves a card; what is bought with it is decided when Stripe reports the session complete. */
    createForSetup(
      input: CheckoutSessionInput & { readonly currency: string },
    ): Promise<CheckoutSession> {
      return create({ mode: 'setup', currency: input.currency }, input)
    },

    async find(id: string): Promise<CheckoutSession | undefined> {
      const session = await findInStripe(() =>
        stripe.checkout.sessions.retrieve(id, { expand: ['setup_intent'] }),
      )
      return session && fromSession(session)
    },

    async expire(id: string): Promise<void> {
      await callStripe(() => stripe.checkout.sessions.expire(id))
    },
  }
}

function fromSession(session: Stripe.Checkout.Session): CheckoutSession {
  return {
    id: session.id,
    url: session.url,
    state: knownValue(session.status ?? 'open', ['open', 'complete', 'expired'], 'checkout status'),
    isPaid: session.payment_status !== 'unpaid',
    intentId: session.client_reference_id,
    stripeCustomerId: idOf(session.customer),
    stripeSubscriptionId: idOf(session.subscription),
    stripeSetupIntentId: idOf(session.setup_intent),
    savedMethodId: savedMethodOf(session.setup_intent),
    expiresAt: fromUnixSeconds(session.expires_at),
  }
}

function savedMethodOf(intent: Stripe.Checkout.Session['setup_intent']): string | null {
  return intent === null || typeof intent === 'string' ? null : idOf(intent.payment_method)
}

function idOf(reference: string | { readonly id: string } | null): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null)
}
