import { collectInvoice } from '../billing/collection.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import {
  cardFields,
  exampleCards,
  fieldOfDecline,
  filledIn,
  insertEnteredCard,
  readCard,
} from './card-form.ts'
import { type Entered, enteredIn, postForm, problemNotice, type Problems } from './fields.ts'
import { html, type Html } from './html.ts'
import { brand, businessName, footer, message, modeBar, page, redirect } from './layout.ts'
import { showAmount } from './money.ts'
import type { Page, PageCall } from './pages.ts'
import { statusBadge } from './badges.ts'
import { renderStatement } from './statement-pdf.ts'
import { creditNoteStatement, invoiceStatement, type Row, type Statement } from './statement.ts'
import { whenWebhooksArrived } from './webhook-wait.ts'

type Invoice = Documents['invoice']
const KINDS = ['invoice'] as const

export const invoicePages: readonly Page[] = [
  {
    method: 'GET',
    path: '/i/{id}',
    kinds: KINDS,
    show: (call) => call.running.realm.transact((tx) => showInvoice(call, tx)),
  },
  { method: 'POST', path: '/i/{id}', kinds: KINDS, show: submit },
  {
    method: 'GET',
    path: '/i/{id}/pdf',
    kinds: KINDS,
    show: ({ id, running }) =>
      running.realm.transact((tx) => {
        const invoice = tx.get('invoice', id)
        return isFinal(invoice) ? pdfAnswer(invoiceStatement(tx, invoice)) : notThere()
      }),
  },
  {
    method: 'GET',
    path: '/credit_notes/{id}/pdf',
    kinds: ['credit_note'],
    show: ({ id, running }) =>
      running.realm.transact((tx) => pdfAnswer(creditNoteStatement(tx, tx.get('credit_note', id)))),
  },
]

function pdfAnswer(statement: Statement): Answer {
  const name = `${statement.kind.replace(' ', '-')}-${statement.number}`.replaceAll(/[^\w.-]/g, '_')
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/pdf',
      'Content-Disposition': `inline; filename="${name}.pdf"`,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    },
    body: renderStatement(statement),
  }
}

/** A draft has no page yet, and may still change. */
function isFinal({ status, inner }: Invoice): boolean {
  return status !== 'draft' && !inner.isDeleted
}

function notThere(): Answer {
  return message('Invoice not available', {
    text: 'This invoice has not been issued yet.',
    status: 404,
  })
}

async function submit(call: PageCall): Promise<Answer> {
  const answer = call.running.realm.transact((tx) => pay(tx, call))
  await whenWebhooksArrived(call.running)
  return answer
}

function isPayable(invoice: Invoice): boolean {
  const isAsked = invoice.status === 'open' || invoice.status === 'uncollectible'
  return isAsked && invoice.amount_remaining > 0
}

function pay(tx: Transaction, call: PageCall): Answer {
  const invoice = tx.get('invoice', call.id)
  if (!isFinal(invoice)) return notThere()
  if (!isPayable(invoice)) return redirect(`/i/${invoice.id}`)
  const entered = enteredIn(call.form)
  const filled = filledIn(entered)
  if (filled !== undefined) return showInvoice(call, tx, { entered: filled })
  const read = readCard(entered, tx.now(null))
  if ('problems' in read) return showInvoice(call, tx, { entered, problems: read.problems })
  const method = insertEnteredCard(tx, read.card, { email: invoice.customer_email })
  const result = collectInvoice(tx, invoice.id, {
    presence: 'on_session',
    isAutomatic: false,
    paymentMethod: method.id,
  })
  switch (result.kind) {
    case 'requires_action':
      return redirect(`/authenticate/${paymentOf(tx, invoice.id)?.id ?? ''}`)
    case 'declined': {
      const { code, message: problem } = result.decline
      return showInvoice(call, tx, {
        entered,
        problem,
        problems: { [fieldOfDecline(code)]: problem },
      })
    }
    default:
      return redirect(`/i/${invoice.id}`)
  }
}

/** The payment that pays the rest of an invoice. */
function paymentOf(tx: Transaction, invoice: string): Documents['payment_intent'] | undefined {
  const payment = tx
    .where('invoice_payment', 'invoice', invoice)
    .findLast(({ status }) => status === 'open')
  return tx.find('payment_intent', payment?.inner.paymentIntent ?? '')
}

