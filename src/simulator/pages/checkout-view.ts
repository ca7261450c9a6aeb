import { needsCard } from '../checkout/confirmation.ts'
import { offeredCards } from '../checkout/sessions.ts'
import { quoteSession, type SessionQuote } from '../checkout/quote.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { cardFields, exampleCards } from './card-form.ts'
import { cardName } from './card-name.ts'
import { billingFields, consentFields, contactFields, customFields } from './checkout-details.ts'
import { successUrl } from './checkout-links.ts'
import { checkoutSummary, trialEndOf } from './checkout-summary.ts'
import { checkField, type Entered, flag, postForm, problemNotice, type Problems } from './fields.ts'
import { html, type Html } from './html.ts'
import { businessName, footer, message, modeBar, page } from './layout.ts'
import { showAmount } from './money.ts'
import type { PageCall } from './pages.ts'

type Session = Documents['checkout.session']

interface State {
  readonly entered?: Entered
  readonly problems?: Problems
  /** What stopped the payment as a whole. */
  readonly problem?: string
}

const FORM = 'payment'
export const NEW_CARD = 'new'

/** The checkout as it stands: to be paid, paid or too late. */
export function showSession(call: PageCall, tx: Transaction, state: State = {}): Answer {
  const session = tx.get('checkout.session', call.id)
  if (session.status === 'complete') return allDone(tx, session)
  if (session.status === 'expired') return tooLate(tx, session)
  const { entered = enteredBefore(session), problems = {} } = state
  const isFirstLook = state.entered === undefined
  // Said on top of all: whoever comes back from the bank sees the summary first.
  const lastProblem = isFirstLook ? problemNotice(session.inner.problem) : ''
  const quote = quoteSession(tx, session)
  const options = { call, tx, session, entered, problems }
  return page(
    `${titleOf(session)} · ${businessName(tx)}`,
    html`${modeBar(session.livemode)}
      <main class="split">
        ${lastProblem}
        <section class="summary" aria-label="Order summary">
          <div class="inner">${checkoutSummary(options)}</div>
        </section>
        <section aria-label="Payment details">
          <div class="inner">
            ${problemNotice(state.problem)}
            ${paymentForm(call, tx, session, quote, entered, problems)}
            ${needsCard(session, quote.total) ? exampleCards(FORM, call.incoming.path) : ''}
          </div>
        </section>
      </main>
      ${footer()}`,
    { leaves: true },
  )
}

/** What was filled in with the last attempt, for whoever comes back from the bank. The card has to be entered anew. */
function enteredBefore({ inner }: Session): Entered {
  const { entered } = inner
  if (entered === null) return {}
  const { email, name, phone, address, businessName, taxId } = entered
  const known = {
    email,
    billingName: name,
    phone,
    businessName,
    taxIdType: taxId?.type,
    taxId: taxId?.value,
    country: address?.country,
    addressLine1: address?.line1,
    addressLine2: address?.line2,
    addressPostalCode: address?.postal_code,
    addressCity: address?.city,
    addressState: address?.state,
  }
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string] => Boolean(entry[1])),
  )
}

function allDone(tx: Transaction, session: Session): Answer {
  return message('All done', {
    text: `You have already completed this checkout with ${businessName(tx)}.`,
    link: { href: successUrl(session), text: 'Continue' },
    kind: 'good',
  })
}

function tooLate(tx: Transaction, session: Session): Answer {
  const { cancel_url: back } = session
  return message('This page has expired', {
    text: 'Your checkout session has timed out. Nothing was charged.',
    ...(back === null ? {} : { link: { href: back, text: `Return to ${businessName(tx)}` } }),
    kind: 'bad',
  })
}

function titleOf(session: Session): string {
  return { payment: 'Pay', subscription: 'Subscribe', setup: 'Save a payment method' }[session.mode]
}

function paymentForm(
  call: PageCall,
  tx: Transaction,
  session: Session,
  quote: SessionQuote,
  entered: Entered,
  problems: Problems,
): Html {
  const submitText = session.custom_text.submit?.message
  return postForm(
    call,
    html`${contactFields(tx, session, entered, problems)}
      ${needsCard(session, quote.total) ? cardChoice(tx, session, entered, problems) : ''}
      ${billingFields(tx, session, entered, problems)} ${customFields(session, entered, problems)}
      ${consentFields(session, entered, problems)}
      <button class="big" name="action" value="pay" data-testid="submit">
        ${buttonText(tx, session, quote)}
      </button>
      ${submitText === undefined ? '' : html`<p class="soft">${submitText}</p>`}
      <p class="hint">${promise(tx, session)}</p>`,
    { id: FORM },
  )
}

/** One of the customer's saved cards, or another one. The fields of the latter show when it is chosen. */
function cardChoice(tx: Transaction, session: Session, entered: Entered, problems: Problems): Html {
  const cards = offeredCards(tx, session)
  const fields = html`${cardFields(entered, problems)}
  ${
    session.saved_payment_method_options?.payment_method_save === 'enabled'
      ? checkField({
          name: 'saveCard',
          label: 'Save this card for my next purchase',
          entered,
          problems,
        })
      : ''
  }`
  if (cards.length === 0) return fields
  const isFilled = entered['cardNumber'] !== undefined && entered['cardNumber'] !== ''
  const chosen = isFilled ? NEW_CARD : (entered['savedCard'] ?? cards[0]?.id)
  const choice = (value: string, text: string): Html =>
    html`<label class="choice">
      <input type="radio" name="savedCard" value="${value}" ${flag('checked', value === chosen)} />
      <span>${text}</span>
    </label>`
  return html`<fieldset class="choices saved">
      <legend class="label">Pay with</legend>
      ${cards.map((card) => choice(card.id, cardName(card)))} ${choice(NEW_CARD, 'Another card')}
    </fieldset>
    <div class="gap new-card">${fields}</div>`
}

function buttonText(tx: Transaction, session: Session, quote: SessionQuote): string {
  const amount = showAmount(quote.total, session.currency ?? 'usd')
  switch (session.mode) {
    case 'payment':
      return `${{ auto: 'Pay', pay: 'Pay', book: 'Book', donate: 'Donate', subscribe: 'Subscribe' }[session.submit_type ?? 'auto']} ${amount}`
    case 'setup':
      return 'Save card'
    case 'subscription':
      return trialEndOf(tx, session) === undefined ? 'Subscribe' : 'Start trial'
  }
}

/** What the customer agrees to by pressing the button. */
function promise(tx: Transaction, session: Session): string {
  const business = businessName(tx)
  switch (session.mode) {
    case 'payment':
      return `You pay ${business} once.`
    case 'setup':
      return `By saving your card, you allow ${business} to charge it for future payments.`
    case 'subscription':
      return `By subscribing, you allow ${business} to charge you for future payments until you cancel.`
  }
}
