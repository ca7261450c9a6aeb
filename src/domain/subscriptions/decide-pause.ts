import type { ErrorCode } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import type { PlanDefinition } from '../catalog/plan.ts'
import { lifecycleAt, type Subscription } from './subscription.ts'

export type PauseDecision =
  | { readonly kind: 'pause' }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly params: Readonly<Record<string, string>>
    }

export interface PauseRequest {
  /** Null: until somebody resumes it. */
  readonly resumesAt: Instant | null
  readonly isCustomers: boolean
}

/** Only what runs and is paid for as agreed can be paused: a trial would go on at Stripe, a cancellation comes anyway. */
export function decidePause(
  subscription: Subscription,
  { customersMayPause }: Pick<PlanDefinition, 'customersMayPause'>,
  { resumesAt, isCustomers }: PauseRequest,
  now: Instant,
): PauseDecision {
  const lifecycle = lifecycleAt(subscription, now)
  if (isCustomers && !customersMayPause) return refuse('pause_not_offered')
  const isSentByStripe =
    subscription.engine === 'stripe_subscription' && subscription.collection === 'send_invoice'
  // Stripe resumes only what it charges.
  if (isSentByStripe) return refuse('sent_invoices_not_pausable')
  if (lifecycle !== 'active') return refuse('subscription_not_pausable', { lifecycle })
  if (resumesAt !== null && resumesAt <= now) return refuse('pause_end_invalid')
  return { kind: 'pause' }
}

function refuse(code: ErrorCode, params: Readonly<Record<string, string>> = {}): PauseDecision {
  return { kind: 'refused', code, params }
}
