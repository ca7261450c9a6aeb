import type { Clock } from '../../kit/clock.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import { isConsequence } from '../../platform/database/transaction.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Connections } from '../connections/service.ts'
import type { EventGroup, EventLine } from './event-groups.ts'
import type { LeasedEvent } from './inbox-event.ts'
import type { Looked } from './looked.ts'

interface SharingDeps {
  readonly accounts: Pick<Accounts, 'lockFree'>
  readonly connections: Connections
  readonly database: Database
  readonly clock: Clock
  readonly applyGroups: (
    tx: Db,
    groups: readonly EventGroup[],
    looked: Looked,
  ) => Promise<LeasedEvent[]>
  readonly settleApplied: (
    tx: Db,
    applied: readonly LeasedEvent[],
    looked: Looked,
    now: Instant,
  ) => Promise<void>
}

/** Some of the lines failed, and with them the transaction. */
class LinesFailed extends Error {
  readonly lines: ReadonlySet<EventLine>

  constructor(lines: ReadonlySet<EventLine>) {
    super('Lines of events failed in a transaction they shared')
    this.lines = lines
  }
}

/**
 * Applies the events of several customers side by side in one transaction: what they ask the database travels together.
 *
 * Every customer is locked before anything is read, and none is waited for, so that no two such transactions can wait for
 * each other; and each has a piece of the transaction that remembers only its own reads.
 */
export function createSharing(deps: SharingDeps) {
  const { accounts, connections, database, clock, applyGroups, settleApplied } = deps

  /** Answers the lines whose customer was not free, or is none of ours. */
  async function commit(lines: readonly EventLine[], looked: Looked): Promise<EventLine[]> {
    return database.transaction(async (tx) => {
      const pieces = await takeCustomers(tx, lines, looked)
      const all = await Promise.allSettled(
        [...pieces].map(([line, own]) => applyGroups(own, line, looked)),
      )
      // Only now, so that none of them still asks for something when it is undone.
      const failed = [...pieces.keys()].filter((_, at) => hasFailed(all[at]))
      if (all.some(({ status }) => status === 'rejected')) throw new LinesFailed(new Set(failed))
      const applied = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      await settleApplied(tx, applied, looked, clock.now())
      return lines.filter((line) => !pieces.has(line))
    })
  }

  async function takeCustomers(
    tx: Db,
    lines: readonly EventLine[],
    { connected: { scope } }: Looked,
  ): Promise<ReadonlyMap<EventLine, Db>> {
    const stripeIds = lines.flatMap((line) => stripeCustomerOf(line) ?? [])
    const ids = await connections.entityIds(scope, 'customer', stripeIds, tx)
    const pieces = new Map(await accounts.lockFree(tx, scope.mode, [...ids.values()]))
    const taken = new Map<EventLine, Db>()
    for (const line of lines) {
      const id = ids.get(stripeCustomerOf(line) ?? '') ?? ''
      const own = pieces.get(id)
      if (own === undefined) continue
      taken.set(line, own)
      // Should another line be about the same customer, it waits.
      pieces.delete(id)
    }
    return taken
  }

  /** Answers the lines that are left for transactions of their own. */
  return async (lines: readonly EventLine[], looked: Looked): Promise<readonly EventLine[]> => {
    try {
      return await commit(lines, looked)
    } catch (error) {
      if (!(error instanceof LinesFailed) || error.lines.size === 0) return lines
      const others = lines.filter((line) => !error.lines.has(line))
      try {
        return [...error.lines, ...(await commit(others, looked))]
      } catch {
        return lines
      }
    }
  }
}

function hasFailed(one: PromiseSettledResult<unknown> | undefined): boolean {
  return one?.status === 'rejected' && !isConsequence(one.reason)
}

function stripeCustomerOf(line: EventLine): string | undefined {
  return line[0]?.events[0]?.stripeCustomerId ?? undefined
}
