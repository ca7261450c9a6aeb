import { type Currency, fractionDigits } from './currency.ts'
import { divideRounded, type Exact, roundExact } from './decimal.ts'

/** An amount in the currency's minor unit: 2900 usd is $29.00, 2900 jpy is ¥2,900. */
export interface Money {
  readonly amountMinor: bigint
  readonly currency: Currency
}

export function money(amountMinor: bigint | number, currency: Currency): Money {
  return { amountMinor: BigInt(amountMinor), currency }
}

export function addMoney(a: Money, b: Money): Money {
  return { amountMinor: a.amountMinor + sameCurrency(a, b).amountMinor, currency: a.currency }
}

export function subtractMoney(a: Money, b: Money): Money {
  return { amountMinor: a.amountMinor - sameCurrency(a, b).amountMinor, currency: a.currency }
}

/** The one rounding of an invoice line: half away from zero, to the currency's minor unit. */
export function roundToMoney(exactMajor: Exact, currency: Currency): Money {
  return { amountMinor: roundExact(exactMajor, fractionDigits(currency)), currency }
}

/** The share `part / whole` of an amount, rounded once, half away from zero. */
export function shareOf(amount: Money, part: number, whole: number): Money {
  return {
    amountMinor: divideRounded(amount.amountMinor * BigInt(part), BigInt(whole)),
    currency: amount.currency,
  }
}

/** Plain major units without grouping or symbol: `29.00`, `-0.05`, `2900` for jpy. */
export function toMajorString({ amountMinor, currency }: Money): string {
  const digits = fractionDigits(currency)
  const magnitude = String(amountMinor < 0n ? -amountMinor : amountMinor).padStart(digits + 1, '0')
  const sign = amountMinor < 0n ? '-' : ''
  if (digits === 0) return sign + magnitude
  return `${sign}${magnitude.slice(0, -digits)}.${magnitude.slice(-digits)}`
}

/** Reads `29`, `29.5` or `29.00`; `undefined` when it is no amount or has more decimals than the currency. */
export function parseMajor(text: string, currency: Currency): Money | undefined {
  const digits = fractionDigits(currency)
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(text)
  const [, sign = '', whole = '', fraction = ''] = match ?? []
  if (match === null || fraction.length > digits) return undefined
  return money(BigInt(sign + whole + fraction.padEnd(digits, '0')), currency)
}

/** Of an amount that was parsed before. */
export function majorToMinor(text: string, currency: Currency): bigint {
  const amount = parseMajor(text, currency)
  if (amount === undefined) throw new RangeError(`${text} is no amount in ${currency}`)
  return amount.amountMinor
}

/** For people: `$29.00`, `¥2,900`, `−$0.05` in the reader's locale. */
export function formatMoney(amount: Money, locale = 'en-US'): string {
  const digits = fractionDigits(amount.currency)
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: amount.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  // A decimal string keeps every digit; a number would lose cents beyond 2^53.
  return format.format(toMajorString(amount) as unknown as number)
}

function sameCurrency(a: Money, b: Money): Money {
  if (a.currency !== b.currency) {
    throw new RangeError(`Cannot combine ${a.currency} with ${b.currency}`)
  }
  return b
}
