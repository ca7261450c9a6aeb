import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Word } from '../../../ui/badge.tsx'
import { creditWords } from '../../../ui/credit-words.ts'

export type PaymentDetail = ResponseOf<'get', '/api/v1/payments/{paymentId}'>
export type Attempt = PaymentDetail['attempts'][number]
export type Refund = PaymentDetail['refunds'][number]
export type RefundPreview = ResponseOf<'post', '/api/v1/payments/{paymentId}/refunds/preview'>

const STATES: Record<Refund['state'], Word> = {
  requested: { word: 'requested', tone: 'info' },
  pending: { word: 'on its way', tone: 'info' },
  succeeded: { word: 'given back', tone: 'success' },
  failed: { word: 'failed', tone: 'danger' },
  canceled: { word: 'canceled', tone: 'neutral' },
}

/** Where a refund is; one that waits for a second person goes nowhere before. */
export function refundStateOf({ state, approval }: Pick<Refund, 'state' | 'approval'>): Word {
  if (approval === 'waiting') return { word: 'waits for approval', tone: 'warning' }
  if (approval === 'rejected') return { word: 'not approved', tone: 'neutral' }
  return STATES[state]
}

const REASONS: Record<Refund['reason'], string> = {
  customer_request: 'Asked for by the customer',
  billing_error: 'Billed wrongly',
  service_issue: 'Something did not work',
  duplicate: 'Paid twice',
  fraudulent: 'Fraud',
  other: 'Another reason',
}

export function reasonOf({ reason }: Pick<Refund, 'reason'>): string {
  return REASONS[reason]
}

export const REASON_OPTIONS = (Object.keys(REASONS) as Refund['reason'][]).map((value) => ({
  value,
  label: REASONS[value],
}))

export const ACCESS_OPTIONS = [
  { value: 'none', label: 'Goes on' },
  { value: 'cancel_at_period_end', label: 'Is canceled at the end of its period' },
  { value: 'cancel_now', label: 'Is canceled at once' },
] as const

const ACCESS_LOST: Record<Refund['accessEffect'], string> = {
  none: 'The subscription goes on, and access with it.',
  cancel_at_period_end: 'Access by its plan ends with the period.',
  cancel_now: 'The subscription ends at once, and access by its plan with it.',
}

interface RefundEffects {
  readonly accessEffect: Refund['accessEffect']
  readonly creditsTakenBack: RefundPreview['creditsTakenBack']
  readonly issueCreditNote: boolean
}

/** What the customer loses besides, or does not, one sentence each. */
export function consequencesOf(effects: RefundEffects): string[] {
  const { accessEffect, creditsTakenBack, issueCreditNote } = effects
  return [
    ACCESS_LOST[accessEffect],
    ...(creditsTakenBack === null
      ? []
      : [
          `${creditWords(creditsTakenBack.amount, creditsTakenBack.unit)} of the credits it bought are taken back.`,
        ]),
    ...(issueCreditNote ? ['A credit note says that the invoice is worth less.'] : []),
  ]
}

const REFUSALS: Readonly<Record<string, string>> = {
  nothing_left_to_refund: 'Nothing is left to give back.',
  amount_exceeds_remaining: 'That is more than what is left of the payment.',
  payment_not_refundable: 'This payment brought in no money.',
  payment_disputed: 'The bank is deciding about a dispute of this payment.',
  credits_already_used: 'The credits it bought are used, in part or all.',
  amount_not_chargeable: 'This amount does not exist in its currency.',
}

/** Why a refund would be refused, in words; a code that is newer than this page still reads as words. */
export function refusalWords(code: string): string {
  return REFUSALS[code] ?? `It would be refused: ${code.replaceAll('_', ' ')}.`
}

/** Why this payment cannot be given back at all; undefined when it can. */
export function refusalToRefund({
  state,
  refundable,
}: Pick<PaymentDetail, 'state' | 'refundable'>): string | undefined {
  if (refundable.amountMinor > 0) return undefined
  if (state === 'disputed') return REFUSALS['payment_disputed']
  const wasPaid = ['refunded', 'partially_refunded', 'disputed_lost', 'succeeded'].includes(state)
  return wasPaid ? REFUSALS['nothing_left_to_refund'] : REFUSALS['payment_not_refundable']
}

export const ATTEMPT_STATES: Record<Attempt['state'], Word> = {
  pending: { word: 'pending', tone: 'neutral' },
  succeeded: { word: 'succeeded', tone: 'success' },
  failed: { word: 'failed', tone: 'danger' },
}

/** What the bank said, with its code for whoever looks it up. */
export function bankWords({ failureMessage, declineCode, failureCode }: Attempt): string {
  const code = declineCode ?? failureCode
  if (failureMessage === null) return code ?? '–'
  return code === null ? failureMessage : `${failureMessage} (${code})`
}
