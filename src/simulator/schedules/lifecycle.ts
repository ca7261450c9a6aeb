import { endSubscription } from '../billing/cancellation.ts'
import { isEnded, planWork as planSubscription } from '../billing/subscription-work.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import type { StoredPhase } from './documents.ts'
import { enterPhase, startSubscription } from './phase-entry.ts'

const KIND = 'subscription_schedule'
type Schedule = Documents[typeof KIND]

const EXPIRY_NOTICE_SECONDS = 7 * 86_400

export function isLive({ status }: Schedule): boolean {
  return status === 'not_started' || status === 'active'
}

/** The last instant a schedule says anything about. */
export function endOf(schedule: Schedule): number {
  return schedule.inner.phases.at(-1)?.end_date ?? 0
}

export function phaseAt(schedule: Schedule, at: number): StoredPhase | undefined {
  return schedule.inner.phases.find((phase) => phase.start_date <= at && at < phase.end_date)
}

/** Plans what a schedule has ahead of it; called after every change. */
export function planSchedule(tx: Transaction, id: string): void {
  const schedule = tx.get(KIND, id)
  const [first] = schedule.inner.phases
  const now = tx.now(schedule.test_clock)
  const boundary =
    schedule.status === 'active'
      ? (schedule.current_phase?.end_date ?? null)
      : schedule.status === 'not_started'
        ? (first?.start_date ?? null)
        : null
  const notice = endOf(schedule) - EXPIRY_NOTICE_SECONDS
  // After a cancellation at the same instant, and before the renewal that bills the new phase.
  place(tx, schedule, 'phase', boundary, 12)
  place(tx, schedule, 'expiring', isLive(schedule) && notice > now ? notice : null, 60)
}

function place(
  tx: Transaction,
  schedule: Schedule,
  name: 'phase' | 'expiring',
  dueAt: number | null,
  rank: number,
): void {
  const id = `${name}:${schedule.id}`
  if (dueAt === null) {
    tx.unschedule(id)
    return
  }
  tx.schedule({
    id,
    type: `schedule.${name}`,
    clock: schedule.test_clock,
    dueAt,
    rank,
    subject: schedule.id,
  })
}

/** Job: a phase begins, or the last one ends. */
export function turnPhase(tx: Transaction, id: string): void {
  const schedule = tx.find(KIND, id)
  if (schedule !== undefined && isLive(schedule)) turnPhaseAt(tx, id, tx.now(schedule.test_clock))
}

/** The phase that runs at an instant takes over, one after the other where time has passed several. */
export function turnPhaseAt(tx: Transaction, id: string, at: number): void {
  const schedule = tx.get(KIND, id)
  if (schedule.status === 'active' && at < (schedule.current_phase?.end_date ?? 0)) return
  const phase = phaseAt(schedule, at)
  if (schedule.status === 'not_started') {
    const [first] = schedule.inner.phases
    if (first === undefined || at < first.start_date) return
    startSchedule(tx, id, phase ?? first)
    return
  }
  if (phase === undefined) {
    completeSchedule(tx, id)
    return
  }
  tx.update(KIND, id, { current_phase: { start_date: phase.start_date, end_date: phase.end_date } })
  enterPhase(tx, schedule, phase, { at })
  planSchedule(tx, id)
}

function startSchedule(tx: Transaction, id: string, phase: StoredPhase): void {
  const subscription = startSubscription(tx, tx.get(KIND, id), phase)
  tx.update(KIND, id, {
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    status: 'active',
    subscription,
  })
  tieEnd(tx, id)
  planSchedule(tx, id)
}

/** Where the schedule ends its subscription with itself, the subscription says so. */
export function tieEnd(tx: Transaction, id: string): void {
  const schedule = tx.get(KIND, id)
  const subscription = tx.find('subscription', schedule.subscription ?? '')
  if (subscription === undefined || isEnded(subscription)) return
  tx.update('subscription', subscription.id, {
    cancel_at: schedule.end_behavior === 'cancel' ? endOf(schedule) : null,
    cancel_at_period_end: false,
    canceled_at: null,
  })
  planSubscription(tx, subscription.id)
}

