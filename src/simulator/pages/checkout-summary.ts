import { quoteSession, type SessionQuote } from '../checkout/quote.ts'
import { sessionItems } from '../checkout/sessions.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Item } from '../stripe.generated.ts'
import { type Entered, flag, postForm, type Problems, textField } from './fields.ts'
import { html, type Html } from './html.ts'
import { brand, businessName } from './layout.ts'
import { showAmount, showDate } from './money.ts'
import type { PageCall } from './pages.ts'
import { couponText, describePrice, perInterval, tierTable } from './price-text.ts'

type Session = Documents['checkout.session']

interface SummaryOptions {
  readonly call: PageCall
  readonly tx: Transaction
  readonly session: Session
  readonly entered: Entered
  readonly problems: Problems
}

/** The left side: who sells what for how much, when, and less what. */
export function checkoutSummary(options: SummaryOptions): Html {
  const { tx, session } = options
  const back =
    session.cancel_url === null
      ? ''
      : html`<a class="back" href="${session.cancel_url}" data-testid="cancel">← Back</a>`
  if (session.mode === 'setup') {
    return html`${brand(tx)} ${back}
      <div class="stack">
        <h1>Save a payment method</h1>
        <p class="soft">Nothing is charged now. ${businessName(tx)} can charge this card later.</p>
      </div>`
  }
  const quote = quoteSession(tx, session)
  const items = sessionItems(tx, session)
  return html`${brand(tx)} ${back} ${headline(tx, session, quote, items)} ${lines(options, items)}
  ${session.allow_promotion_codes === true ? promotion(options) : ''} ${sums(tx, session, quote)}`
}

/** The end of the free time a session begins with, if it begins with any. */
export function trialEndOf(tx: Transaction, session: Session): number | undefined {
  const data = session.inner.subscriptionData
  if (session.mode !== 'subscription' || data === null) return undefined
  if (data.trial_end !== undefined) return data.trial_end
  const clock = session.customer === null ? null : tx.get('customer', session.customer).test_clock
  const days = data.trial_period_days
  return days === undefined ? undefined : tx.now(clock) + days * 86_400
}

function headline(
  tx: Transaction,
  session: Session,
  quote: SessionQuote,
  items: readonly Item[],
): Html {
  const currency = session.currency ?? 'usd'
  const [only] = items.length === 1 ? items : []
  const what = only?.description ?? businessName(tx)
  const trialEnd = trialEndOf(tx, session)
  const total = html`<p class="amount" data-testid="amount-due">
    ${showAmount(quote.total, currency)}
  </p>`
  if (trialEnd !== undefined) {
    const days = session.inner.subscriptionData?.trial_period_days
    return html`<div>
      <h1 class="title">Try ${what}</h1>
      <p class="amount">
        ${days === undefined ? 'Free trial' : `${days} ${days === 1 ? 'day' : 'days'} free`}
      </p>
      <p class="per">Then ${recurringText(tx, session)}, starting ${showDate(trialEnd)}</p>
    </div>`
  }
  if (session.mode === 'payment') {
    return html`<div>
      <h1 class="title">Pay ${businessName(tx)}</h1>
      ${total}
    </div>`
  }
  return html`<div>
    <h1 class="title">Subscribe to ${what}</h1>
    ${total}
    <p class="per">${renewalText(tx, session, quote)}</p>
  </div>`
}

/** What comes with every renewal: `$29.00 per month`, or that it depends on usage. */
function recurringText(tx: Transaction, session: Session): string {
  const prices = recurringPrices(tx, session)
  const [first] = prices
  const recurring = first?.price.recurring ?? null
  if (recurring === null) return 'as agreed'
  const fixed = prices.filter(({ price }) => price.recurring?.usage_type !== 'metered')
  const usage = fixed.length < prices.length
  const isOneRhythm = prices.every(
    ({ price }) =>
      price.recurring?.interval === recurring.interval &&
      price.recurring?.interval_count === recurring.interval_count,
  )
  const isPlain = fixed.every(
    ({ price }) => price.unit_amount !== null && price.currency === session.currency,
  )
  if (!isOneRhythm || !isPlain) return 'the prices below'
  const sum = fixed.reduce(
    (total, { price, quantity }) => total + (price.unit_amount ?? 0) * (quantity ?? 1),
    0,
  )
  const rhythm = perInterval(recurring)
  if (fixed.length === 0) return `billed by usage ${rhythm}`
  return `${showAmount(sum, session.currency ?? 'usd')} ${rhythm}${usage ? ' plus usage' : ''}`
}

function renewalText(tx: Transaction, session: Session, quote: SessionQuote): string {
  const text = recurringText(tx, session)
  const amount = showAmount(quote.total, session.currency ?? 'usd')
  // The large figure says the amount already when today's is the one that comes back.
  if (text.startsWith(`${amount} `)) return text.slice(amount.length + 1)
  return `due today, then ${text}${lasts(tx, session) ? ' before discounts' : ''}`
}

