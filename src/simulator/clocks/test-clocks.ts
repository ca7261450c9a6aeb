import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import { boundary } from '../../kit/period.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'

const LIFETIME_SECONDS = (30 * DAY_MS) / SECOND_MS
const KIND = 'test_helpers.test_clock'

export const testClockOperations: Handlers = {
  'POST /v1/test_helpers/test_clocks': ({ tx, params }) => {
    if (tx.realm.isLive) {
      throw invalidRequest({ message: 'Test clocks can only be created in test mode.' })
    }
    const id = tx.newId('clock')
    const now = tx.now(null)
    tx.insert(KIND, {
      id,
      object: KIND,
      created: now,
      deletes_after: now + LIFETIME_SECONDS,
      frozen_time: params.frozen_time,
      livemode: false,
      name: params.name ?? null,
      status: 'ready',
      status_details: {},
      inner: { time: params.frozen_time },
    })
    tx.emit('test_helpers.test_clock.created', KIND, id)
    tx.schedule({
      id: `clock:${id}`,
      type: 'test_clock.delete',
      clock: null,
      dueAt: now + LIFETIME_SECONDS,
      rank: 95,
      subject: id,
    })
    return tx.present(KIND, id)
  },

  'GET /v1/test_helpers/test_clocks': ({ tx, params }) =>
    listPage(tx, KIND, { url: '/v1/test_helpers/test_clocks', params }),

  'GET /v1/test_helpers/test_clocks/{id}': ({ tx, id }) =>
    tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/test_helpers/test_clocks/{id}/advance': ({ tx, params, id }) => {
    const clock = getById(tx, KIND, id)
    if (clock.status !== 'ready') {
      throw invalidRequest({
        message: `The test clock ${id} is ${clock.status}; wait until it is ready.`,
      })
    }
    checkTarget(tx, id, params.frozen_time)
    tx.update(KIND, id, {
      status: 'advancing',
      status_details: { advancing: { target_frozen_time: params.frozen_time } },
    })
    // The runner sees the status and does the work after this answer has gone out.
    tx.emit('test_helpers.test_clock.advancing', KIND, id)
    return tx.present(KIND, id)
  },

  'DELETE /v1/test_helpers/test_clocks/{id}': ({ tx, id }) => {
    getById(tx, KIND, id)
    deleteClock(tx, id)
    return { id, object: KIND, deleted: true }
  },
}

/** Time goes forward only, and not so far that a mistake would cost thousands of invoices. */
function checkTarget(tx: Transaction, id: string, target: number): void {
  const clock = tx.get(KIND, id)
  if (target <= clock.frozen_time) {
    throw invalidRequest({
      message: `Test clocks only go forward: ${target} is not after the frozen time ${clock.frozen_time}.`,
      param: 'frozen_time',
    })
  }
  const limit = furthestTarget(tx, id)
  if (target > limit) {
    throw invalidRequest({
      message: `A test clock can advance at most two intervals of its shortest subscription at once (two years without subscriptions): up to ${limit}. Advance in several steps.`,
      param: 'frozen_time',
    })
  }
}

function furthestTarget(tx: Transaction, id: string): number {
  const from = tx.get(KIND, id).frozen_time
  const ends = tx.where('customer', 'test_clock', id).flatMap((customer) =>
    tx
      .where('subscription', 'customer', customer.id)
      .filter(({ status }) => !['canceled', 'incomplete_expired'].includes(status))
      .flatMap((subscription) => tx.where('subscription_item', 'subscription', subscription.id))
      .map((item) => twoIntervalsAfter(tx, from, item.price)),
  )
  return ends.length === 0 ? boundary(from * 1_000, { months: 24 }, 1) / 1_000 : Math.min(...ends)
}

function twoIntervalsAfter(tx: Transaction, from: number, priceId: string): number {
  const { recurring } = tx.get('price', priceId)
  if (recurring === null) throw new Error(`${priceId} is not recurring`)
  const count = 2 * recurring.interval_count
  switch (recurring.interval) {
    case 'day':
      return from + (count * DAY_MS) / SECOND_MS
    case 'week':
      return from + (7 * count * DAY_MS) / SECOND_MS
    case 'month':
      return boundary(from * 1_000, { months: count }, 1) / 1_000
    case 'year':
      return boundary(from * 1_000, { months: 12 * count }, 1) / 1_000
  }
}

/** A deleted clock takes its customers, and their subscriptions with them. Also a job: clocks live 30 days. */
export function deleteClock(tx: Transaction, id: string): void {
  if (tx.find(KIND, id) === undefined) return
  for (const customer of tx.where('customer', 'test_clock', id)) {
    if (customer.inner.isDeleted) continue
    tx.notify({ type: 'customer.deleted', id: customer.id })
    tx.emit('customer.deleted', 'customer', customer.id)
    tx.update('customer', customer.id, { inner: { ...customer.inner, isDeleted: true } })
  }
  tx.emit('test_helpers.test_clock.deleted', KIND, id)
  for (const job of tx.where('job', 'clock', id)) tx.unschedule(job.id)
  tx.unschedule(`clock:${id}`)
  tx.remove(KIND, id)
}
