import { Stripe } from 'stripe'
import { type Decimal, decimal, ZERO } from '../kit/decimal.ts'
import { type Instant, toUnixSeconds } from '../kit/instant.ts'
import type { Period } from '../kit/period.ts'
import { callStripe, findInStripe } from './errors.ts'

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

export type SendResult =
  | { readonly kind: 'sent' | 'duplicate' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }

/** What Stripe took with a 2xx and then could not count. */
export interface MeterErrors {
  readonly eventId: string
  /** Null where no meter has the name of the events. */
  readonly stripeMeterId: string | null
  /** All of them; samples name a few of each code only. */
  readonly errorCount: number
  readonly samples: readonly MeterErrorSample[]
}

export interface MeterErrorSample {
  readonly code: string
  readonly message: string
  /** The identifier the event was sent under. */
  readonly identifier: string
}

export function createMeterEvents(stripe: Stripe) {
  return {
    /** The report behind a thin event about events that do not count. Undefined for any other event. */
    async findErrors(eventId: string): Promise<MeterErrors | undefined> {
      const event = await findInStripe(() => stripe.v2.core.events.retrieve(eventId))
      if (
        event?.type !== 'v1.billing.meter.error_report_triggered' &&
        event?.type !== 'v1.billing.meter.no_meter_found'
      ) {
        return undefined
      }
      const { reason } = event.data
      return {
        eventId,
        stripeMeterId: 'related_object' in event ? (event.related_object?.id ?? null) : null,
        errorCount: reason.error_count,
        samples: reason.error_types.flatMap(({ code, sample_errors: samples }) =>
          samples.map(({ error_message: message, request }) => ({
            code,
            message,
            identifier: request.identifier,
          })),
        ),
      }
    },

    /** What Stripe counted for a customer of the events of a time; it begins and ends with a minute. */
    async total(stripeMeterId: string, stripeCustomerId: string, period: Period): Promise<Decimal> {
      const { data } = await callStripe(() =>
        stripe.billing.meters.listEventSummaries(stripeMeterId, {
          customer: stripeCustomerId,
          start_time: toUnixSeconds(period.startsAt),
          end_time: toUnixSeconds(period.endsAt),
          limit: 1,
        }),
      )
      const [summary] = data
      return summary === undefined ? ZERO : decimal(String(summary.aggregated_value))
    },

    /** Sends one event. A repeated identifier is refused by Stripe with an error, which means it has the event. */
    async send(input: MeterEventInput): Promise<SendResult> {
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
        return { kind: 'sent' }
      } catch (error) {
        if (isDuplicate(error)) return { kind: 'duplicate' }
        // Only this says for certain that it was not taken, and that the same again would not be either.
        if (error instanceof Stripe.errors.StripeInvalidRequestError) {
          return { kind: 'refused', code: error.code ?? 'invalid', message: error.message }
        }
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
