import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatMoney, parseMajor } from '../../../../src/kit/money.ts'
import type { PlanWords } from '../plans/present-plan.ts'

type Coupon = NonNullable<ResponseOf<'post', '/api/v1/portal/subscriptions/preview'>['coupon']>

/** `Launch offer: 20 % off for 3 months.` */
export function couponWords({ name, off, duration }: Coupon, currency: string): string {
  const text = off.type === 'percentage' ? undefined : off.amounts[currency]
  const amount = text === undefined ? undefined : parseMajor(text, currency)
  const taken =
    off.type === 'percentage' ? `${off.percent} %` : amount === undefined ? '' : formatMoney(amount)
  return `${name}: ${taken} off ${lengthWords(duration)}.`
}

function lengthWords(duration: Coupon['duration']): string {
  switch (duration.type) {
    case 'once':
      return 'your first invoice'
    case 'forever':
      return 'every invoice'
    case 'repeating':
      return duration.months === 1
        ? 'the invoices of the first month'
        : `the invoices of the first ${duration.months} months`
  }
}

/** What follows where nothing is due at first: `First 2 weeks free. After that $49 per month.` */
export function laterWords({
  beginnings,
  sentence,
}: Pick<PlanWords, 'beginnings' | 'sentence'>): string {
  if (beginnings.length === 0) return `${capitalized(sentence)}.`
  return `${beginnings.join('. ')}. After that ${sentence}.`
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
