import type { Instant } from '../../kit/instant.ts'
import { calendarAnchor, duration, periodAt } from '../../kit/period.ts'
import type { PlanDefinition } from '../catalog/plan.ts'
import type { CalendarStart } from '../../stripe/subscriptions.ts'
import type { WindowRule } from '../entitlements/grants.ts'

/**
 * How billing periods follow each other from an anchor. Stripe counts in UTC, and so do we wherever Stripe might do the
 * counting or nobody asked for a calendar; only calendar periods of our own engines live in the customer's time zone.
 */
export function billingRule(
  definition: Pick<PlanDefinition, 'billingCadence' | 'alignment' | 'engine'>,
  anchor: Instant,
  timeZone: string,
): WindowRule {
  const isLocal = definition.alignment === 'calendar' && definition.engine !== 'stripe_subscription'
  return {
    anchor,
    length: duration(definition.billingCadence),
    timeZone: isLocal ? timeZone : 'UTC',
  }
}

/** Where the first calendar period of a subscription in Stripe begins. Null: its periods are counted from its start. */
export function firstCalendarPeriod(
  { alignment, billingCadence }: Pick<PlanDefinition, 'billingCadence' | 'alignment'>,
  at: Instant,
): CalendarStart | null {
  if (alignment === 'anniversary') return null
  const length = duration(billingCadence)
  const { endsAt } = periodAt(calendarAnchor(at, length, 'UTC'), length, at)
  const months = 'months' in length ? length.months : 0
  return { at: endsAt, recursEvery: months === 1 ? 'month' : months === 12 ? 'year' : null }
}
