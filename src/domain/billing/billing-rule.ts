import type { Instant } from '../../kit/instant.ts'
import { duration } from '../../kit/period.ts'
import type { PlanDefinition } from '../catalog/plan.ts'
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
