import { hash } from 'node:crypto'
import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { html, type Html } from './html.ts'
import { STYLE } from './style.ts'

interface PageOptions {
  readonly status?: number
  /** A form on it ends somewhere else, at an address the merchant chose. */
  readonly leaves?: boolean
  readonly sheet?: Sheet
}

/** A style sheet inside the page, with the policy that allows this one and nothing else. */
export interface Sheet {
  readonly element: Html
  readonly policy: string
}

/** No scripts, no frames, no images: a page is its text and one style sheet, known by its hash. */
export function styleSheet(css: string): Sheet {
  return {
    // Written apart from the page: the hash allows not one space more.
    element: { html: `<style>${css}</style>` },
    policy: `default-src 'none'; style-src 'sha256-${hash('sha256', css, 'base64')}'; base-uri 'none'; frame-ancestors 'none'`,
  }
}

const HOSTED = styleSheet(STYLE)

/** A whole page. Everything is in it: no scripts, no fonts, nothing from elsewhere. */
export function page(
  title: string,
  body: Html,
  { status = 200, leaves, sheet = HOSTED }: PageOptions = {},
): Answer {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${sheet.element}
      </head>
      <body>
        ${body}
      </body>
    </html> `
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      // Browsers hold every redirect after a form to `form-action`, the merchant's own further ones as well: where a form
      // leads to the merchant, its targets cannot be known here.
      'Content-Security-Policy':
        leaves === true ? sheet.policy : `${sheet.policy}; form-action 'self'`,
      'Cross-Origin-Opener-Policy': 'same-origin',
      // The address of a page is its key: it must not travel to where its links lead.
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    },
    body: document.html,
  }
}

export function redirect(url: string): Answer {
  return {
    status: 303,
    headers: { Location: url, 'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin' },
    body: '',
  }
}

/** Says on top of each page that this is no payment of real money, and which card works. */
export function modeBar(isLive: boolean): Html {
  return isLive
    ? html`<p class="mode">
        <b>LIVE REHEARSAL</b> · simulated Stripe, no real money moves, test cards only
      </p>`
    : html`<p class="mode" data-testid="mode">
        <b>TEST MODE</b> · no real money moves. Pay with <code>4242 4242 4242 4242</code>
      </p>`
}

export function footer(): Html {
  return html`<footer class="foot">Simulated Stripe · no card is stored, no money moves</footer>`
}

/** Whose page it is. */
export function brand(tx: Transaction): Html {
  const name = businessName(tx)
  return html`<p class="brand">
    <span class="mark" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</span>${name}
  </p>`
}

export function businessName(tx: Transaction): string {
  return settingsOf(tx).businessName
}

interface Message {
  readonly text: string | Html
  readonly link?: { readonly href: string; readonly text: string } | undefined
  readonly kind?: 'good' | 'bad' | 'neutral'
  readonly status?: number
}

const SEALS = { good: '✓', bad: '!', neutral: 'i' } as const

/** A page that has one thing to say. */
export function message(
  title: string,
  { text, link, kind = 'neutral', status = 200 }: Message,
): Answer {
  return page(
    title,
    html`<main class="sheet">
        <div class="column narrow">
          <div class="card center">
            <span class="seal ${kind}" aria-hidden="true">${SEALS[kind]}</span>
            <h1>${title}</h1>
            <p class="soft">${text}</p>
            ${link === undefined ? '' : html`<p><a class="button plain" href="${link.href}">${link.text}</a></p>`}
          </div>
        </div>
      </main>
      ${footer()}`,
    { status },
  )
}
