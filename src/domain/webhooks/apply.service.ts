import type { Clock } from '../../kit/clock.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Connections } from '../connections/service.ts'
import type { Accounts } from '../accounts/service.ts'
import type { EventGroup, EventLine } from './event-groups.ts'
import type { LeasedEvent } from './inbox-event.ts'
import type { Target } from './route.ts'
import type { Look, Looked } from './looked.ts'
import { createSharing } from './sharing.service.ts'
import * as store from './store.ts'
import type { SyncResult } from './sync.ts'
import { createTurns } from './turns.ts'

/** Transactions of lines that have one of their own. */
const ALONE_AT_ONCE = 6
/** Objects fetched from Stripe at once, by all who apply; Stripe allows a hundred requests a second. */
const FETCHES_AT_ONCE = 16

interface ApplierDeps {
  readonly accounts: Pick<Accounts, 'lockFree'>
  readonly database: Database
  readonly connections: Connections
  readonly clock: Clock
  /** Called for what could not be applied before the next is tried: what that brings may be what it waits for. */
  readonly setAside: (events: readonly LeasedEvent[], error: unknown) => Promise<void>
}

/** Thrown inside the transaction that applies, so that nothing of it stays. */
export class Parked extends Error {}

/**
 * Applies lines of events, each of one customer: each object is fetched once and applied once, together with the outcome
 * of the events. The lines share a transaction; one that fails there gets one of its own, and if that fails, each of its
 * groups does, so that it holds up no other.
 */
export function createApplier(deps: ApplierDeps) {
  const { database, connections, clock, setAside } = deps
  const fetchInTurn = createTurns(FETCHES_AT_ONCE)
  const aloneInTurn = createTurns(ALONE_AT_ONCE)
  const commitTogether = createSharing({ ...deps, applyGroups, settleApplied })

  async function look(groups: readonly EventGroup[]): Promise<Looked> {
    const mode = groups[0]?.events[0]?.mode ?? 'test'
    const connected = await connections.stripe(mode)
    const ticket = await connections.ticket()
    const targets = new Map(
      groups.flatMap((group) => group.targets.map((target) => [nameOf(target), target] as const)),
    )
    const fetches = [...targets.values()].map(({ sync, objectId }) =>
      fetchInTurn(() => sync.fetch(connected, objectId)),
    )
    const fetched = await Promise.allSettled(fetches)
    const looks = new Map<string, Look>()
    for (const [at, name] of [...targets.keys()].entries()) {
      const one = fetched[at]
      if (one !== undefined) looks.set(name, one)
    }
    return { connected, ticket, looks }
  }

  /** Answers the events that were applied; those that led to nothing are settled. */
  async function applyGroups(
    tx: Db,
    groups: readonly EventGroup[],
    looked: Looked,
  ): Promise<LeasedEvent[]> {
    const results = new Map<string, SyncResult>()
    for (const target of groups.flatMap(({ targets }) => targets)) {
      const name = nameOf(target)
      if (!results.has(name)) results.set(name, await applyTo(tx, target, looked))
    }
    const applied: LeasedEvent[] = []
    for (const { events, targets } of groups) {
      const ofGroup = targets.flatMap((target) => results.get(nameOf(target)) ?? [])
      if (ofGroup.some(({ kind }) => kind === 'applied')) {
        applied.push(...events)
        continue
      }
      const ignored = ofGroup.find((result) => result.kind === 'ignored')
      const outcome = { state: 'ignored', error: ignored?.why ?? null } as const
      stillHeld(events, await store.settle(tx, events, outcome, clock.now()))
    }
    return applied
  }

  async function commit(groups: readonly EventGroup[], looked: Looked): Promise<void> {
    await database.transaction(async (tx) => {
      const applied = await applyGroups(tx, groups, looked)
      await settleApplied(tx, applied, looked, clock.now())
    })
  }

  async function commitAlone(groups: readonly EventGroup[], looked: Looked): Promise<void> {
    if (groups.length > 1) {
      try {
        await commit(groups, looked)
        return
      } catch {
        // Which of them it was is found out below; whatever was wrong shows again there.
      }
    }
    for (const group of groups) {
      try {
        await commit([group], looked)
      } catch (error) {
        await setAside(group.events, error)
      }
    }
  }

  /** What of a line could be fetched; the rest is set aside. */
  async function keepKnown(line: EventLine, looked: Looked): Promise<EventLine> {
    const known: EventGroup[] = []
    for (const group of line) {
      const error = whyUnknown(group, looked)
      if (error === undefined) known.push(group)
      else await setAside(group.events, error)
    }
    return known
  }

  return {
    /** Lines of one mode. */
    async apply(lines: readonly EventLine[]): Promise<void> {
      let looked: Looked
      try {
        looked = await look(lines.flat())
      } catch (error) {
        for (const { events } of lines.flat()) await setAside(events, error)
        return
      }
      const ready: EventLine[] = []
      for (const line of lines) ready.push(await keepKnown(line, looked))
      const left = ready.length > 1 ? await commitTogether(ready, looked) : ready
      await Promise.all(left.map((line) => aloneInTurn(() => commitAlone(line, looked))))
    },
  }
}

async function applyTo(tx: Db, target: Target, looked: Looked): Promise<SyncResult> {
  const { sync, objectId } = target
  const { connected, ticket, looks } = looked
  const one = looks.get(nameOf(target))
  const fetched = one?.status === 'fulfilled' ? one.value : undefined
  const result =
    fetched === undefined
      ? ((await sync.gone?.(tx, connected, objectId, ticket)) ?? GONE)
      : await sync.apply(tx, connected, fetched, ticket)
  if (result.kind === 'parked') throw new Parked(result.why)
  return result
}

/** Why an object the group is about could not be fetched; undefined when all were. */
function whyUnknown({ targets }: EventGroup, { looks }: Looked): unknown {
  for (const target of targets) {
    const one = looks.get(nameOf(target))
    if (one?.status === 'rejected') return one.reason ?? new Error('It could not be fetched')
  }
  return undefined
}

async function settleApplied(
  tx: Db,
  applied: readonly LeasedEvent[],
  { connected }: Looked,
  now: Instant,
): Promise<void> {
  if (applied.length === 0) return
  const { mode } = connected.scope
  stillHeld(applied, await store.settleApplied(tx, mode, applied, now))
}

/** Who lost a lease must not have done anything: somebody else does it now. */
function stillHeld(events: readonly LeasedEvent[], held: number): void {
  if (held < events.length) throw new Error('The lease of the event was lost')
}

function nameOf({ name, objectId }: Target): string {
  return `${name} ${objectId}`
}

const GONE: SyncResult = { kind: 'ignored', why: 'Stripe no longer has the object' }
