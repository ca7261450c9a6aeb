import { timeOf } from './clocks/time.ts'
import { createRecorder } from './events/recorder.ts'
import { present } from './presenters.ts'
import { react } from './reactions.ts'
import type { Documents } from './store/documents.ts'
import type { Rules } from './store/realm.ts'
import { findShapeProblems } from './wire/conform.ts'
import { namedShape } from './wire/shapes.ts'
import { EVENT_OBJECTS } from './wire/stripe-tables.generated.ts'

/** The domain as the store needs it. With `checksShapes` an event that Stripe could not have sent is a bug that stops. */
export function rulesFor({ checksShapes }: { readonly checksShapes: boolean }): Rules {
  return {
    createRecorder: (tx) => createRecorder(tx, checksShapes ? inspectEvent : undefined),
    now: timeOf,
    present,
    react,
  }
}

/** Objects that are shown before they exist, and so without an id. */
const WITHOUT_ID = new Set(['invoice.upcoming'])

function inspectEvent(event: Documents['event']): void {
  const names = EVENT_OBJECTS[event.type]?.split('|')
  if (names === undefined) throw new Error(`Stripe has no event ${event.type}`)
  const carried = String((event.data.object as { readonly object?: unknown }).object)
  const name = names.find((candidate) => candidate === carried)
  if (name === undefined) throw new Error(`${event.type} cannot carry a ${carried}`)
  const object = WITHOUT_ID.has(event.type)
    ? { id: 'none', ...(event.data.object as object) }
    : event.data.object
  const problems = findShapeProblems(object, namedShape(name) ?? 'any')
  if (problems.length > 0) throw new Error(`${event.type} carries\n${problems.join('\n')}`)
}
