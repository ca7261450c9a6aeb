import { formatInstant } from '../../kit/instant.ts'
import { html, type Html } from '../pages/html.ts'

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** Fri, 20 Nov 2026, 21:45 UTC. Given in seconds. */
export function showClockTime(seconds: number): string {
  return `${CLOCK.format(seconds * 1_000)} UTC`
}

/** 2026-11-20 21:45:03, in UTC as everything here. Given in seconds. */
export function showTime(seconds: number): Html {
  const iso = formatInstant(Math.floor(seconds) * 1_000)
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`
}

/** For lists: the time of today, the day of this year, the date of others; all of it when pointed at. Given in seconds. */
export function showShortTime(seconds: number): Html {
  const iso = formatInstant(Math.floor(seconds) * 1_000)
  const today = formatInstant(Date.now())
  const text =
    iso.slice(0, 10) === today.slice(0, 10)
      ? iso.slice(11, 19)
      : iso.slice(0, 4) === today.slice(0, 4)
        ? iso.slice(5, 16)
        : iso.slice(0, 10)
  return html`<time datetime="${iso}" title="${iso}">${text.replace('T', ' ')}</time>`
}

const GOOD = new Set(
  'active available complete delivered enabled paid ready released succeeded trialing won'.split(
    ' ',
  ),
)
const BAD = new Set(
  'canceled dropped failed incomplete_expired internal_failure lost needs_response past_due uncollectible unpaid'.split(
    ' ',
  ),
)

const WARN = new Set('paused pending requires_action retrying'.split(' '))

/** A state in the color of what it means. */
export function stateBadge(state: string): Html {
  const kind = GOOD.has(state)
    ? 'good'
    : BAD.has(state)
      ? 'bad'
      : WARN.has(state)
        ? 'warn'
        : 'plain'
  return html`<span class="badge ${kind}">${state.replaceAll('_', ' ')}</span>`
}

export function statusBadge(status: number): Html {
  const kind = status < 400 ? 'good' : status < 500 ? 'warn' : 'bad'
  return html`<span class="badge ${kind}">${status}</span>`
}

export function plural(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}
