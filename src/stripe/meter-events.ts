import { Stripe } from 'stripe'
import { type Instant, toUnixSeconds } from '../kit/instant.ts'
import { callStripe } from './errors.ts'

export type MeterEvents = ReturnType<typeof createMeterEvents>

export interface MeterEventInput {
  readonly eventName: string
  readonly stripeCustomerId: string
  /** Whole units; Stripe takes no fractions. */
  readonly value: bigint
  /** Stripe counts an identifier once; ours is derived from the row, so that a retry is recognized. */
  readonly identifier: string
  readonly at: Instant
}

export function createMeterEvents(stripe: Stripe) {
  return {
    /** Sends one event. A repeated identifier is refused by Stripe with an error, which means it has the event. */
    async send(input: MeterEventInput): Promise<'sent' | 'duplicate'> {
      try {
        await stripe.billing.meterEvents.create(
          {
            event_name: input.eventName,
            identifier: input.identifier,
            timestamp: toUnixSeconds(input.at),
            payload: {
              stripe_customer_id: input.stripeCustomerId,
              value: String(input.value),
            },
          },
          { idempotencyKey: input.identifier },
        )
        return 'sent'
      } catch (error) {
        if (isDuplicate(error)) return 'duplicate'
        return callStripe(() => Promise.reject(error as Error))
      }
    },
  }
}

function isDuplicate(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeInvalidRequestError &&
    /identifier/i.test(error.message) &&
    /already|duplicate|exists/i.test(error.message)
  )
}
