import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BillingPortalSession } from '../stripe.generated.ts'

type Session = Documents['billing_portal.session']
export type FlowType = NonNullable<BillingPortalSession['flow']>['type']

/** The one thing a session leads to, while it has not been done. */
export function openFlow({ flow, inner }: Session): Session['flow'] {
  return inner.isFlowDone ? null : flow
}

/** The subscription a flow is about. */
export function subscriptionOfFlow(flow: NonNullable<Session['flow']>): string | undefined {
  const details =
    flow.subscription_cancel ??
    flow.subscription_pause ??
    flow.subscription_update ??
    flow.subscription_update_confirm
  return details?.subscription
}

/** Notes that something was done; it ends the flow that was for that, or for one of its steps. */
export function completeFlow(tx: Transaction, id: string, done: FlowType): void {
  const session = tx.get('billing_portal.session', id)
  if (openFlow(session)?.type !== done) return
  tx.update('billing_portal.session', id, { inner: { ...session.inner, isFlowDone: true } })
}