/** Whether a discount goes on after the first payment. */
function lasts(tx: Transaction, { inner }: Session): boolean {
  return inner.discounts.some(({ coupon, promotion_code: code }) => {
    const id = coupon ?? tx.find('promotion_code', code ?? '')?.inner.coupon
    return tx.find('coupon', id ?? '')?.duration !== 'once'
  })
}

function recurringPrices(tx: Transaction, session: Session) {
  return session.inner.lines
    .map(({ price, quantity }) => ({ price: tx.get('price', price), quantity }))
    .filter(({ price }) => price.type === 'recurring')
}

function lines({ call, tx, session, entered }: SummaryOptions, items: readonly Item[]): Html {
  const currency = session.currency ?? 'usd'
  const isAdjustable = session.inner.lines.some(({ adjustable }) => adjustable !== null)
  const list = html`<ul class="lines" aria-label="Items">
    ${items.map((item, index) => {
      const line = session.inner.lines[index]
      const price = tx.get('price', line?.price ?? '')
      const product = tx.get('product', price.product)
      const described = {
        price,
        currency,
        unitLabel: product.unit_label ?? null,
        quantity: item.quantity,
      }
      const isMetered = price.recurring?.usage_type === 'metered'
      return html`<li>
        <div>
          <strong>${item.description}</strong>
          ${product.description === null ? '' : html`<small>${product.description}</small>`}
          <small>${describePrice(described)}</small>
          ${tierTable(described)} ${line === undefined ? '' : quantityField(line, entered)}
        </div>
        <div>
          ${isMetered ? html`<small>By usage</small>` : showAmount(item.amount_subtotal, currency)}
        </div>
      </li>`
    })}
  </ul>`
  return isAdjustable ? postForm(call, list) : list
}

export function quantityName(line: string): string {
  return `quantity_${line}`
}

function quantityField(line: Session['inner']['lines'][number], entered: Entered): Html {
  if (line.adjustable === null) return { html: '' }
  const name = quantityName(line.id)
  const { minimum, maximum } = line.adjustable
  return html`<div class="quantity">
    <label for="${name}">Quantity</label>
    <input
      type="number"
      id="${name}"
      name="${name}"
      min="${minimum}"
      max="${maximum}"
      value="${entered[name] ?? line.quantity ?? 1}"
    />
    <button class="plain small" name="action" value="quantity">Update</button>
  </div>`
}

/** A form of its own: Enter in the card's fields must pay, not apply a code. */
function promotion({ call, tx, session, entered, problems }: SummaryOptions): Html {
  const [discount] = session.inner.discounts
  const applied = tx.find('promotion_code', discount?.promotion_code ?? '')
  if (applied !== undefined) {
    return postForm(
      call,
      html`<div class="spread">
        <p>
          <span class="badge good">${applied.code}</span>
          <span class="soft">${couponText(tx, applied.inner.coupon)}</span>
        </p>
        <button
          class="link quiet"
          name="action"
          value="remove-code"
          aria-label="Remove code ${applied.code}"
        >
          Remove
        </button>
      </div>`,
    )
  }
  return html`<details ${flag('open', problems['promotionCode'] !== undefined)}>
    <summary>Add promotion code</summary>
    ${postForm(
      call,
      html`<div class="joined">
        ${textField({
          name: 'promotionCode',
          label: 'Promotion code',
          entered,
          problems,
          autocomplete: 'off',
          testId: 'promotion-code',
        })}
        <button class="plain below-label" name="action" value="apply">Apply</button>
      </div>`,
    )}
  </details>`
}

function sums(tx: Transaction, session: Session, quote: SessionQuote): Html {
  const currency = session.currency ?? 'usd'
  const row = (label: string, amount: number, className = ''): Html =>
    html`<div class="${className}">
      <dt>${label}</dt>
      <dd>${showAmount(amount, currency)}</dd>
    </div>`
  const { subtotal, discount, tax, total } = quote
  const trialEnd = trialEndOf(tx, session)
  // A customer's balance, or an amount too small to charge, changes what is due without a line of its own.
  const balance = total - (subtotal - discount + exclusiveTax(quote))
  return html`<dl class="sums">
    ${discount === 0 && tax === 0 && balance === 0 ? '' : row('Subtotal', subtotal)}
    ${discount === 0 ? '' : row('Discount', -discount)} ${tax === 0 ? '' : row('Tax', tax)}
    ${balance === 0 ? '' : row(balance < 0 ? 'Account credit' : 'Carried over', balance)}
    ${
      trialEnd === undefined
        ? ''
        : html`<div>
            <dt>${'Trial ends'}</dt>
            <dd>${showDate(trialEnd)}</dd>
          </div>`
    }
    ${row('Total due today', total, 'total')}
  </dl>`
}

function exclusiveTax({ lines }: SessionQuote): number {
  return lines.reduce((sum, line) => sum + (line.total - line.subtotal + line.discount), 0)
}
