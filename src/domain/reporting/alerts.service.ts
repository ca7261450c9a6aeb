import type { StripeAlert } from '../../stripe/events.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Findings } from '../findings/service.ts'
import { APPLIED, STRANGER, type Sync } from '../webhooks/sync.ts'

/** Alerts an operator set up in Stripe on a meter: they are told where everything else is that wants attention. */
export function createAlertSync(deps: {
  readonly findings: Findings
  readonly stripeCustomers: StripeCustomers
}): Sync<StripeAlert> {
  const { findings, stripeCustomers } = deps
  return {
    fetch: ({ api }, eventId) => api.events.findAlert(eventId),

    async apply(tx, connected, { alertId, title, stripeCustomerId, value }) {
      const { mode } = connected.scope
      const customerId = await stripeCustomers.find(connected, stripeCustomerId, tx)
      if (customerId === undefined) return STRANGER
      await findings.report(tx, {
        mode,
        category: 'meter',
        subjectKind: 'customer',
        subjectId: customerId,
        customerId,
        summary: `The alert "${title}" in Stripe went off at ${value}.`,
        ours: null,
        theirs: { alertId, value },
        dedupeKey: `alert:${alertId}:${stripeCustomerId}`,
      })
      return APPLIED
    },
  }
}
