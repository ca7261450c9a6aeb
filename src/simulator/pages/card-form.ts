import type { EnteredDetails } from '../checkout/documents.ts'
import {
  inspectEnteredCard,
  insertCardMethod,
  toBillingDetails,
} from '../payments/payment-methods.ts'
import type { TestCard } from '../payments/test-cards.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Address } from '../stripe.generated.ts'
import { type Entered, type Problems, textField } from './fields.ts'
import { html, type Html } from './html.ts'

/** A card as it was filled in, checked and not yet used. */
export interface CardEntry {
  readonly card: TestCard
  readonly expMonth: number
  readonly expYear: number
  readonly name: string
}

export function cardFields(entered: Entered, problems: Problems): Html {
  return html`<fieldset class="group" id="card">
    <legend>Card</legend>
    ${textField({
      name: 'cardNumber',
      label: 'Card number',
      entered,
      problems,
      autocomplete: 'cc-number',
      inputMode: 'numeric',
      placeholder: '1234 1234 1234 1234',
      testId: 'card-number',
      aside: brands(),
    })}
    <div class="row">
      ${textField({
        name: 'cardExpiry',
        label: 'Expiration',
        entered,
        problems,
        autocomplete: 'cc-exp',
        placeholder: 'MM / YY',
        testId: 'card-expiry',
      })}
      ${textField({
        name: 'cardCvc',
        label: 'CVC',
        entered,
        problems,
        autocomplete: 'cc-csc',
        inputMode: 'numeric',
        placeholder: '123',
        testId: 'card-cvc',
      })}
    </div>
    ${textField({
      name: 'billingName',
      label: 'Name on card',
      entered,
      problems,
      autocomplete: 'cc-name',
      placeholder: 'Full name',
      testId: 'billing-name',
    })}
  </fieldset>`
}

function brands(): Html {
  const names = ['VISA', 'MC', 'AMEX', 'DISC']
  return html`<span class="brands" aria-hidden="true"
    >${names.map((name) => html`<span class="chip">${name}</span>`)}</span
  >`
}

/** Reads the card's fields; everything that is wrong with them at once. */
export function readCard(
  entered: Entered,
  now: number,
): { readonly card: CardEntry } | { readonly problems: Problems } {
  const text = (name: string): string => entered[name]?.trim() ?? ''
  const expiry = /^(\d{1,2})\s*[/.\- ]?\s*(\d{4}|\d{2})$/.exec(text('cardExpiry'))
  const expMonth = Number(expiry?.[1] ?? 12)
  const year = Number(expiry?.[2] ?? 2_099)
  const expYear = year < 100 ? 2_000 + year : year
  const problems: Record<string, string> = {}
  const { card, refusals } = inspectEnteredCard(
    {
      number: text('cardNumber'),
      expMonth,
      expYear: expiry === null ? new Date(now * 1_000).getUTCFullYear() + 1 : expYear,
      cvc: text('cardCvc') === '' ? null : text('cardCvc'),
    },
    now,
  )
  for (const { body } of refusals) problems[fieldOf(body.param)] ??= body.message
  if (text('cardNumber') === '') problems['cardNumber'] = 'Your card number is incomplete.'
  if (expiry === null) problems['cardExpiry'] = "Your card's expiration date is incomplete."
  if (text('cardCvc') === '') problems['cardCvc'] = "Your card's security code is incomplete."
  if (text('billingName') === '') problems['billingName'] = 'Enter the name on the card.'
  if (card === undefined || Object.keys(problems).length > 0) return { problems }
  return { card: { card, expMonth, expYear, name: text('billingName') } }
}

function fieldOf(param: string | undefined): string {
  if (param === 'cvc') return 'cardCvc'
  return param === 'exp_month' || param === 'exp_year' ? 'cardExpiry' : 'cardNumber'
}

/** The method an entered card becomes. */
export function insertEnteredCard(
  tx: Transaction,
  { card, expMonth, expYear, name }: CardEntry,
  details: Partial<Pick<EnteredDetails, 'email' | 'address'>> = {},
): Documents['payment_method'] {
  const { address } = details
  return insertCardMethod(tx, {
    card,
    expMonth,
    expYear,
    hasCvc: true,
    billingDetails: toBillingDetails({
      name,
      email: details.email ?? null,
      ...(address === undefined || address === null ? {} : { address: withoutNulls(address) }),
    }),
    metadata: {},
    allowRedisplay: 'limited',
  })
}

