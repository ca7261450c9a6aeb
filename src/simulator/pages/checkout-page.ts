import { findActiveCode } from '../catalog/promotion-codes.ts'
import { checkCode } from '../catalog/discounts.ts'
import { confirmSession, needsCard } from '../checkout/confirmation.ts'
import { quoteSession, type SessionQuote } from '../checkout/quote.ts'
import { applyPromotionCode, sessionItems } from '../checkout/sessions.ts'
import {
  checkEnteredCard,
  insertCardMethod,
  toBillingDetails,
} from '../payments/payment-methods.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Item } from '../stripe.generated.ts'
import { StripeError } from '../wire/errors.ts'
import type { Answer } from '../wire/http.ts'
import { html, type Html } from './html.ts'
import { message, page, redirect } from './layout.ts'
import { showAmount } from './money.ts'
import type { Page, PageCall } from './pages.ts'

const KIND = 'checkout.session'
type Session = Documents['checkout.session']

/** Stripe waits this long for the answer to `checkout.session.completed` before it sends the customer back. */
const WEBHOOK_WAIT_MS = 10_000

export const checkoutPages: readonly Page[] = [
  {
    method: 'GET',
    path: '/c/pay/{id}',
    kinds: [KIND],
    show: (call) => call.running.realm.transact((tx) => showSession(tx, call.id, {})),
  },
  { method: 'POST', path: '/c/pay/{id}', kinds: [KIND], show: submit },
]

async function submit(call: PageCall): Promise<Answer> {
  const { realm, dispatcher } = call.running
  const result = realm.transact((tx) => act(tx, call))
  if (typeof result === 'string') {
    await Promise.race([dispatcher.whenIdle(), wait(WEBHOOK_WAIT_MS)])
    return redirect(result)
  }
  return result
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}

/** Where to go on success, or the page to show. */
function act(tx: Transaction, { id, form }: PageCall): Answer | string {
  const session = tx.get(KIND, id)
  const entered = Object.fromEntries(form)
  if (session.status !== 'open') return showSession(tx, id, entered)
  if (form.get('action') === 'apply') return applyCode(tx, session, entered)
  const { total } = quoteSession(tx, session)
  let method: string | null = null
  if (needsCard(session, total)) {
    const card = readCard(tx, form)
    if ('problem' in card) return showSession(tx, id, entered, card.problem)
    method = card.method
  }
  const result = confirmSession(tx, id, {
    paymentMethod: method,
    email: form.get('email')?.trim() || null,
    name: form.get('billingName')?.trim() || null,
    acceptsTerms: form.get('terms') === 'on',
  })
  switch (result.kind) {
    case 'complete':
      return successUrl(tx.get(KIND, id))
    case 'requires_action':
      return redirect(`/authenticate/${result.intent}`)
    case 'declined':
      return showSession(tx, id, entered, result.message)
  }
}

function readCard(
  tx: Transaction,
  form: URLSearchParams,
): { readonly method: string } | { readonly problem: string } {
  const expiry = /^(\d{1,2})\D+(\d{2}|\d{4})$/.exec(form.get('cardExpiry')?.trim() ?? '')
  if (expiry === null) return { problem: "Your card's expiration date is incomplete." }
  const year = Number(expiry[2])
  const expMonth = Number(expiry[1])
  const expYear = year < 100 ? 2_000 + year : year
  const cvc = form.get('cardCvc')?.trim() ?? ''
  if (cvc === '') return { problem: "Your card's security code is incomplete." }
  try {
    const number = form.get('cardNumber') ?? ''
    const card = checkEnteredCard({ number, expMonth, expYear, cvc }, tx.now(null))
    const name = form.get('billingName')?.trim() || null
    const email = form.get('email')?.trim() || null
    const method = insertCardMethod(tx, {
      card,
      expMonth,
      expYear,
      hasCvc: true,
      billingDetails: toBillingDetails({ name, email }),
      metadata: {},
      allowRedisplay: 'limited',
    })
    return { method: method.id }
  } catch (error) {
    if (error instanceof StripeError) return { problem: error.body.message }
    throw error
  }
}

function applyCode(
  tx: Transaction,
  session: Session,
  entered: Readonly<Record<string, string>>,
): Answer {
  const code = findActiveCode(tx, entered['promotionCode'] ?? '')
  if (code === undefined) {
    return showSession(tx, session.id, entered, 'This promotion code is invalid.')
  }
  try {
    checkCode(tx, code, session.customer, 'promotion_code')
  } catch (error) {
    if (error instanceof StripeError)
      return showSession(tx, session.id, entered, error.body.message)
    throw error
  }
  const { minimum_amount: minimum } = code.restrictions
  if (minimum !== null && (session.amount_subtotal ?? 0) < minimum) {
    const needed = showAmount(minimum, session.currency ?? 'usd')
    return showSession(tx, session.id, entered, `This code needs an order of at least ${needed}.`)
  }
  applyPromotionCode(tx, session.id, code.id)
  return showSession(tx, session.id, entered)
}

export function successUrl(session: Session): string {
  return (session.success_url ?? '/').replaceAll(
    /\{CHECKOUT_SESSION_ID\}|%7BCHECKOUT_SESSION_ID%7D/gi,
    session.id,
  )
}

