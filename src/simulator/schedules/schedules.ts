import { isDeepStrictEqual } from 'node:util'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { SubscriptionSchedule, SubscriptionScheduleUpdateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import type { StoredPhase } from './documents.ts'
import {
  cancelSchedule,
  isLive,
  phaseAt,
  planSchedule,
  releaseSchedule,
  tieEnd,
  turnPhaseAt,
} from './lifecycle.ts'
import { enterPhase } from './phase-entry.ts'
import { presentPhase, readPhases } from './phases.ts'
import { createSchedule, readEndBehavior, readSettings } from './schedule-creation.ts'

const KIND = 'subscription_schedule'
type Schedule = Documents[typeof KIND]

export const subscriptionScheduleOperations: Handlers = {
  'POST /v1/subscription_schedules': ({ tx, params }) =>
    tx.present(KIND, createSchedule(tx, params).id),

  'GET /v1/subscription_schedules': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/subscription_schedules',
      params,
      ...(params.customer === undefined
        ? {}
        : { among: tx.where(KIND, 'customer', params.customer) }),
      matches: (schedule) =>
        (params.customer !== undefined || schedule.test_clock === null) &&
        (params.scheduled === undefined ||
          (schedule.status === 'not_started') === params.scheduled) &&
        isInRange(schedule.created, params.created) &&
        matchesTime(schedule.canceled_at, params.canceled_at) &&
        matchesTime(schedule.completed_at, params.completed_at) &&
        matchesTime(schedule.released_at, params.released_at),
    }),

  'GET /v1/subscription_schedules/{id}': ({ tx, id }) => tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/subscription_schedules/{id}': ({ tx, params, id }) => {
    updateSchedule(tx, getById(tx, KIND, id), params)
    return tx.present(KIND, id)
  },

  'POST /v1/subscription_schedules/{id}/cancel': ({ tx, params, id }) => {
    getById(tx, KIND, id)
    cancelSchedule(tx, id, {
      invoicesNow: params.invoice_now ?? true,
      prorates: params.prorate ?? true,
    })
    return tx.present(KIND, id)
  },

  'POST /v1/subscription_schedules/{id}/release': ({ tx, params, id }) => {
    getById(tx, KIND, id)
    releaseSchedule(tx, id, { keepsCancellation: params.preserve_cancel_date ?? false })
    return tx.present(KIND, id)
  },
}

type TimeFilter = Parameters<typeof isInRange>[1]

function matchesTime(value: number | null, filter: TimeFilter): boolean {
  return filter === undefined || (value !== null && isInRange(value, filter))
}

export function presentSchedule(
  tx: Transaction,
  { inner, ...schedule }: Schedule,
): SubscriptionSchedule {
  return { ...schedule, phases: inner.phases.map((phase) => presentPhase(tx, phase)) }
}

export function updateSchedule(
  tx: Transaction,
  schedule: Schedule,
  params: SubscriptionScheduleUpdateParams,
): void {
  const { id } = schedule
  const isOver = !isLive(schedule)
  if (isOver && Object.keys(params).some((name) => name !== 'metadata' && name !== 'expand')) {
    throw invalidRequest({
      message: `You cannot update a subscription schedule that is ${schedule.status}; only its metadata can change.`,
    })
  }
  const customer = tx.get('customer', schedule.customer)
  tx.update(KIND, id, {
    default_settings: readSettings(
      tx,
      customer,
      params.default_settings,
      schedule.default_settings,
    ),
    end_behavior: readEndBehavior(params.end_behavior) ?? schedule.end_behavior,
    metadata: mergeMetadata(schedule.metadata ?? {}, params.metadata),
  })
  if (isOver) return
  if (params.phases !== undefined) replacePhases(tx, schedule, params.phases, params)
  if (schedule.status === 'active' && (params.phases ?? params.end_behavior) !== undefined) {
    tieEnd(tx, id)
  }
  planSchedule(tx, id)
  turnPhaseAt(tx, id, tx.now(schedule.test_clock))
}

type GivenPhases = NonNullable<SubscriptionScheduleUpdateParams['phases']>

/** All current and future phases are given anew. What is past stays as it was. */
function replacePhases(
  tx: Transaction,
  schedule: Schedule,
  given: GivenPhases,
  { proration_behavior: prorationBehavior }: SubscriptionScheduleUpdateParams,
): void {
  const customer = tx.get('customer', schedule.customer)
  const now = tx.now(schedule.test_clock)
  const context = { customer, now, isFlexible: schedule.billing_mode.type === 'flexible' }
  const [first] = given
  if (first === undefined) throw missingParameter('phases')
  if (schedule.status === 'not_started') {
    const start = first.start_date === 'now' ? now : first.start_date
    const phases = readPhases(
      tx,
      given,
      start ?? schedule.inner.phases[0]?.start_date ?? now,
      context,
    )
    tx.update(KIND, schedule.id, { inner: { phases } })
    return
  }
  const current = schedule.current_phase?.start_date ?? now
  const past = schedule.inner.phases.filter((phase) => phase.start_date < current)
  const remaining = given.filter(
    (phase) => typeof phase.start_date !== 'number' || phase.start_date >= current,
  )
  const [running] = remaining
  if (running === undefined) throw missingParameter('phases')
  if (running.start_date === undefined) throw missingParameter('phases[0][start_date]')
  if (running.start_date !== current) {
    throw invalidRequest({
      message: `The current phase began at ${current}, and its start date cannot be changed.`,
      param: 'phases[0][start_date]',
    })
  }
  const phases = readPhases(tx, remaining, current, context)
  requireOpenEnd(phases[0], now)
  const before = schedule.inner.phases.find(({ start_date: start }) => start === current)
  const updated = tx.update(KIND, schedule.id, {
    current_phase: { start_date: current, end_date: phases[0]?.end_date ?? now },
    inner: { phases: [...past, ...phases] },
  })
  const after = phaseAt(updated, now)
  if (after === undefined || after.start_date !== current || isSamePhase(before, after)) return
  enterPhase(tx, updated, after, {
    at: now,
    revision: { prorationBehavior: prorationBehavior ?? 'create_prorations' },
  })
}

function requireOpenEnd(phase: StoredPhase | undefined, now: number): void {
  if (phase === undefined || phase.end_date >= now) return
  throw invalidRequest({
    message: 'The current phase cannot end in the past.',
    param: 'phases[0][end_date]',
  })
}

/** Its end apart, which the subscription knows nothing of. */
function isSamePhase(before: StoredPhase | undefined, after: StoredPhase): boolean {
  return (
    before !== undefined && isDeepStrictEqual({ ...before, end_date: 0 }, { ...after, end_date: 0 })
  )
}
