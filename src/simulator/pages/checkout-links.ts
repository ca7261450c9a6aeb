import type { Documents } from '../store/documents.ts'

/** Where the merchant wants the customer after the checkout. */
export function successUrl(session: Documents['checkout.session']): string {
  return (session.success_url ?? '/').replaceAll(
    /\{CHECKOUT_SESSION_ID\}|%7BCHECKOUT_SESSION_ID%7D/gi,
    session.id,
  )
}
