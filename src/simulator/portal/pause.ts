import { pauseSubscription, resumeSubscription } from '../billing/pausing.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { boundary } from '../../kit/period.ts'

type Subscription = Documents['subscription']

/** How long a pause lasts. */
export interface PauseLength {
  readonly interval: 'day' | 'week' | 'month' | 'year'
  readonly interval_count: number
}

export function canPause(subscription: Subscription): boolean {
  return (
    subscription.billing_mode.type === 'flexible' &&
    subscription.schedule === null &&
    subscription.cancel_at === null &&
    ['active', 'trialing', 'past_due'].includes(subscription.status)
  )
}

/** Pauses until the customer resumes it, or for a while. */
export function pauseInPortal(tx: Transaction, id: string, length: PauseLength | null): void {
  pauseSubscription(tx, id, { creditFrom: 'now', billsUsage: true, invoicesNow: false })
  if (length === null) return
  const subscription = tx.get('subscription', id)
  tx.schedule({
    id: jobOf(id),
    type: 'subscription.portal_resume',
    clock: subscription.test_clock,
    dueAt: pauseEnd(tx.now(subscription.test_clock), length),
    rank: 25,
    subject: id,
  })
}

export function pauseEnd(now: number, { interval, interval_count: count }: PauseLength): number {
  switch (interval) {
    case 'day':
      return now + count * 86_400
    case 'week':
      return now + count * 7 * 86_400
    case 'month':
    case 'year':
      return boundary(now * 1_000, { months: interval === 'year' ? count * 12 : count }, 1) / 1_000
  }
}

export function resumeInPortal(tx: Transaction, id: string): void {
  tx.unschedule(jobOf(id))
  resumeSubscription(tx, id, {
    resetsAnchor: true,
    prorationBehavior: 'create_prorations',
    prorationDate: undefined,
    waitsForPayment: true,
  })
}

/** Job: a pause that was to last a while is over. */
export function resumeAsPlanned(tx: Transaction, id: string): void {
  if (tx.find('subscription', id)?.status === 'paused') resumeInPortal(tx, id)
}

function jobOf(subscription: string): string {
  return `portal_resume:${subscription}`
}
