import { html, type Html } from '../pages/html.ts'
import type { Kind } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { link, read, type Screen, type ScreenCall } from './call.ts'
import { GROUPS, isShown, pluralOf } from './kinds.ts'
import { objectLink } from './links.ts'
import { unknownScreen } from './not-found.ts'
import { PAGE_SIZE, type Page, pageLinks, pageOf } from './paging.ts'
import { screen } from './shell.ts'
import { summarize, type Summary } from './summary.ts'
import { showShortTime, stateBadge } from './text.ts'

export const objectScreens: readonly Screen[] = [
  { method: 'GET', path: '/all', show: showKinds },
  { method: 'GET', path: '/objects/{kind}', show: showList },
]

function showKinds(call: ScreenCall): Answer {
  const { tables } = call.running.realm
  return screen(call, {
    title: 'All objects',
    body: html`${GROUPS.map(
      ({ title, kinds }) =>
        html`<h2>${title}</h2>
          <div class="counts">
            ${kinds.map(
              ([kind, , several]) =>
                html`<a class="count" href="${link(call, `/objects/${kind}`)}"
                  ><b>${tables[kind].size}</b><span>${several}</span></a
                >`,
            )}
          </div>`,
    )}`,
  })
}

function showList(call: ScreenCall): Answer {
  const kind = call.names['kind'] ?? ''
  if (!isShown(kind)) return unknownScreen(call)
  const found = read(call, (tx): Page<Summary> => {
    const page = pageOf(call, {
      newestFirst: (below) => tx.newestFirst(kind, below),
      oldestFirst: (above) => tx.oldestFirst(kind, above),
    })
    return { ...page, entries: page.entries.map(({ id }) => summarize(tx, kind, id)) }
  })
  const total = call.running.realm.tables[kind].size
  return screen(call, {
    title: pluralOf(kind),
    crumb: { path: '/all', text: 'All objects' },
    aside: total > PAGE_SIZE ? html`<p class="soft">${total} in all</p>` : html``,
    body: html`${objectTable(call, kind, found.entries)} ${pageLinks(call, found)}`,
  })
}

/** Objects of one kind, newest first; columns nobody fills are left out. */
export function objectTable(
  call: ScreenCall,
  kind: Kind,
  rows: readonly Summary[],
  { isOfOneCustomer = false }: { readonly isOfOneCustomer?: boolean } = {},
): Html {
  if (rows.length === 0) {
    return html`<div class="empty">
      <p>No ${pluralOf(kind).toLowerCase()} yet.</p>
      <p>They appear here as soon as the API or a page makes them.</p>
    </div>`
  }
  const has = (field: keyof Summary): boolean => rows.some((row) => row[field] !== null)
  const cell = (field: keyof Summary, show: (row: Summary) => Html, isFit = true) => ({
    isShown: has(field),
    show: (row: Summary) =>
      html`<td class="${isFit ? 'fit' : ''}">${row[field] === null ? '' : show(row)}</td>`,
  })
  const columns = [
    { title: 'Id', ...cell('id', ({ id }) => objectLink(call, kind, id)) },
    { title: 'Name', ...cell('label', ({ label }) => html`${label}`, false) },
    { title: 'Status', ...cell('status', ({ status }) => stateBadge(status ?? '')) },
    { title: 'Amount', ...cell('amount', ({ amount }) => html`${amount}`) },
    {
      title: 'Customer',
      ...cell('customer', ({ customer }) => objectLink(call, 'customer', customer ?? '')),
      ...(isOfOneCustomer ? { isShown: false } : {}),
    },
    { title: 'Created', ...cell('created', ({ created }) => showShortTime(created ?? 0)) },
  ].filter((column) => column.isShown)
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          ${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map(({ show }) => show(row))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
