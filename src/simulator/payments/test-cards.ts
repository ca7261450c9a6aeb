import type { DeclineName } from './declines.ts'

/** When a card wants its holder to authenticate. */
export type Challenge =
  /** Never, or only when the merchant asks for it. */
  | 'not_required'
  /** At set-up or the first payment on session; later payments pass once it was set up. */
  | 'until_set_up'
  /** Whenever the customer is there; off session it is content. */
  | 'on_session'
  /** Always; off session that means authentication_required. */
  | 'always'

/** How one of Stripe's test cards behaves, from entering it to long after the charge. */
export interface TestCard {
  readonly number: string
  readonly brand: 'visa' | 'mastercard' | 'amex' | 'discover' | 'diners' | 'jcb' | 'unionpay'
  readonly funding: 'credit' | 'debit' | 'prepaid'
  readonly attachDecline: DeclineName | null
  readonly chargeDecline: DeclineName | null
  readonly challenge: Challenge
  readonly dispute: 'fraudulent' | 'product_not_received' | 'inquiry' | null
  readonly hasFraudWarning: boolean
  readonly refund: 'succeeds' | 'pending' | 'fails_later'
  /** Money that is available at once, for tests of payouts and balances. */
  readonly isAvailableAtOnce: boolean
}

const PLAIN: Omit<TestCard, 'number'> = {
  brand: 'visa',
  funding: 'credit',
  attachDecline: null,
  chargeDecline: null,
  challenge: 'not_required',
  dispute: null,
  hasFraudWarning: false,
  refund: 'succeeds',
  isAvailableAtOnce: false,
}

const declined = (name: DeclineName): Partial<TestCard> => ({
  attachDecline: name,
  chargeDecline: name,
})

/** Number → names after `pm_card_` and `tok_`, and what differs from an ordinary card. Source: docs.stripe.com/testing. */
const CARDS: readonly (readonly [string, readonly string[], Partial<TestCard>])[] = [
  ['4242424242424242', ['visa', 'us'], {}],
  ['4000056655665556', ['visa_debit'], { funding: 'debit' }],
  ['5555555555554444', ['mastercard'], { brand: 'mastercard' }],
  ['2223003122003222', [], { brand: 'mastercard' }],
  ['5200828282828210', ['mastercard_debit'], { brand: 'mastercard', funding: 'debit' }],
  ['5105105105105100', ['mastercard_prepaid'], { brand: 'mastercard', funding: 'prepaid' }],
  ['378282246310005', ['amex'], { brand: 'amex' }],
  ['371449635398431', [], { brand: 'amex' }],
  ['6011111111111117', ['discover'], { brand: 'discover' }],
  ['6011000990139424', [], { brand: 'discover' }],
  ['3056930009020004', ['diners'], { brand: 'diners' }],
  ['3566002020360505', ['jcb'], { brand: 'jcb' }],
  ['6200000000000005', ['unionpay'], { brand: 'unionpay' }],
  ['4000000000000077', ['bypassPending'], { isAvailableAtOnce: true }],

  ['4000000000000002', ['visa_chargeDeclined', 'chargeDeclined'], declined('generic_decline')],
  [
    '4000000000009995',
    ['visa_chargeDeclinedInsufficientFunds', 'chargeDeclinedInsufficientFunds'],
    declined('insufficient_funds'),
  ],
  [
    '4000000000009987',
    ['visa_chargeDeclinedLostCard', 'chargeDeclinedLostCard'],
    declined('lost_card'),
  ],
  [
    '4000000000009979',
    ['visa_chargeDeclinedStolenCard', 'chargeDeclinedStolenCard'],
    declined('stolen_card'),
  ],
  ['4000000000000069', ['chargeDeclinedExpiredCard'], declined('expired_card')],
  ['4000000000000127', ['chargeDeclinedIncorrectCvc'], declined('incorrect_cvc')],
  ['4000000000000119', ['chargeDeclinedProcessingError'], declined('processing_error')],
  [
    '4000000000006975',
    ['visa_chargeDeclinedVelocityLimitExceeded', 'chargeDeclinedVelocityLimitExceeded'],
    declined('card_velocity_exceeded'),
  ],
  ['4100000000000019', ['radarBlock', 'chargeDeclinedFraudulent'], declined('fraudulent')],
  ['4000000000000341', ['chargeCustomerFail'], { chargeDecline: 'generic_decline' }],

  ['4000002500003155', ['authenticationRequiredOnSetup'], { challenge: 'until_set_up' }],
  ['4000002760003184', ['authenticationRequired'], { challenge: 'always' }],
  ['4000003800000446', ['authenticationRequiredSetupForOffSession'], { challenge: 'on_session' }],
  ['4000000000003220', ['threeDSecure2Required'], { challenge: 'always' }],
  ['4000000000003055', ['threeDSecureOptional'], {}],
  [
    '4000008400001629',
    ['threeDSecureRequiredChargeDeclined'],
    { challenge: 'always', chargeDecline: 'generic_decline' },
  ],
  [
    '4000008260003178',
    ['authenticationRequiredChargeDeclinedInsufficientFunds'],
    { challenge: 'always', chargeDecline: 'insufficient_funds' },
  ],

  ['4000000000000259', ['createDispute'], { dispute: 'fraudulent' }],
  ['4000000000002685', ['createDisputeProductNotReceived'], { dispute: 'product_not_received' }],
  ['4000000000001976', ['createDisputeInquiry'], { dispute: 'inquiry' }],
  ['4000000000005423', ['createIssuerFraudRecord'], { hasFraudWarning: true }],
  ['4000000000007726', ['pendingRefund'], { refund: 'pending' }],
  ['4000000000005126', ['refundFail'], { refund: 'fails_later' }],
]

const byNumber = new Map(
  CARDS.map(([number, , differences]) => [number, { ...PLAIN, ...differences, number }] as const),
)
const byName = new Map(
  CARDS.flatMap(([number, names]) => names.map((name) => [name, number] as const)),
)

/** Undefined for anything but a test number: a simulator must never hold a real one. */
export function findTestCard(number: string): TestCard | undefined {
  return byNumber.get(number)
}

export function getTestCard(number: string): TestCard {
  const card = byNumber.get(number)
  if (card === undefined) throw new Error(`Not a test card: ${number}`)
  return card
}

/** The number behind `pm_card_visa` or `tok_visa`. */
export function numberOfToken(token: string): string | undefined {
  const name = /^(?:pm_card_|tok_)(\w+)$/.exec(token)?.[1]
  return name === undefined ? undefined : byName.get(name)
}

export function testCardNumbers(): readonly string[] {
  return [...byNumber.keys()]
}

/** Luhn's check, which catches every single mistyped digit. */
export function passesLuhn(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false
  let sum = 0
  for (const [index, digit] of Array.from(number).toReversed().entries()) {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1)
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
