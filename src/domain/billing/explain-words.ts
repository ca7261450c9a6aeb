import { type Currency, fractionDigits } from '../../kit/currency.ts'
import { DAY_MS, parseInstant } from '../../kit/instant.ts'

const LOCALE = 'en-US'
const MOST_DIGITS = 12
const CUT = '…'

/** `1,234,567.5`; digits that were cut off stay marked as such. */
export function words(quantity: string): string {
  const format = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: MOST_DIGITS })
  return formatWith(format, quantity)
}

/** `$0.0005`, `$29.00`, `¥2,900`: all the digits of a price, at least those of the currency. */
export function price(amount: string, currency: Currency): string {
  const format = new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    minimumFractionDigits: fractionDigits(currency),
    maximumFractionDigits: MOST_DIGITS,
  })
  return formatWith(format, amount)
}

/** `1 request`, `2 requests`, `1.5 GB-months`. */
export function counted(quantity: string, unit: string): string {
  return `${words(quantity)} ${quantity === '1' ? unit : plural(unit)}`
}

/** `2026-03-01`, or with the time of day where it is not midnight; always UTC. */
export function moment(instant: string): string {
  const at = parseInstant(instant)
  if (at === undefined) return instant
  return at % DAY_MS === 0 ? instant.slice(0, 10) : `${instant.slice(0, 16).replace('T', ' ')} UTC`
}

export function span({ startsAt, endsAt }: { startsAt: string; endsAt: string }): string {
  return `from ${moment(startsAt)} to ${moment(endsAt)}`
}

export function isZero(amount: string): boolean {
  return /^-?0(?:\.0+)?$/.test(amount)
}

function plural(unit: string): string {
  if (unit.endsWith('s')) return unit
  if (/(?:x|ch|sh)$/.test(unit)) return `${unit}es`
  return /[^aeiou]y$/.test(unit) ? `${unit.slice(0, -1)}ies` : `${unit}s`
}

/** Formats the text itself: as a number it would lose digits beyond 2^53. */
function formatWith(format: Intl.NumberFormat, text: string): string {
  const isCut = text.endsWith(CUT)
  const plain = isCut ? text.slice(0, -CUT.length) : text
  return format.format(plain as unknown as number) + (isCut ? CUT : '')
}