/** The last phase is over and the subscription goes on by itself. */
function completeSchedule(tx: Transaction, id: string): void {
  const now = tx.now(tx.get(KIND, id).test_clock)
  tx.update(KIND, id, { completed_at: now, current_phase: null })
  tx.emit('subscription_schedule.completed', KIND, id)
  releaseSchedule(tx, id, { keepsCancellation: false })
}

export function releaseSchedule(
  tx: Transaction,
  id: string,
  { keepsCancellation }: { readonly keepsCancellation: boolean },
): void {
  const schedule = tx.get(KIND, id)
  requireLive(schedule, 'release')
  const subscription = tx.find('subscription', schedule.subscription ?? '')
  tx.update(KIND, id, {
    current_phase: null,
    released_at: tx.now(schedule.test_clock),
    released_subscription: schedule.subscription,
    status: 'released',
    subscription: null,
  })
  planSchedule(tx, id)
  if (subscription !== undefined) {
    const dropsEnd = schedule.end_behavior === 'cancel' && !keepsCancellation
    tx.update('subscription', subscription.id, {
      schedule: null,
      ...(dropsEnd ? { cancel_at: null } : {}),
    })
    planSubscription(tx, subscription.id)
  }
  tx.emit('subscription_schedule.released', KIND, id)
}

export function cancelSchedule(
  tx: Transaction,
  id: string,
  options: { readonly invoicesNow: boolean; readonly prorates: boolean },
): void {
  const schedule = tx.get(KIND, id)
  requireLive(schedule, 'cancel')
  const { subscription } = schedule
  if (subscription === null) {
    close(tx, id, 'subscription_schedule.canceled')
    return
  }
  endSubscription(tx, subscription, { reason: 'cancellation_requested', ...options })
}

function requireLive(schedule: Schedule, verb: string): void {
  if (isLive(schedule)) return
  throw invalidRequest({
    message: `You cannot ${verb} a subscription schedule that is ${schedule.status}. It must be not_started or active.`,
  })
}

/** Reaction: a subscription has ended, and its schedule with it. */
export function onSubscriptionEnded(tx: Transaction, subscription: string): void {
  const { schedule: id, cancellation_details: details } = tx.get('subscription', subscription)
  const schedule = tx.find(KIND, id ?? '')
  if (schedule === undefined || !isLive(schedule)) return
  const now = tx.now(schedule.test_clock)
  if (schedule.end_behavior === 'cancel' && now >= endOf(schedule)) {
    tx.update(KIND, schedule.id, { completed_at: now, current_phase: null, status: 'completed' })
    planSchedule(tx, schedule.id)
    tx.emit('subscription_schedule.completed', KIND, schedule.id)
    return
  }
  const isDelinquent = details?.reason === 'payment_failed'
  close(tx, schedule.id, `subscription_schedule.${isDelinquent ? 'aborted' : 'canceled'}`)
}

/** Reaction: schedules of a deleted customer that have made no subscription yet never will. */
export function cancelAllOfCustomer(tx: Transaction, customer: string): void {
  for (const schedule of tx.where(KIND, 'customer', customer)) {
    if (isLive(schedule)) close(tx, schedule.id, 'subscription_schedule.canceled')
  }
}

function close(tx: Transaction, id: string, event: string): void {
  tx.update(KIND, id, {
    canceled_at: tx.now(tx.get(KIND, id).test_clock),
    current_phase: null,
    status: 'canceled',
  })
  planSchedule(tx, id)
  tx.emit(event, KIND, id)
}

/** Job: tells of the end a week ahead. */
export function announceExpiry(tx: Transaction, id: string): void {
  const schedule = tx.find(KIND, id)
  if (schedule !== undefined && isLive(schedule)) {
    tx.emit('subscription_schedule.expiring', KIND, id)
  }
}
