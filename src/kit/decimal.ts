/**
 * Exact decimal numbers for unit prices, quantities and rates.
 *
 * A `Decimal` carries twelve fractional digits (the precision of Stripe's `unit_amount_decimal` and of our
 * `numeric(38,12)` columns) as a bigint scaled by 10^12. The product of two decimals is an `Exact` with
 * twenty-four digits, so pricing never loses anything until the one rounding at the invoice line.
 */
declare const digits: unique symbol

export type Decimal = bigint & { readonly [digits]: 12 }
export type Exact = bigint & { readonly [digits]: 24 }

const DIGITS = 12
const SCALE = 10n ** 12n
const PATTERN = /^(-?)(\d{1,26})(?:\.(\d{1,12}))?$/

export const ZERO = 0n as Decimal
export const ONE = SCALE as Decimal

/** Reads plain notation with at most twelve fractional digits; `undefined` for exponents, signs like `+`, blanks. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PATTERN.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const magnitude = BigInt(whole) * SCALE + BigInt(fraction.padEnd(DIGITS, '0'))
  return (sign === '-' ? -magnitude : magnitude) as Decimal
}

/** For literals and for values a schema or the database has already checked. */
export function decimal(value: string | number | bigint): Decimal {
  if (typeof value === 'bigint') return (value * SCALE) as Decimal
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`Not a whole number: ${value}; give decimals as strings`)
  }
  const parsed = parseDecimal(String(value))
  if (parsed === undefined) throw new RangeError(`Not a decimal: ${value}`)
  return parsed
}

/** The shortest plain notation: `12.5`, `0.000001`, `-3`. */
export function formatDecimal(value: Decimal): string {
  const magnitude = value < 0n ? -value : value
  const whole = magnitude / SCALE
  const fraction = String(magnitude % SCALE)
    .padStart(DIGITS, '0')
    .replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

export function add(a: Decimal, b: Decimal): Decimal {
  return (a + b) as Decimal
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return (a - b) as Decimal
}

export function multiply(a: Decimal, b: Decimal): Exact {
  return (a * b) as Exact
}

/** The quotient to twelve fractional digits, half away from zero. For quantities such as time-weighted averages. */
export function divide(a: Decimal, b: Decimal): Decimal {
  return divideRounded(a * SCALE, b) as Decimal
}

export function minDecimal(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b
}

export function maxDecimal(a: Decimal, b: Decimal): Decimal {
  return a > b ? a : b
}

/** How many whole packages of `size` cover `quantity`. */
export function ceilDivide(quantity: Decimal, size: Decimal): bigint {
  if (size <= 0n) throw new RangeError('A package size must be positive')
  return quantity <= 0n ? 0n : (quantity + size - 1n) / size
}

export function toExact(value: Decimal): Exact {
  return (value * SCALE) as Exact
}

/** Rounds half away from zero to `fractionDigits` and returns the value in those units: 1.235 to 2 digits is 124n. */
export function roundExact(value: Exact, fractionDigits: number): bigint {
  return divideRounded(value, 10n ** BigInt(2 * DIGITS - fractionDigits))
}

/** `numerator / denominator` as a whole number, half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw new RangeError('Division by zero')
  const isNegative = numerator < 0n !== denominator < 0n
  const n = numerator < 0n ? -numerator : numerator
  const d = denominator < 0n ? -denominator : denominator
  const quotient = (2n * n + d) / (2n * d)
  return isNegative ? -quotient : quotient
}
