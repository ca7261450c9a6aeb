import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatAmount, formatDate, formatQuantity } from '../../../ui/format.ts'

export type ChangePreview = ResponseOf<'post', '/api/v1/portal/subscription/change/preview'>
export type ChangeLine = NonNullable<ChangePreview['invoice']>['lines'][number]
export type ChangedQuota = ChangePreview['quotas'][number]

export interface ChangeWords {
  /** When the new plan begins. */
  readonly when: string
  /** What is to pay, and when; one sentence. */
  readonly cost: string
  /** What the button does: `Pay $70.00 and change`. */
  readonly verb: string
}

/** A change in the words of the one who pays for it. */
export function changeWords(preview: ChangePreview): ChangeWords {
  const { timing, effectiveAt, from, to, payment, way } = preview
  const on = formatDate(effectiveAt)
  if (way === 'checkout') {
    return {
      when: `${to.planName} begins when it is paid.`,
      cost: 'The payment page that comes next asks for a card and shows what is due.',
      verb: 'Go to payment',
    }
  }
  if (timing === 'at_period_end') {
    return {
      when: `You keep ${from.planName} until ${on}, then ${to.planName} begins.`,
      cost: `Nothing is due now. ${laterWords(preview)}`.trim(),
      verb: `Change on ${on}`,
    }
  }
  const amount = formatAmount(payment.amount)
  const begins = `${to.planName} begins at once.`
  switch (payment.kind) {
    case 'none':
      return { when: begins, cost: 'Nothing is due now.', verb: 'Change now' }
    case 'before_change':
      return {
        when: `${to.planName} begins as soon as it is paid; until then you keep ${from.planName}.`,
        cost: `${amount} is charged now.`,
        verb: `Pay ${amount} and change`,
      }
    case 'by_invoice':
      return { when: begins, cost: `You get an invoice of ${amount}.`, verb: 'Change now' }
    case 'credit':
      return {
        when: begins,
        cost: `${amount} of what you have paid is left; your next invoices use it first.`,
        verb: 'Change now',
      }
  }
}

/** `From then on $29.00, the first time on Mar 17, 2027.` */
function laterWords({ nextInvoice }: ChangePreview): string {
  if (nextInvoice === null || nextInvoice.amountDue.amountMinor === 0) return ''
  const { at, amountDue } = nextInvoice
  return `The next invoice, on ${formatDate(at)}, is ${formatAmount(amountDue)} plus usage that is billed.`
}

/** `1,000` to `unlimited`; a dash where that side has no such quota. */
export function limitWords(limit: string | null | undefined): string {
  if (limit === undefined) return '–'
  return limit === null ? 'unlimited' : formatQuantity(limit)
}
