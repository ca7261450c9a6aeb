import { parseInstant } from '../../kit/instant.ts'
import { boundary, duration } from '../../kit/period.ts'
import { ControlError } from '../control/answers.ts'
import { html, type Html } from '../pages/html.ts'
import { entered, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'

/** How far time is moved, in ISO 8601: months are as long as the calendar makes them. */
const STEPS = [
  ['PT1H', '1 hour'],
  ['P1D', '1 day'],
  ['P7D', '1 week'],
  ['P1M', '1 month'],
  ['P3M', '3 months'],
  ['P1Y', '1 year'],
] as const

/** By a step or to a time; the time wins when it is filled in. */
export function advanceFields(from: number): Html {
  const least = new Date(from * 1_000).toISOString().slice(0, 16)
  return html`${labelled(
    'By',
    html`<select name="by">
      ${STEPS.map(([value, text]) => html`<option value="${value}" ${{ html: value === 'P1M' ? 'selected' : '' }}>${text}</option>`)}
    </select>`,
  )}
  ${labelled('or to', html`<input type="datetime-local" name="to" min="${least}" />`, { hint: 'UTC' })}`
}

/** In seconds. Refuses what is no time; whether it lies ahead is checked where time is moved. */
export function advanceTarget(call: ScreenCall, from: number): number {
  const to = entered(call, 'to')
  if (to !== undefined) {
    const instant = parseInstant(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(to) ? `${to}:00Z` : to)
    if (instant === undefined) throw new ControlError(400, `"${to}" is no time.`)
    return Math.floor(instant / 1_000)
  }
  const by = STEPS.find(([step]) => step === entered(call, 'by'))?.[0]
  if (by === undefined) throw new ControlError(400, 'Choose how far to move time.')
  return boundary(from * 1_000, duration(by), 1) / 1_000
}
