import type { Period } from '../../kit/period.ts'
import { effectiveEnd, type Subscription } from '../subscriptions/subscription.ts'

/** How the open period will end: by itself, or with the subscription. */
export interface Closing {
  readonly closes: Period
  readonly isFinal: boolean
}

export function closingOf(
  subscription: Pick<Subscription, 'endsAt' | 'cancelAt'>,
  { startsAt, endsAt }: Period,
): Closing {
  const end = effectiveEnd(subscription)
  const isFinal = end !== null && end <= endsAt
  return { closes: { startsAt, endsAt: isFinal ? end : endsAt }, isFinal }
}
