import { fractionDigits, stripeFactor } from '../../kit/currency.ts'
import { formatMoney, money } from '../../kit/money.ts'

/** An amount in Stripe's minor units for people: $29.00. */
export function showAmount(amount: number, currency: string): string {
  const factor = Number(stripeFactor(currency))
  return formatMoney(money(BigInt(Math.trunc(amount / factor)), currency))
}

/** A price of one unit, with as many decimals as it has: $0.0004. Given in Stripe's minor units. */
export function showUnitAmount(decimal: string, currency: string): string {
  const shift = fractionDigits(currency) + (stripeFactor(currency) === 100n ? 2 : 0)
  const major = shiftLeft(decimal, shift)
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: fractionDigits(currency),
    maximumFractionDigits: 14,
  })
  // A decimal string keeps every digit; a number would not.
  return format.format(major as unknown as number)
}

/** Moves the decimal point: `0.04` by two is `0.0004`. */
function shiftLeft(decimal: string, places: number): string {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  const digits = whole.padStart(places + 1, '0')
  const point = digits.length - places
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}${fraction}`
}

const DATE = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' })
const SHORT_DATE = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' })

/** A day in UTC for people: January 31, 2026. Given in seconds. */
export function showDate(seconds: number): string {
  return DATE.format(seconds * 1_000)
}

/** Jan 31, 2026 */
export function showShortDate(seconds: number): string {
  return SHORT_DATE.format(seconds * 1_000)
}