interface State {
  readonly entered?: Entered
  readonly problems?: Problems
  readonly problem?: string
}

const FORM = 'payment'

function showInvoice(call: PageCall, tx: Transaction, state: State = {}): Answer {
  const invoice = tx.get('invoice', call.id)
  if (!isFinal(invoice)) return notThere()
  const statement = invoiceStatement(tx, invoice)
  return page(
    `Invoice ${statement.number} · ${businessName(tx)}`,
    html`${modeBar(invoice.livemode)}
      <main class="sheet">
        <div class="column">
          ${problemNotice(state.problem)}
          <div class="card">
            <div class="spread">${brand(tx)} ${statusBadge(statusOf(invoice))}</div>
            <h1 data-testid="headline">${statement.headline}</h1>
            <dl class="facts">
              ${statement.facts.map(fact)}
              <dt>Bill to</dt>
              <dd>${statement.billTo.map((text) => html`<div>${text}</div>`)}</dd>
            </dl>
            <p class="actions">
              <a class="button plain small" href="/i/${invoice.id}/pdf" data-testid="download"
                >Download PDF</a
              >
            </p>
          </div>
          ${isPayable(invoice) ? payment(call, tx, invoice, state) : ''}
          <div class="card">
            <h2>Details</h2>
            ${statement.memo === null ? '' : html`<p class="soft">${statement.memo}</p>`}
            ${lineTable(statement)}
            <dl class="sums">
              ${statement.sums.map((row) => sum(row))} ${sum(statement.result, 'total')}
            </dl>
            ${statement.footer === null ? '' : html`<p class="soft">${statement.footer}</p>`}
          </div>
        </div>
      </main>
      ${footer()}`,
  )
}

function statusOf(invoice: Invoice): string {
  const isLate = invoice.status === 'open' && invoice.attempted && invoice.amount_remaining > 0
  return isLate ? 'past_due' : (invoice.status ?? 'open')
}

function fact([label, value]: Row): Html {
  return html`<dt>${label}</dt>
    <dd>${value}</dd>`
}

function sum([label, value]: Row, className = ''): Html {
  return html`<div class="${className}">
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`
}

export function lineTable({ lines }: Pick<Statement, 'lines'>): Html {
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Description</th>
          <th scope="col" class="number wide">Qty</th>
          <th scope="col" class="number wide">Unit price</th>
          <th scope="col" class="number">Amount</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          (line) =>
            html`<tr>
              <td>
                ${line.description}
                ${line.detail === null ? '' : html`<br /><small>${line.detail}</small>`}
                ${line.unit === '' ? '' : html`<small class="narrow">${line.quantity} × ${line.unit}</small>`}
              </td>
              <td class="number wide">${line.quantity}</td>
              <td class="number wide">${line.unit}</td>
              <td class="number">${line.amount}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function payment(call: PageCall, tx: Transaction, invoice: Invoice, state: State): Html {
  const { entered = {}, problems = {} } = state
  const intent = paymentOf(tx, invoice.id)
  if (intent?.status === 'requires_action') {
    return html`<div class="card" data-testid="action-required">
      <h2>Your bank wants you to confirm this payment</h2>
      <p class="soft">It goes on as soon as you have.</p>
      <p><a class="button" href="/authenticate/${intent.id}">Confirm with your bank</a></p>
    </div>`
  }
  const lastProblem = intent?.last_payment_error?.message
  const isFirstLook = state.entered === undefined
  return html`<div class="card">
    <h2>Pay this invoice</h2>
    ${isFirstLook && lastProblem !== undefined ? html`<p class="notice warn">The last attempt to pay did not go through. ${lastProblem}</p>` : ''}
    ${postForm(
      call,
      html`${cardFields(entered, problems)}
        <button class="big" name="action" value="pay" data-testid="submit">
          Pay ${showAmount(invoice.amount_remaining, invoice.currency)}
        </button>`,
      { id: FORM },
    )}
    ${exampleCards(FORM, call.incoming.path)}
  </div>`
}
