/**
 * What one part of the domain tells the others, within the same transaction. Whoever tells does not know who listens:
 * payments know nothing of invoices, invoices nothing of entitlements. See `reactions.ts`.
 */
export type Notice =
  /** A payment intent succeeded, failed, was canceled or now waits for its customer. */
  | { readonly type: 'payment_intent.settled'; readonly id: string }
  | { readonly type: 'setup_intent.settled'; readonly id: string }
  /** An invoice is paid, void or uncollectible. */
  | { readonly type: 'invoice.closed'; readonly id: string }
  /** An attempt to collect an invoice failed, or waits for the customer; the final one is not repeated. */
  | { readonly type: 'invoice.unpaid'; readonly id: string; readonly isFinal: boolean }
  | { readonly type: 'charge.disputed'; readonly id: string }
  | { readonly type: 'customer.deleted'; readonly id: string }
  /** Its status or its items may have changed. */
  | { readonly type: 'subscription.changed'; readonly id: string }
  | { readonly type: 'subscription.ended'; readonly id: string }
