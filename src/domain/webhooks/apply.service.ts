import type { Clock } from '../../kit/clock.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { EventGroup } from './event-groups.ts'
import type { LeasedEvent } from './inbox-event.ts'
import type { Target } from './route.ts'
import * as store from './store.ts'
import type { SyncResult } from './sync.ts'
import { createTurns } from './turns.ts'

/** Objects fetched from Stripe at once, by all who apply; Stripe allows a hundred requests a second. */
const FETCHES_AT_ONCE = 16

interface ApplierDeps {
  readonly database: Database
  readonly connections: Connections
  readonly clock: Clock
  /** Called for what could not be applied before the next is tried: what that brings may be what it waits for. */
  readonly setAside: (events: readonly LeasedEvent[], error: unknown) => Promise<void>
}

/** Thrown inside the transaction that applies, so that nothing of it stays. */
export class Parked extends Error {}

/** What a look at one object brought: its current state, that Stripe no longer has it, or why nobody knows. */
type Look = PromiseSettledResult<unknown>

interface Looked {
  readonly connected: Connected
  /** Drawn before any of them was fetched. */
  readonly ticket: bigint
  readonly looks: ReadonlyMap<string, Look>
}

/**
 * Applies groups of events of one customer: each object is fetched once and applied once, and all of it together with the
 * outcome of the events is one transaction. If that fails, each group gets one of its own, so that it holds up no other.
 */
export function createApplier({ database, connections, clock, setAside }: ApplierDeps) {
  const inTurn = createTurns(FETCHES_AT_ONCE)

  async function look(groups: readonly EventGroup[]): Promise<Looked> {
    const mode = groups[0]?.events[0]?.mode ?? 'test'
    const connected = await connections.stripe(mode)
    const ticket = await connections.ticket()
    const targets = new Map(
      groups.flatMap((group) => group.targets.map((target) => [nameOf(target), target] as const)),
    )
    const fetches = [...targets.values()].map(({ sync, objectId }) =>
      inTurn(() => sync.fetch(connected, objectId)),
    )
    const fetched = await Promise.allSettled(fetches)
    const looks = new Map<string, Look>()
    for (const [at, name] of [...targets.keys()].entries()) {
      const one = fetched[at]
      if (one !== undefined) looks.set(name, one)
    }
    return { connected, ticket, looks }
  }

  async function commit(groups: readonly EventGroup[], looked: Looked): Promise<void> {
    await database.transaction(async (tx) => {
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
      if (applied.length === 0) return
      const { mode } = looked.connected.scope
      stillHeld(applied, await store.settleApplied(tx, mode, applied, clock.now()))
    })
  }

  return {
    async apply(groups: readonly EventGroup[]): Promise<void> {
      let looked: Looked
      try {
        looked = await look(groups)
      } catch (error) {
        for (const { events } of groups) await setAside(events, error)
        return
      }
      const ready: EventGroup[] = []
      for (const group of groups) {
        const error = whyUnknown(group, looked)
        if (error === undefined) ready.push(group)
        else await setAside(group.events, error)
      }
      if (ready.length > 1) {
        try {
          await commit(ready, looked)
          return
        } catch {
          // Which of them it was is found out below; whatever was wrong shows again there.
        }
      }
      for (const group of ready) {
        try {
          await commit([group], looked)
        } catch (error) {
          await setAside(group.events, error)
        }
      }
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

/** Who lost a lease must not have done anything: somebody else does it now. */
function stillHeld(events: readonly LeasedEvent[], held: number): void {
  if (held < events.length) throw new Error('The lease of the event was lost')
}

function nameOf({ name, objectId }: Target): string {
  return `${name} ${objectId}`
}

const GONE: SyncResult = { kind: 'ignored', why: 'Stripe no longer has the object' }
