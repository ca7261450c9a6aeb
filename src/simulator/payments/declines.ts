import type { ErrorBody } from '../wire/errors.ts'

/** Why an issuer says no, in Stripe's words. */
export interface Decline {
  readonly code: string
  readonly declineCode: string | null
  readonly message: string
  readonly adviceCode: 'confirm_card_data' | 'do_not_try_again' | 'try_again_later' | null
  /** Another try with the same card is pointless: Stripe keeps the schedule but waits for another method. */
  readonly isHard: boolean
}

const DECLINED = 'Your card was declined.'

const soft = (declineCode: string, message = DECLINED): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
  adviceCode: 'try_again_later',
  isHard: false,
})
const hard = (declineCode: string): Decline => ({
  code: 'card_declined',
  declineCode,
  message: DECLINED,
  adviceCode: 'do_not_try_again',
  isHard: true,
})
const cardData = (code: string, message: string): Decline => ({
  code,
  declineCode: code,
  message,
  adviceCode: 'confirm_card_data',
  isHard: false,
})

export const DECLINES = {
  authentication_required: {
    code: 'authentication_required',
    declineCode: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
    adviceCode: 'try_again_later',
    isHard: false,
  },
  card_velocity_exceeded: soft(
    'card_velocity_exceeded',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ),
  do_not_honor: soft('do_not_honor'),
  expired_card: cardData('expired_card', 'Your card has expired.'),
  fraudulent: hard('fraudulent'),
  generic_decline: { ...soft('generic_decline'), adviceCode: 'try_again_later' },
  incorrect_cvc: cardData('incorrect_cvc', "Your card's security code is incorrect."),
  incorrect_number: {
    ...cardData('incorrect_number', 'Your card number is incorrect.'),
    declineCode: null,
  },
  insufficient_funds: soft('insufficient_funds', 'Your card has insufficient funds.'),
  lost_card: hard('lost_card'),
  pickup_card: hard('pickup_card'),
  processing_error: {
    code: 'processing_error',
    declineCode: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
    adviceCode: 'try_again_later',
    isHard: false,
  },
  stolen_card: hard('stolen_card'),
} as const satisfies Readonly<Record<string, Decline>>

export type DeclineName = keyof typeof DECLINES

export function isDeclineName(name: string): name is DeclineName {
  return Object.hasOwn(DECLINES, name)
}

/** The decline as the `error` of a 402 and as `last_payment_error`, without the objects it hangs on. */
export function toCardError(decline: Decline): ErrorBody {
  return {
    type: 'card_error',
    code: decline.code,
    message: decline.message,
    ...(decline.declineCode === null ? {} : { decline_code: decline.declineCode }),
    ...(decline.adviceCode === null ? {} : { advice_code: decline.adviceCode }),
  }
}
