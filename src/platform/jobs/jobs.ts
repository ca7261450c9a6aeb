import { sql } from 'kysely'
import { newId } from '../../kit/id.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Database, Db } from '../database/database.ts'
import type { Log } from '../log.ts'

/**
 * Work to be done later, in a table. Enqueued in the transaction that decided it, claimed under a lease, and finished
 * in the transaction of its effect where it has one, so that a crash at any point runs it again and never twice.
 */
export interface Jobs {
  /** A job with a `key` exists once per queue until it is done; asked for again while it runs, it runs once more. */
  enqueue(tx: Db, queue: string, payload: JobPayload, options?: EnqueueOptions): Promise<void>
  /** One handler per queue. It must be harmless to run again: a lease may expire under it. */
  handle(queue: string, handler: JobHandler): void
  start(): void
  /** Lets what runs finish, and claims nothing more. */
  stop(): Promise<void>
  /** Runs everything that is due now, and what that enqueues in turn; for the test clock and for tests. */
  drain(): Promise<void>
}

export type JobPayload = Readonly<Record<string, unknown>>
export type JobHandler = (job: RunningJob) => Promise<void>

export interface RunningJob {
  readonly payload: JobPayload
  /** 1 on the first run. */
  readonly attempt: number
  /** Marks the job done inside the transaction of its effect; throws when the lease went to someone else. */
  complete(tx: Db): Promise<void>
}

export interface EnqueueOptions {
  readonly key?: string
  readonly runAt?: number
  readonly maxAttempts?: number
}

interface JobsOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
}

const CHANNEL = 'farebox_jobs'
const POLL_INTERVAL_MS = SECOND_MS
const LEASE_MS = 2 * MINUTE_MS
const CLAIM_COUNT = 10
const DEFAULT_MAX_ATTEMPTS = 12
const FIRST_RETRY_MS = 2 * SECOND_MS
const LONGEST_RETRY_MS = 6 * 60 * MINUTE_MS
const KEEP_DONE_MS = 7 * DAY_MS
/** A drain that goes on for so long is a job that enqueues itself. */
const MAX_DRAIN_ROUNDS = 10_000

interface ClaimedJob {
  readonly id: string
  readonly queue: string
  readonly payload: unknown
  readonly attempts: number
  readonly maxAttempts: number
}

export function createJobs({ database, clock, log }: JobsOptions): Jobs {
  const handlers = new Map<string, JobHandler>()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let unsubscribe: (() => void) | undefined
  let claiming: Promise<unknown> | undefined

  async function claim(): Promise<ClaimedJob[]> {
    const now = new Date(clock.now())
    const queues = [...handlers.keys()]
    if (queues.length === 0) return []
    const { rows } = await sql<ClaimedJob>`
      update jobs set attempts = attempts + 1, lease_until = ${new Date(clock.now() + LEASE_MS)}
      where id in (
        select id from jobs
        where state = 'ready' and run_at <= ${now} and (lease_until is null or lease_until <= ${now})
          and queue = any(${queues})
        order by run_at, id limit ${CLAIM_COUNT} for update skip locked
      )
      returning id, queue, payload, attempts, max_attempts`.execute(database.db)
    return rows
  }

  async function run(job: ClaimedJob): Promise<void> {
    const handler = handlers.get(job.queue)
    if (handler === undefined) return
    let isCompleted = false
    try {
      await handler({
        payload: job.payload as JobPayload,
        attempt: job.attempts,
        async complete(tx) {
          await finish(tx, job)
          isCompleted = true
        },
      })
      if (!isCompleted) await finish(database.db, job)
    } catch (error) {
      await fail(job, error)
    }
  }

  /** Guarded by the attempt: whoever lost the lease meanwhile must not finish somebody else's run. */
  async function finish(tx: Db, job: ClaimedJob): Promise<void> {
    const { numAffectedRows } = await sql`
      update jobs set
        state = case when is_wanted_again then 'ready' else 'done' end,
        key = case when is_wanted_again then key end,
        done_at = ${new Date(clock.now())},
        attempts = case when is_wanted_again then 0 else attempts end,
        lease_until = null,
        is_wanted_again = false
      where id = ${job.id} and state = 'ready' and attempts = ${job.attempts}`.execute(tx)
    if (numAffectedRows === 0n) throw new Error(`The lease of job ${job.id} was lost`)
  }

  async function fail(job: ClaimedJob, error: unknown): Promise<void> {
    const isDead = job.attempts >= job.maxAttempts
    log[isDead ? 'error' : 'warn']('job.failed', {
      jobId: job.id,
      queue: job.queue,
      attempt: job.attempts,
      isDead,
      error,
    })
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (job.attempts - 1), LONGEST_RETRY_MS)
    await database.db
      .updateTable('jobs')
      .set({
        state: isDead ? 'dead' : 'ready',
        leaseUntil: null,
        runAt: new Date(clock.now() + delayMs * (0.75 + Math.random() / 2)),
        lastError: error instanceof Error ? error.message.slice(0, 1000) : String(error),
      })
      .where('id', '=', job.id)
      .where('attempts', '=', job.attempts)
      .execute()
  }

  async function claimAndRun(): Promise<number> {
    const claimed = await claim()
    for (const job of claimed) {
      const work = run(job).catch((error: unknown) => log.error('job.unfinished', { error }))
      running.add(work)
      void work.finally(() => running.delete(work))
    }
    return claimed.length
  }

  /** One claim at a time; what arrives meanwhile is seen by the next. */
  function wake(): void {
    claiming ??= claimAndRun()
      .then((count) => {
        claiming = undefined
        if (count === CLAIM_COUNT && timer !== undefined) wake()
      })
      .catch((error: unknown) => {
        claiming = undefined
        log.warn('jobs.claim_failed', { error })
      })
  }

  return {
    async enqueue(tx, queue, payload, { key, runAt, maxAttempts } = {}) {
      await tx
        .insertInto('jobs')
        .values({
          id: newId('job', clock.now()),
          queue,
          key: key ?? null,
          payload: JSON.stringify(payload),
          runAt: new Date(runAt ?? clock.now()),
          maxAttempts: maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
          createdAt: new Date(clock.now()),
        })
        // What a job under way has already read may be stale by now, so it runs once more when it is done.
        .onConflict((conflict) =>
          conflict
            .columns(['queue', 'key'])
            .where('key', 'is not', null)
            .doUpdateSet({ isWantedAgain: sql<boolean>`jobs.lease_until is not null` }),
        )
        .execute()
      await database.publish(tx, CHANNEL, queue)
    },
    handle(queue, handler) {
      if (handlers.has(queue)) throw new Error(`Queue ${queue} has a handler already`)
      handlers.set(queue, handler)
    },
    start() {
      unsubscribe = database.subscribe(CHANNEL, wake)
      timer = setInterval(wake, POLL_INTERVAL_MS)
      wake()
    },
    async stop() {
      unsubscribe?.()
      clearInterval(timer)
      timer = undefined
      await claiming
      await Promise.all(running)
    },
    async drain() {
      for (let round = 0; round < MAX_DRAIN_ROUNDS; round++) {
        await claiming
        const count = await claimAndRun()
        await Promise.all(running)
        if (count === 0) return
      }
      throw new Error('Jobs kept on enqueuing jobs')
    },
  }
}

/** Forgets jobs done long ago; the dead stay until an operator looks at them. */
export async function deleteDoneJobs(db: Db, now: number): Promise<void> {
  await db
    .deleteFrom('jobs')
    .where('state', '=', 'done')
    .where('doneAt', '<', new Date(now - KEEP_DONE_MS))
    .execute()
}