function showSession(
  tx: Transaction,
  id: string,
  entered: Readonly<Record<string, string>>,
  problem: string | null = tx.get(KIND, id).inner.problem,
): Answer {
  const session = tx.get(KIND, id)
  if (session.status === 'complete') {
    return message('All done', 'You have already completed this checkout.', {
      href: successUrl(session),
      text: 'Continue',
    })
  }
  if (session.status === 'expired') {
    return message(
      'This page has expired',
      'Your checkout session has timed out. Nothing was charged.',
      {
        href: session.cancel_url ?? '/',
        text: 'Start over',
      },
    )
  }
  const quote = quoteSession(tx, session)
  const items = sessionItems(tx, session)
  return page(
    titleOf(session),
    html`<main class="split">
      <section aria-label="Order summary">
        ${summary(session, quote, items)}
        ${session.allow_promotion_codes === true ? codeForm(session, entered) : ''}
      </section>
      <section aria-label="Payment details" class="card">
        ${form(tx, session, quote, entered, problem)}
      </section>
    </main>`,
  )
}

function titleOf(session: Session): string {
  return { payment: 'Pay', subscription: 'Subscribe', setup: 'Save a payment method' }[session.mode]
}

function summary(session: Session, quote: SessionQuote, items: readonly Item[]): Html {
  const currency = session.currency ?? 'usd'
  const badge = session.livemode ? '' : html` <span class="test">TEST MODE</span>`
  const back =
    session.cancel_url === null ? '' : html`<p><a href="${session.cancel_url}">← Back</a></p>`
  if (session.mode === 'setup') {
    return html`${back}
      <h1>Save a payment method${badge}</h1>
      <p class="soft">Nothing is charged now.</p>`
  }
  return html`${back}
    <h1>${titleOf(session)}${badge}</h1>
    <p class="amount" data-testid="amount-due">${showAmount(quote.total, currency)}</p>
    <ul class="lines">
      ${items.map(
        (item) =>
          html`<li>
            <span
              >${item.description}${item.quantity === null ? ' (by usage)' : html` <span class="soft">× ${item.quantity}</span>`}</span
            ><span>${showAmount(item.amount_subtotal, currency)}</span>
          </li>`,
      )}
      ${quote.discount === 0 ? '' : html`<li><span>Discount</span><span>−${showAmount(quote.discount, currency)}</span></li>`}
      ${quote.tax === 0 ? '' : html`<li><span>Tax</span><span>${showAmount(quote.tax, currency)}</span></li>`}
      <li><strong>Due today</strong><strong>${showAmount(quote.total, currency)}</strong></li>
    </ul>`
}

function form(
  tx: Transaction,
  session: Session,
  quote: SessionQuote,
  entered: Readonly<Record<string, string>>,
  problem: string | null,
): Html {
  const known = session.customer === null ? null : tx.get('customer', session.customer).email
  const email = known ?? session.customer_email
  const value = (name: string) => entered[name] ?? ''
  const card = html`<label for="cardNumber"
      >Card number
      <input
        type="text"
        id="cardNumber"
        name="cardNumber"
        inputmode="numeric"
        autocomplete="cc-number"
        placeholder="1234 1234 1234 1234"
        value="${value('cardNumber')}"
        required
        data-testid="card-number"
    /></label>
    <div class="row">
      <label for="cardExpiry"
        >Expiration
        <input
          type="text"
          id="cardExpiry"
          name="cardExpiry"
          autocomplete="cc-exp"
          placeholder="MM / YY"
          value="${value('cardExpiry')}"
          required
          data-testid="card-expiry"
      /></label>
      <label for="cardCvc"
        >CVC
        <input
          type="text"
          id="cardCvc"
          name="cardCvc"
          inputmode="numeric"
          autocomplete="cc-csc"
          placeholder="CVC"
          required
          data-testid="card-cvc"
      /></label>
    </div>
    <label for="billingName"
      >Name on card
      <input
        type="text"
        id="billingName"
        name="billingName"
        autocomplete="cc-name"
        value="${value('billingName')}"
        required
        data-testid="billing-name"
    /></label>`
  const terms = html`<label class="check" for="terms"
    ><input type="checkbox" id="terms" name="terms" data-testid="terms" /> I agree to the terms of
    service</label
  >`
  const needsTerms = session.consent_collection?.terms_of_service === 'required'
  return html`${problem === null ? '' : html`<p class="problem" role="alert" data-testid="problem">${problem}</p>`}
    <form method="post" action="/c/pay/${session.id}" novalidate>
      <label for="email"
        >Email
        <input
          type="email"
          id="email"
          name="email"
          autocomplete="email"
          value="${email ?? value('email')}"
          ${email === null ? '' : { html: 'readonly' }}
          required
          data-testid="email"
      /></label>
      ${needsCard(session, quote.total) ? card : ''} ${needsTerms ? terms : ''}
      <button name="action" value="pay" data-testid="submit">${buttonText(session, quote)}</button>
      <p class="soft">This is a simulated Stripe. Use a test card such as 4242 4242 4242 4242.</p>
    </form>`
}

/** A form of its own: Enter in the card's fields must pay, not apply a code. */
function codeForm(session: Session, entered: Readonly<Record<string, string>>): Html {
  return html`<form method="post" action="/c/pay/${session.id}">
    <label for="promotionCode"
      >Promotion code
      <input
        type="text"
        id="promotionCode"
        name="promotionCode"
        value="${entered['promotionCode'] ?? ''}"
        required
        data-testid="promotion-code"
    /></label>
    <button class="plain" name="action" value="apply">Apply</button>
  </form>`
}

function buttonText(session: Session, quote: SessionQuote): string {
  switch (session.mode) {
    case 'payment':
      return 'Pay'
    case 'setup':
      return 'Save card'
    case 'subscription':
      return quote.total === 0 && session.inner.subscriptionData?.trial_period_days !== undefined
        ? 'Start trial'
        : 'Subscribe'
  }
}
