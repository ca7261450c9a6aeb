import type { Realm } from '../store/realm.ts'
import type { Job } from '../store/jobs.ts'
import type { Transaction } from '../store/transaction.ts'
import { setRealmTime } from './time.ts'

/** What to do when a job of a type falls due; the job is gone when it runs and may schedule itself anew. */
export type JobHandlers = Readonly<Record<string, (tx: Transaction, subject: string) => void>>

/** Runs the due work of one realm, on its own time and on its test clocks, always in the order of time. */
export interface Runner {
  /** Moves the realm's own time; resolves when everything due by then is done. */
  advanceRealm(to: number, options: { readonly isFrozen: boolean }): Promise<void>
  close(): void
}

/** Between two slices other requests get their turn. */
const SLICE_MS = 15
/** Node's timers cannot wait longer. */
const MAX_WAIT_MS = 2 ** 31 - 1

export function createRunner(
  realm: Realm,
  handlers: JobHandlers,
  report: (error: unknown) => void,
): Runner {
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let realmAdvance: Promise<void> = Promise.resolve()
  let isRealmAdvancing = false
  const advancing = new Set<string>()

  const wallSeconds = (): number => Math.floor(Date.now() / 1_000)
  const realmTime = (): number => realm.transact((tx) => tx.now(null))

  function runJob(job: Job): void {
    const handler = handlers[job.type]
    if (handler === undefined) throw new Error(`Nobody handles jobs of type ${job.type}`)
    realm.transact(
      (tx) => {
        tx.unschedule(job.id)
        if (job.clock !== null) {
          const clock = tx.get('test_helpers.test_clock', job.clock)
          tx.update('test_helpers.test_clock', job.clock, {
            inner: { ...clock.inner, time: Math.max(clock.inner.time, job.dueAt) },
          })
        }
        handler(tx, job.subject)
      },
      { at: { clock: job.clock, seconds: job.dueAt } },
    )
  }

  /** Runs what is due by then, in slices; `onJob` sees each job's time first. */
  async function runDue(
    clock: string | null,
    until: number,
    onJob?: (at: number) => void,
  ): Promise<void> {
    const queue = realm.queueOf(clock)
    let sliceStartedAt = performance.now()
    for (;;) {
      const next = queue.peek()
      if (isClosed || next === undefined || next.dueAt > until) return
      const job = realm.tables.job.get(next.id)
      queue.pop()
      if (job !== undefined) {
        onJob?.(job.dueAt)
        runJob(job)
      }
      if (performance.now() - sliceStartedAt > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve))
        sliceStartedAt = performance.now()
      }
    }
  }

  /** Real time passes too: work of the realm's own time runs when its moment comes. */
  function arm(): void {
    if (timer !== undefined) clearTimeout(timer)
    timer = undefined
    const isFrozen = (realm.tables.realm_clock.get('clock')?.frozenAt ?? null) !== null
    const next = realm.queueOf(null).peek()
    if (isClosed || isRealmAdvancing || isFrozen || next === undefined) return
    const waitMs = Math.max(0, (next.dueAt - realmTime()) * 1_000)
    timer = setTimeout(
      () => {
        isRealmAdvancing = true
        void runDue(null, realmTime())
          .catch(report)
          .finally(() => {
            isRealmAdvancing = false
            arm()
          })
      },
      Math.min(waitMs, MAX_WAIT_MS),
    )
    timer.unref()
  }

  async function advanceTestClock(id: string): Promise<void> {
    if (advancing.has(id)) return
    advancing.add(id)
    try {
      const target =
        realm.tables['test_helpers.test_clock'].get(id)?.status_details.advancing
          ?.target_frozen_time
      if (target === undefined) return
      await runDue(id, target)
      if (!isClosed) realm.transact((tx) => arrive(tx, id, target))
    } catch (error) {
      realm.transact((tx) => {
        tx.update('test_helpers.test_clock', id, { status: 'internal_failure', status_details: {} })
        tx.emit('test_helpers.test_clock.internal_failure', 'test_helpers.test_clock', id)
      })
      report(error)
    } finally {
      advancing.delete(id)
    }
  }

  realm.onCommit((changes) => {
    for (const { kind, id } of changes) {
      if (kind !== 'test_helpers.test_clock') continue
      const isAdvancing = realm.tables[kind].get(id)?.status === 'advancing'
      if (isAdvancing && !advancing.has(id)) setImmediate(() => void advanceTestClock(id))
    }
    arm()
  })
  for (const clock of realm.tables['test_helpers.test_clock'].oldestFirst()) {
    if (clock.status === 'advancing') setImmediate(() => void advanceTestClock(clock.id))
  }
  arm()

  return {
    advanceRealm(to, { isFrozen }) {
      const advance = async (): Promise<void> => {
        isRealmAdvancing = true
        try {
          await runDue(null, to, (at) => {
            if (at <= realmTime()) return
            realm.transact((tx) =>
              setRealmTime(tx, at, { isFrozen: true, wallSeconds: wallSeconds() }),
            )
          })
          // An advance before this one may have gone further, and time does not go back.
          const arrival = Math.max(to, realmTime())
          realm.transact((tx) =>
            setRealmTime(tx, arrival, { isFrozen, wallSeconds: wallSeconds() }),
          )
        } finally {
          isRealmAdvancing = false
          arm()
        }
      }
      // One after the other: two advances at once would pull time back and forth.
      realmAdvance = realmAdvance.then(advance, advance)
      return realmAdvance
    },
    close() {
      isClosed = true
      if (timer !== undefined) clearTimeout(timer)
    },
  }
}

function arrive(tx: Transaction, id: string, target: number): void {
  const clock = tx.find('test_helpers.test_clock', id)
  if (clock === undefined) return
  tx.update('test_helpers.test_clock', id, {
    frozen_time: target,
    status: 'ready',
    status_details: {},
    inner: { ...clock.inner, time: target },
  })
  tx.emit('test_helpers.test_clock.ready', 'test_helpers.test_clock', id)
}
