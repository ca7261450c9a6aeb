import type { LeasedEvent } from './inbox-event.ts'
import type { Route, Target } from './route.ts'

/** Events that make us look at the same objects: one look serves them all, because all of them happened before it. */
export interface EventGroup {
  readonly events: readonly LeasedEvent[]
  readonly targets: readonly Target[]
}

/** Groups that must be applied one after the other: those of one customer. Lines may be worked on side by side. */
export type EventLine = readonly EventGroup[]

export interface SortedEvents {
  readonly lines: readonly EventLine[]
  /** Nothing has to be looked at for these. */
  readonly idle: readonly LeasedEvent[]
}

/**
 * Sorts what was claimed at once. Within a customer what others refer to comes first, then what happened first; it saves
 * parking, and nothing depends on it.
 */
export function sortEvents(
  events: readonly LeasedEvent[],
  routes: ReadonlyMap<string, Route>,
): SortedEvents {
  const idle: LeasedEvent[] = []
  const groups = new Map<
    string,
    { rank: number; events: LeasedEvent[]; targets: readonly Target[] }
  >()
  for (const event of events.toSorted((a, b) => a.occurredAt - b.occurredAt)) {
    const route = routes.get(event.type)
    const targets = route?.targets(event, event.body ?? {}) ?? []
    if (route === undefined || targets.length === 0) {
      idle.push(event)
      continue
    }
    const key = [event.mode, ...targets.map(({ name, objectId }) => `${name} ${objectId}`)].join(
      ',',
    )
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { rank: route.rank, events: [event], targets })
    else group.events.push(event)
  }
  const lines = Map.groupBy(groups.values(), ({ events: [first] }) => lineOf(first))
  return {
    lines: [...lines.values()].map((line) => line.toSorted((a, b) => a.rank - b.rank)),
    idle,
  }
}

/** Whether the events of a line do not say whose they are. */
export function isNameless(line: EventLine): boolean {
  return line[0]?.events[0]?.stripeCustomerId === null
}

function lineOf(event: LeasedEvent | undefined): string {
  return `${event?.mode} ${event?.stripeCustomerId ?? event?.objectId ?? event?.id}`
}
