import { attribute } from '../pages/fields.ts'
import { html, type Html } from '../pages/html.ts'
import { footer, page, styleSheet } from '../pages/layout.ts'
import { settingsOf } from '../store/settings.ts'
import type { Kind } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { type DashboardParts, homeOf, link, type Notice, read, type ScreenCall } from './call.ts'
import { pluralOf } from './kinds.ts'
import { DASHBOARD_STYLE } from './style.ts'
import { showClockTime } from './text.ts'

const SHEET = styleSheet(DASHBOARD_STYLE)

const MARK: Html = {
  html: '<svg viewBox="0 0 24 24" aria-hidden="true"><rect class="t1" width="24" height="24" rx="6"/><path class="t2" d="M6 8h12v2.5H6zm0 5.5h8V16H6z"/></svg>',
}

/** What is worth a place in the navigation; the rest is one click further. */
const OBJECTS: readonly Kind[] = [
  'customer',
  'subscription',
  'invoice',
  'payment_intent',
  'product',
  'price',
]

interface ScreenOptions {
  readonly title: string
  /** Where one came from. */
  readonly crumb?: { readonly path: string; readonly text: string }
  readonly subtitle?: Html
  readonly aside?: Html
  readonly body: Html
  readonly status?: number
}

/** A screen about one account: its navigation around what it shows. */
export function screen(call: ScreenCall, options: ScreenOptions): Answer {
  const { crumb, title, subtitle, aside, body, status } = options
  const top = html`${accountSwitch(call)} ${searchForm(call)} ${clock(call)}`
  return frame(title, {
    top,
    nav: navigation(call),
    notice: call.notice,
    ...(status === undefined ? {} : { status }),
    body: html`<div class="spread">
        <div class="stack">
          ${crumb === undefined ? '' : html`<a class="crumb" href="${link(call, crumb.path)}">← ${crumb.text}</a>`}
          <h1>${title}</h1>
          ${subtitle ?? ''}
        </div>
        ${aside ?? ''}
      </div>
      ${body}`,
  })
}

interface Frame {
  readonly body: Html
  readonly top?: Html
  readonly nav?: Html
  readonly notice?: Notice | undefined
  readonly status?: number
}

export function frame(title: string, { body, top, nav, notice, status = 200 }: Frame): Answer {
  return page(
    `${title} · Simulated Stripe`,
    html`<div class="app">
        <header class="top">
          <a class="home" href="/">${MARK} Simulated Stripe</a>${top ?? ''}
        </header>
        ${nav ?? html`<nav class="side" aria-label="Main"><a href="/" aria-current="page">Accounts</a></nav>`}
        <main>
          ${notice === undefined ? '' : html`<p class="notice ${notice.kind}" role="status">${notice.text}</p>`}
          ${body}
        </main>
      </div>
      ${footer()}`,
    { status, sheet: SHEET },
  )
}

function accountSwitch(call: ScreenCall): Html {
  const { parts, facts } = call
  const name = read(call, (tx) => settingsOf(tx).businessName)
  return html`<details class="switch">
    <summary>${name} ${modeBadge(facts.isLive)}</summary>
    <div>
      ${accountLinks(parts, homeOf(facts))}
      <a href="/accounts">All accounts and keys</a>
    </div>
  </details>`
}

function accountLinks({ directory }: DashboardParts, current: string): readonly Html[] {
  return directory.realms().map(({ facts, tables }) => {
    const address = homeOf(facts)
    const name = tables.settings.get('settings')?.businessName
    return html`<a
      href="${address}"
      ${attribute('aria-current', address === current ? 'true' : undefined)}
    >
      <span>${name ?? ''} <code>${facts.accountId}</code></span> ${modeBadge(facts.isLive)}
    </a>`
  })
}

export function modeBadge(isLive: boolean): Html {
  return isLive
    ? html`<span class="badge bad">live</span>`
    : html`<span class="badge warn">test</span>`
}

function searchForm(call: ScreenCall): Html {
  return html`<form class="find" method="get" action="${link(call, '/find')}" role="search">
    <input
      type="search"
      name="q"
      value="${call.query.get('q') ?? ''}"
      placeholder="Find an id, an email or a name"
      aria-label="Find an id, an email or a name"
    />
  </form>`
}

function clock(call: ScreenCall): Html {
  const { now, isFrozen } = read(call, (tx) => ({
    now: tx.now(null),
    isFrozen: (tx.find('realm_clock', 'clock')?.frozenAt ?? null) !== null,
  }))
  return html`<a class="time" href="${link(call, '/time')}"
    >${showClockTime(now)}${isFrozen ? html` <span class="badge">frozen</span>` : ''}</a
  >`
}

function navigation(call: ScreenCall): Html {
  const { tables } = call.running.realm
  const entry = (path: string, text: string, count?: number): Html => {
    const address = link(call, path)
    const here = call.incoming.path
    const isHere =
      path === '' ? here === address : here === address || here.startsWith(`${address}/`)
    return html`<a href="${address}" ${attribute('aria-current', isHere ? 'page' : undefined)}
      >${text}${count === undefined ? '' : html` <span>${count}</span>`}</a
    >`
  }
  return html`<nav class="side" aria-label="Main">
    ${entry('', 'Overview')}
    <h2>Objects</h2>
    ${OBJECTS.map((kind) => entry(`/objects/${kind}`, pluralOf(kind), tables[kind].size))}
    ${entry('/all', 'All objects')}
    <h2>Activity</h2>
    ${entry('/events', 'Events', tables.event.size)} ${entry('/requests', 'Requests')}
    ${entry('/webhooks', 'Webhooks')}
    <h2>Simulate</h2>
    ${entry('/time', 'Time')} ${entry('/outcomes', 'Outcomes')} ${entry('/faults', 'Faults')}
    <h2>Account</h2>
    ${entry('/keys', 'Keys')} ${entry('/settings', 'Settings')}
  </nav>`
}
