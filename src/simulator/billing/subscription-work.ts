import { settingsOf } from '../store/settings.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'

type Subscription = Documents['subscription']

const DAY = 86_400
const TRIAL_NOTICE_SECONDS = 3 * DAY
/** An incomplete subscription waits this long for its first payment. */
export const INCOMPLETE_SECONDS = 23 * 3_600

const ENDED = new Set<Subscription['status']>(['canceled', 'incomplete_expired'])

export function isEnded(subscription: Subscription): boolean {
  return ENDED.has(subscription.status)
}

export function itemsOf(
  tx: Transaction,
  subscription: string,
): readonly Documents['subscription_item'][] {
  return tx.where('subscription_item', 'subscription', subscription)
}

/** When the next period of any item ends. */
export function nextPeriodEnd(tx: Transaction, subscription: string): number | null {
  const ends = itemsOf(tx, subscription).map((item) => item.current_period_end)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** Plans what a subscription has ahead of it. Called after every change; what was planned before is replaced. */
export function planWork(tx: Transaction, id: string): void {
  const subscription = tx.get('subscription', id)
  const now = tx.now(subscription.test_clock)
  const end = nextPeriodEnd(tx, id)
  const isRunning = !isEnded(subscription) && subscription.status !== 'paused'
  const isBilled = isRunning && subscription.status !== 'incomplete'
  const notice = settingsOf(tx).upcomingInvoiceDays * DAY

  plan(tx, subscription, 'cycle', isBilled ? end : null, 20)
  // What is canceled at the end of its period is not renewed first.
  plan(tx, subscription, 'cancel', isEnded(subscription) ? null : subscription.cancel_at, 10)
  const upcomingAt = end === null || notice === 0 ? null : end - notice
  plan(
    tx,
    subscription,
    'upcoming',
    isBilled && upcomingAt !== null && upcomingAt > now ? upcomingAt : null,
    60,
  )
  const trialNotice =
    subscription.trial_end === null ? null : subscription.trial_end - TRIAL_NOTICE_SECONDS
  const isTrialing = subscription.status === 'trialing'
  plan(
    tx,
    subscription,
    'trial_will_end',
    isTrialing && trialNotice !== null && trialNotice > now ? trialNotice : null,
    60,
  )
  plan(
    tx,
    subscription,
    'expire',
    subscription.status === 'incomplete' ? subscription.created + INCOMPLETE_SECONDS : null,
    45,
  )
  const resumesAt = subscription.pause_collection?.resumes_at ?? null
  plan(tx, subscription, 'resume_collection', isRunning ? resumesAt : null, 5)
}

function plan(
  tx: Transaction,
  subscription: Subscription,
  name: string,
  dueAt: number | null,
  rank: number,
): void {
  const id = `${name}:${subscription.id}`
  if (dueAt === null) {
    tx.unschedule(id)
    return
  }
  tx.schedule({
    id,
    type: `subscription.${name}`,
    clock: subscription.test_clock,
    dueAt,
    rank,
    subject: subscription.id,
  })
}
