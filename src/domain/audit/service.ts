import type { Clock } from '../../kit/clock.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Page, PageRequest, TimePage } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Caller } from './caller.ts'
import { type AuditEntry, type AuditSlice, findBreak, FIRST_HASH } from './entry.ts'
import * as store from './store.ts'

const VERIFY_BATCH = 500

export interface AuditedChange {
  readonly action: string
  readonly targetKind: string
  readonly targetId: string
  readonly customerId?: string | null
  readonly before?: unknown
  readonly after?: unknown
}

export type Audit = ReturnType<typeof createAudit>

/** Part of every transaction that changes something; written at its end, under the chain's lock. */
export function createAudit(deps: {
  readonly database: Database
  readonly clock: Clock
  /** What time it is in a mode when it is `at` by the clock. */
  readonly timeIn: (mode: Mode, at: Instant) => Instant
}) {
  const { database, clock, timeIn } = deps
  return {
    async record(tx: Db, caller: Caller, change: AuditedChange): Promise<void> {
      const { actor } = caller
      const at = clock.now()
      await store.append(tx, {
        mode: caller.mode,
        at,
        happenedAt: timeIn(caller.mode, at),
        actorKind: actor.kind,
        actorId: 'id' in actor ? actor.id : null,
        actorRole: 'role' in actor ? actor.role : null,
        action: change.action,
        targetKind: change.targetKind,
        targetId: change.targetId,
        customerId: change.customerId ?? null,
        before: change.before ?? null,
        after: change.after ?? null,
        ip: caller.ip,
        userAgent: caller.userAgent,
        requestId: caller.requestId,
      })
    },

    list(mode: Mode, filter: store.AuditFilter, page: PageRequest): Promise<Page<AuditEntry>> {
      return store.list(database.db, mode, filter, page)
    },

    /** What was done to or for one customer, by the time it was there. */
    ofCustomer: (mode: Mode, customerId: string, slice: AuditSlice, page: TimePage) =>
      store.listOfCustomer(database.db, mode, customerId, slice, page),

    /** Walks the whole chain; returns the first entry that was tampered with. */
    async verify(mode: Mode): Promise<AuditEntry | undefined> {
      let position = 0
      let hash = FIRST_HASH
      for (;;) {
        const entries = await store.chainAfter(database.db, mode, position, VERIFY_BATCH)
        const broken = findBreak(entries, hash)
        const last = entries.at(-1)
        if (broken !== undefined || last === undefined) return broken
        position = last.position
        hash = last.hash
      }
    },
  }
}
