import { HOUR_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'

/** The cause lies in Stripe and can be removed there: usage refused for it is worth another try. */
const CURABLE = new Set(['no_meter', 'archived_meter', 'meter_event_customer_not_found'])
const DELAYS_MS = [5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS]

/**
 * When usage that Stripe could not count is sent again, under a new identifier because the old one is spent. Undefined:
 * not by itself, because the next try would end the same way.
 */
export function resendAt(code: string, resends: number, now: Instant): Instant | undefined {
  const delayMs = DELAYS_MS[resends]
  return delayMs === undefined || !CURABLE.has(code) ? undefined : now + delayMs
}

/** Names what is open about a customer's meter; comparing totals settles it under the same name. */
export function usageSubject(customerId: string, meterKey: string): string {
  return `${customerId}/${meterKey}`
}

export function usageFindingKey(subject: string): string {
  return `reconcile:usage:${subject}`
}
