import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatAmount, formatDate, formatQuantity } from '../../../ui/format.ts'
import { addOnNames } from '../../../ui/pricing/add-on-words.ts'

export type ChangePreview = ResponseOf<'post', '/api/v1/portal/subscription/change/preview'>
export type ChangeLine = NonNullable<ChangePreview['invoice']>['lines'][number]

interface ChangeWords {
  /** When what is new begins. */
  readonly when: string
  /** What is to pay, and when; one sentence. */
  readonly cost: string
  /** What the button does: `Pay $70.00 and change`. */
  readonly verb: string
  /** What the link beside it does: `Keep Pro`. */
  readonly keep: string
  /** What is so once it is done: `You are on Scale`. */
  readonly done: string
}

/** A change in the words of the one who pays for it. */
export function changeWords(preview: ChangePreview): ChangeWords {
  return preview.kind === 'add_ons' ? addOnWords(preview) : planWords(preview)
}

function planWords(preview: ChangePreview): ChangeWords {
  const { timing, effectiveAt, from, to, payment, way } = preview
  const on = formatDate(effectiveAt)
  const keep = `Keep ${from.planName}`
  const done = `You are on ${to.planName}`
  if (way === 'checkout' && payment.kind !== 'by_invoice') {
    return {
      when: `${to.planName} begins when it is paid.`,
      cost: 'The payment page that comes next asks for a card and shows what is due.',
      verb: 'Go to payment',
      keep,
      done,
    }
  }
  if (timing === 'at_period_end') {
    return {
      when: `You keep ${from.planName} until ${on}, then ${to.planName} begins.`,
      cost: `Nothing is due now. ${laterWords(preview)}`.trim(),
      verb: `Change on ${on}`,
      keep,
      done: `${to.planName} begins on ${on}`,
    }
  }
  const isPaidFirst = payment.kind === 'before_change'
  return {
    when: isPaidFirst
      ? `${to.planName} begins as soon as it is paid; until then you keep ${from.planName}.`
      : `${to.planName} begins at once.`,
    cost: costNow(preview),
    verb: isPaidFirst ? `Pay ${formatAmount(payment.amount)} and change` : 'Change now',
    keep,
    done,
  }
}

function addOnWords(preview: ChangePreview): ChangeWords {
  const { timing, effectiveAt, payment, addOns } = preview
  const on = formatDate(effectiveAt)
  const added = addOns.filter(({ quantityBefore, quantityAfter }) => quantityAfter > quantityBefore)
  const isEnd = addOns.every(({ quantityAfter }) => quantityAfter === 0)
  const names = addOnNames(addOns)
  if (timing === 'at_period_end') {
    return {
      when: isEnd
        ? `You have ${names} until ${on}, which is paid for.`
        : `You keep what you have until ${on}, then you have ${names}.`,
      cost: `Nothing is due now. ${laterWords(preview)}`.trim(),
      verb: `${isEnd ? 'Remove' : 'Change'} on ${on}`,
      keep: 'Keep it as it is',
      done: isEnd ? `${names} ends on ${on}` : `You have ${names} from ${on} on`,
    }
  }
  // What is given up together with something more ends at the same time, and stands in the table.
  const gained = addOnNames(added)
  const isPaidFirst = payment.kind === 'before_change'
  return {
    when: isPaidFirst ? `You have ${gained} as soon as it is paid.` : `You have ${gained} at once.`,
    cost: `${costNow(preview)} ${laterWords(preview)}`.trim(),
    verb: isPaidFirst ? `Pay ${formatAmount(payment.amount)} and add` : 'Add now',
    keep: 'Keep it as it is',
    done: `You have ${gained}`,
  }
}

function costNow({ payment }: ChangePreview): string {
  const amount = formatAmount(payment.amount)
  switch (payment.kind) {
    case 'none':
      return 'Nothing is due now.'
    case 'before_change':
      return `${amount} is charged now.`
    case 'by_invoice':
      return `You get an invoice of ${amount}.`
    case 'credit':
      return `${amount} of what you have paid is left; your next invoices use it first.`
  }
}

/** `The next invoice, on Mar 17, 2027, is $29.00 plus usage that is billed.` */
function laterWords({ nextInvoice }: ChangePreview): string {
  if (nextInvoice === null || nextInvoice.amountDue.amountMinor === 0) return ''
  const { at, amountDue } = nextInvoice
  return `The next invoice, on ${formatDate(at)}, is ${formatAmount(amountDue)} plus usage that is billed.`
}

/** One row of what is there before and after. */
export interface Gain {
  readonly key: string
  readonly name: string
  readonly before: string
  readonly after: string
  /** Of a quota, right after the change; null where that says nothing. */
  readonly left: string | null
}

/** Add-ons that become more or less, and quotas. */
export function gains({ addOns, quotas }: ChangePreview): Gain[] {
  const count = (quantity: number) => (quantity === 0 ? '–' : formatQuantity(String(quantity)))
  return [
    ...addOns.map(({ key, name, quantityBefore, quantityAfter }) => ({
      key: `add-on ${key}`,
      name,
      before: count(quantityBefore),
      after: count(quantityAfter),
      left: null,
    })),
    ...quotas.map(({ featureKey, featureName, limitBefore, limitAfter, remainingAfter }) => ({
      key: featureKey,
      name: featureName,
      before: limitWords(limitBefore),
      after: limitWords(limitAfter),
      left: remainingAfter,
    })),
  ]
}

/** `1,000` to `unlimited`; a dash where that side has no such quota. */
function limitWords(limit: string | null | undefined): string {
  if (limit === undefined) return '–'
  return limit === null ? 'unlimited' : formatQuantity(limit)
}
