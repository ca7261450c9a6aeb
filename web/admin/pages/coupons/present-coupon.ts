import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatMoney, parseMajor } from '../../../../src/kit/money.ts'
import type { Tone } from '../../../ui/badge.tsx'

export type Coupon = ResponseOf<'get', '/api/v1/coupons'>['data'][number]
export type PromotionCode = ResponseOf<'get', '/api/v1/coupons/{couponKey}'>['codes'][number]

export interface Standing {
  readonly word: string
  readonly tone: Tone
}

/** `20 %`, or `$5.00 or €4.50` by currency. */
export function offWords({ definition: { off } }: Coupon): string {
  if (off.type === 'percentage') return `${off.percent} %`
  return Object.entries(off.amounts)
    .map(([currency, text]) => {
      const amount = parseMajor(text, currency)
      return amount === undefined ? `${text} ${currency}` : formatMoney(amount)
    })
    .join(' or ')
}

export function durationWords({ definition: { duration } }: Coupon): string {
  switch (duration.type) {
    case 'once':
      return 'one invoice'
    case 'forever':
      return 'every invoice'
    case 'repeating':
      return duration.months === 1 ? 'one month' : `${duration.months} months`
  }
}

export function redeemedWords(count: number, limit: number | null): string {
  return limit === null ? String(count) : `${count} of ${limit}`
}

export function couponStanding(coupon: Coupon, now: number): Standing {
  const { definition, archivedAt, redemptionCount } = coupon
  if (archivedAt !== null) return { word: 'archived', tone: 'neutral' }
  return standing(definition.redeemBy, definition.maxRedemptions, redemptionCount, now)
}

export function codeStanding(code: PromotionCode, now: number): Standing {
  if (code.deactivatedAt !== null) return { word: 'taken back', tone: 'neutral' }
  return standing(code.expiresAt, code.maxRedemptions, code.redemptionCount, now)
}

function standing(
  until: string | null,
  limit: number | null,
  count: number,
  now: number,
): Standing {
  if (until !== null && Date.parse(until) <= now) return { word: 'expired', tone: 'neutral' }
  if (limit !== null && count >= limit) return { word: 'used up', tone: 'warning' }
  return { word: 'offered', tone: 'success' }
}

/** `5.00 usd, 4.50 eur` as somebody types it; undefined where a part is no amount of a currency. */
export function parseAmounts(text: string): Record<string, string> | undefined {
  const amounts: Record<string, string> = {}
  for (const part of text.split(/[,;\n]/).map((each) => each.trim())) {
    if (part === '') continue
    const [, amount, currency] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]{3})$/.exec(part) ?? []
    if (amount === undefined || currency === undefined) return undefined
    amounts[currency.toLowerCase()] = amount
  }
  return amounts
}
