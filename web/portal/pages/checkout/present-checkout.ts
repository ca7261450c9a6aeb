import type { ResponseOf } from '../../../../src/client/client.ts'

type Checkout = ResponseOf<'get', '/api/v1/portal/checkouts/{intentId}'>
type Overview = ResponseOf<'get', '/api/v1/portal/overview'>

interface CheckoutStep {
  readonly label: string
  readonly state: 'done' | 'running' | 'waiting' | 'failed'
}

export interface CheckoutState {
  readonly kind: 'under_way' | 'done' | 'expired' | 'failed'
  readonly steps: readonly CheckoutStep[]
}

/**
 * How far a purchase has come. Coming back from the payment page proves nothing: what counts is what the provider
 * reported, so every step is one that the API has seen happen.
 */
export function checkoutState(checkout: Checkout, overview: Overview | undefined): CheckoutState {
  const { state, subscription } = checkout
  const isPaid =
    subscription !== null && ['paid', 'not_required'].includes(subscription.paymentStatus)
  const isRefused = subscription !== null && subscription.lifecycle === 'expired'
  const isActive =
    subscription !== null && ['active', 'trialing', 'canceling'].includes(subscription.lifecycle)
  const isFailed = state === 'failed' || isRefused
  // A trial is active before anything is paid.
  const isConfirmed = isPaid || isActive
  const hasKey = isActive && overview?.subscription?.id === subscription.id

  if (state === 'expired') return { kind: 'expired', steps: [] }
  if (isFailed) return { kind: 'failed', steps: [] }
  const reached = [true, isConfirmed, isActive, hasKey]
  const labels = [
    'Back from the payment page',
    'Payment confirmed',
    'Plan activated',
    'API key made',
  ]
  const running = reached.indexOf(false)
  return {
    kind: running === -1 ? 'done' : 'under_way',
    steps: labels.map((label, index) => ({
      label,
      state: reached[index] === true ? 'done' : index === running ? 'running' : 'waiting',
    })),
  }
}

/** When to ask again: often while everybody waits, less often when it takes its time; undefined when it is over. */
export function askAgainAfter(state: CheckoutState, waitedMs: number): number | undefined {
  if (state.kind !== 'under_way') return undefined
  if (waitedMs < 30_000) return 1_000
  return waitedMs < 300_000 ? 5_000 : 30_000
}

/** From when on the page explains why nothing seems to happen. */
export const LONG_MS = 10_000
