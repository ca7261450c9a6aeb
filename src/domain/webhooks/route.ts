import type { InboxEvent } from './inbox-event.ts'
import type { Sync } from './sync.ts'

/** One object an event makes us look at. */
export interface Target {
  /** Names the kind of object; objects of one kind and id are looked at once for several events. */
  readonly name: string
  readonly sync: Sync<unknown>
  readonly objectId: string
}

/** Which objects an event makes us look at, in the order in which they are applied. */
export interface Route {
  /** Of events that arrive together the lowest is applied first: what others refer to before what refers to it. */
  readonly rank: number
  /** None: the event says nothing that has to be looked at. */
  targets(event: InboxEvent, body: EventBody): readonly Target[]
}

/** The little that is read of an event's content: which objects it names. */
export interface EventBody {
  readonly data?: {
    readonly object?: EventObject
    readonly previous_attributes?: EventObject
  }
}

export type EventObject = Readonly<Record<string, unknown>>

/** The id an object has for another: expanded or not. */
export function referenceIn(object: EventObject | undefined, field: string): string | undefined {
  const value = object?.[field]
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined
  return typeof value.id === 'string' ? value.id : undefined
}
