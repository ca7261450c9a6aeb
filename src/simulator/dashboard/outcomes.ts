import { html, type Html } from '../pages/html.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, link, read, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { objectLink } from './links.ts'
import { objectActions } from './object-actions.ts'
import { declineField } from './outcome-fields.ts'
import { screen } from './shell.ts'
import { summarize } from './summary.ts'
import { plural, showShortTime, stateBadge } from './text.ts'

export const outcomeScreens: readonly Screen[] = [
  { method: 'GET', path: '/outcomes', show: showOutcomes },
  { method: 'POST', path: '/outcomes/declines', act: arrangeDecline },
  { method: 'POST', path: '/outcomes/declines/clear', act: clearDeclines },
]

/** As many undecided objects of a kind as are listed. */
const MAX_LISTED = 50

function showOutcomes(call: ScreenCall): Answer {
  const isChallenged = ({ status }: { readonly status: string }): boolean =>
    status === 'requires_action'
  const open = [
    undecided(call, {
      kind: 'payment_intent',
      title: 'Payments waiting for 3-D Secure',
      isOpen: isChallenged,
    }),
    undecided(call, {
      kind: 'setup_intent',
      title: 'Cards waiting for 3-D Secure',
      isOpen: isChallenged,
    }),
    undecided(call, {
      kind: 'dispute',
      title: 'Open disputes',
      isOpen: ({ status }) => !DECIDED.has(status),
    }),
    undecided(call, {
      kind: 'refund',
      title: 'Refunds',
      isOpen: ({ status }) => status === 'pending' || status === 'succeeded',
    }),
  ].filter((section) => section !== undefined)
  return screen(call, {
    title: 'Outcomes',
    body: html`<p class="soft">What banks and card holders decide, decided here.</p>
      <div class="card">${declines(call)}</div>
      ${open.length === 0 ? html`<div class="empty"><p>Nothing waits for a decision: no 3-D Secure, no dispute, no refund.</p></div>` : open}`,
  })
}

const DECIDED = new Set(['won', 'lost', 'warning_closed', 'prevented'])

function declines(call: ScreenCall): Html {
  const arranged = [...call.running.realm.tables.ordered_decline.oldestFirst()]
  return html`<h2>Next payment fails with…</h2>
    ${actionForm(
      call,
      '/outcomes/declines',
      html`${labelled('Reason', declineField())}
        ${labelled('Customer', html`<input type="text" name="customer" placeholder="cus_…" />`, { hint: 'any when empty' })}
        ${labelled('How many', html`<input type="number" name="next" value="1" min="1" max="1000" />`)}
        <button>Arrange</button>`,
    )}
    ${
      arranged.length === 0
        ? html`<p class="soft">Nothing is arranged: cards decide.</p>`
        : html`<ul class="timeline">
              ${arranged.map(
                ({ decline, customer, remaining }) =>
                  html`<li>
                    <span
                      >The next ${plural(remaining, 'payment')} of
                      ${customer === null ? 'anybody' : objectLink(call, 'customer', customer)}:
                      <code>${decline}</code></span
                    >
                  </li>`,
              )}
            </ul>
            ${actionForm(call, '/outcomes/declines/clear', html`<button class="plain">Let cards decide again</button>`)}`
    }`
}

type Undecided = 'payment_intent' | 'setup_intent' | 'dispute' | 'refund'

interface Question<K extends Undecided> {
  readonly kind: K
  readonly title: string
  readonly isOpen: (object: Documents[K]) => boolean
}

function undecided<K extends Undecided>(
  call: ScreenCall,
  { kind, title, isOpen }: Question<K>,
): Html | undefined {
  const found: Documents[K][] = []
  for (const object of call.running.realm.tables[kind].newestFirst()) {
    if (found.length === MAX_LISTED) break
    if (isOpen(object)) found.push(object)
  }
  if (found.length === 0) return undefined
  return html`<h2>${title} <small>${found.length}</small></h2>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col">Customer</th>
            <th scope="col" class="fit">Status</th>
            <th scope="col" class="fit">Amount</th>
            <th scope="col" class="fit">Created</th>
            <th scope="col" class="fit">Outcome</th>
          </tr>
        </thead>
        <tbody>
          ${found.map((object) => row(call, kind, object.id))}
        </tbody>
      </table>
    </div>`
}

function row(call: ScreenCall, kind: Undecided, id: string): Html {
  const { summary, customer } = read(call, (tx) => ({
    summary: summarize(tx, kind, id),
    customer: customerOf(tx, kind, id),
  }))
  return html`<tr>
    <td>${objectLink(call, kind, id)}</td>
    <td>
      ${customer === null ? '' : html`<a href="${link(call, `/objects/customer/${customer.id}`)}">${customer.name ?? customer.email ?? customer.id}</a>`}
    </td>
    <td class="fit">${stateBadge(summary.status ?? '')}</td>
    <td class="fit">${summary.amount}</td>
    <td class="fit">${showShortTime(summary.created ?? 0)}</td>
    <td class="fit">${objectActions(call, kind, id)}</td>
  </tr>`
}

/** Refunds and disputes name their charge, which names the customer. */
function customerOf(tx: Transaction, kind: Undecided, id: string): Documents['customer'] | null {
  const object = tx.get(kind, id)
  const payer = 'customer' in object ? object : tx.find('charge', object.charge)
  return tx.find('customer', payer?.customer ?? '') ?? null
}

async function arrangeDecline(call: ScreenCall): Promise<Done> {
  const customer = entered(call, 'customer')
  const body = {
    code: entered(call, 'code'),
    next: entered(call, 'next') ?? '1',
    ...(customer === undefined ? {} : { customer }),
  }
  await call.parts.control('POST', '/_sim/declines', body, [call.running])
  return { text: 'Arranged. It counts for payments from now on.' }
}

async function clearDeclines(call: ScreenCall): Promise<Done> {
  await call.parts.control('POST', '/_sim/declines/clear', {}, [call.running])
  return { text: 'Cards decide again.' }
}
