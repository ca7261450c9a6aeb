import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { statusBadge } from './badges.ts'
import { html, type Html } from './html.ts'
import { brand, businessName, footer, message, modeBar, page } from './layout.ts'
import { showAmount, showDate } from './money.ts'
import type { Page } from './pages.ts'

/** What was paid with which card: where `receipt_url` of a charge leads. */
export const receiptPages: readonly Page[] = [
  {
    method: 'GET',
    path: '/receipts/{id}',
    kinds: ['charge'],
    show: ({ id, running }) => running.realm.transact((tx) => showReceipt(tx, id)),
  },
]

function showReceipt(tx: Transaction, id: string): Answer {
  const charge = tx.get('charge', id)
  if (!charge.paid) {
    return message('No receipt', { text: 'This payment did not go through.', status: 404 })
  }
  const amount = (value: number): string => showAmount(value, charge.currency)
  const card = charge.payment_method_details?.card
  const fact = (label: string, value: string): Html =>
    html`<dt>${label}</dt>
      <dd>${value}</dd>`
  return page(
    `Receipt · ${businessName(tx)}`,
    html`${modeBar(charge.livemode)}
      <main class="sheet">
        <div class="column narrow">
          <div class="card">
            <div class="spread">
              ${brand(tx)} ${statusBadge(charge.refunded ? 'refunded' : 'paid')}
            </div>
            <div>
              <h1 class="title">Receipt from ${businessName(tx)}</h1>
              <p class="amount">${amount(charge.amount)}</p>
            </div>
            <dl class="facts">
              ${fact('Date paid', showDate(charge.created))}
              ${card === undefined || card === null ? '' : fact('Payment method', `${String(card.brand).toUpperCase()} •••• ${card.last4}`)}
              ${charge.description === null ? '' : fact('Description', charge.description)}
              ${charge.amount_refunded === 0 ? '' : fact('Refunded', amount(charge.amount_refunded))}
            </dl>
          </div>
        </div>
      </main>
      ${footer()}`,
  )
}