function withoutNulls(address: Address): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(address).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

/** Which field a decline is about, so that it is told there. */
export function fieldOfDecline(code: string | undefined): string {
  switch (code) {
    case 'expired_card':
      return 'cardExpiry'
    case 'incorrect_cvc':
      return 'cardCvc'
    default:
      return 'cardNumber'
  }
}

type Example = readonly [number: string, outcome: string]

const EXAMPLES: readonly Example[] = [
  ['4242 4242 4242 4242', 'Succeeds'],
  ['4000 0027 6000 3184', 'Asks for 3-D Secure every time'],
  ['4000 0000 0000 9995', 'Declined: insufficient funds'],
  ['4000 0000 0000 0341', 'Is saved, then every charge fails'],
]

const MORE_EXAMPLES: readonly Example[] = [
  ['5555 5555 5555 4444', 'Mastercard'],
  ['3782 822463 10005', 'American Express'],
  ['4000 0025 0000 3155', '3-D Secure once, at set-up'],
  ['4000 0038 0000 0446', '3-D Secure on session only'],
  ['4000 0000 0000 3220', '3-D Secure 2, always'],
  ['4000 0084 0000 1629', '3-D Secure, then declined'],
  ['4000 0082 6000 3178', '3-D Secure, then insufficient funds'],
  ['4000 0000 0000 0002', 'Declined'],
  ['4000 0000 0000 9987', 'Declined: lost card'],
  ['4000 0000 0000 9979', 'Declined: stolen card'],
  ['4000 0000 0000 0069', 'Declined: expired card'],
  ['4000 0000 0000 0127', 'Declined: incorrect CVC'],
  ['4000 0000 0000 0119', 'Declined: processing error'],
  ['4000 0000 0000 6975', 'Declined: too many attempts'],
  ['4100 0000 0000 0019', 'Blocked as fraudulent'],
  ['4000 0000 0000 0259', 'Paid, then disputed as fraudulent'],
  ['4000 0000 0000 2685', 'Paid, then disputed as not received'],
  ['4000 0000 0000 1976', 'Paid, then an inquiry'],
  ['4000 0000 0000 5423', 'Paid, then an early fraud warning'],
  ['4000 0000 0000 7726', 'Paid; a refund stays pending first'],
  ['4000 0000 0000 5126', 'Paid; a refund fails later'],
]

const FILL = 'fill'

/** Cards to click: each sends the form back filled in. They stand after the form's own button, which Enter presses. */
export function exampleCards(formId: string, path: string): Html {
  return html`<aside class="examples" aria-labelledby="examples">
    <div>
      <h2 id="examples">Test cards</h2>
      <p class="hint">Click one to fill in the form. Any future date and any CVC will do.</p>
    </div>
    <ul>
      ${exampleButtons(EXAMPLES, formId, path)}
    </ul>
    <details>
      <summary>More test cards</summary>
      <ul>
        ${exampleButtons(MORE_EXAMPLES, formId, path)}
      </ul>
    </details>
  </aside>`
}

function exampleButtons(examples: readonly Example[], formId: string, path: string): Html[] {
  return examples.map(
    ([number, outcome]) =>
      html`<li>
        <button
          class="link"
          form="${formId}"
          formaction="${path}#card"
          name="${FILL}"
          value="${number}"
          aria-describedby="${idOf(number)}"
        >
          ${number}</button
        ><span id="${idOf(number)}">${outcome}</span>
      </li>`,
  )
}

function idOf(number: string): string {
  return `card-${number.replaceAll(' ', '')}`
}

/** The form as it was sent, with the example card that was clicked; undefined when none was. */
export function filledIn(entered: Entered): Entered | undefined {
  const number = entered[FILL]
  if (number === undefined) return undefined
  return {
    ...entered,
    cardNumber: number,
    savedCard: 'new',
    cardExpiry: '12 / 34',
    cardCvc: number.startsWith('37') ? '1234' : '123',
    billingName: (entered['billingName'] ?? '').trim() || 'Jenny Rosen',
  }
}
