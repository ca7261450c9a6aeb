import { type Decimal, divideRounded } from './decimal.ts'

/**
 * An exact share: what prices, percentages and parts of a period make of an amount before its one rounding.
 *
 * Decimals end at twelve digits, and a third of a month does not. A fraction loses nothing however many steps lie
 * between the price and the invoice line.
 */
export interface Fraction {
  readonly numerator: bigint
  /** Always positive. */
  readonly denominator: bigint
}

const DECIMAL_SCALE = 10n ** 12n
const SHOWN_DIGITS = 12

export const FRACTION_ZERO: Fraction = { numerator: 0n, denominator: 1n }
export const FRACTION_ONE: Fraction = { numerator: 1n, denominator: 1n }

export function fraction(numerator: bigint | number, denominator: bigint | number = 1n): Fraction {
  const n = BigInt(numerator)
  const d = BigInt(denominator)
  if (d === 0n) throw new RangeError('A fraction has no zero denominator')
  return d < 0n ? { numerator: -n, denominator: -d } : { numerator: n, denominator: d }
}

export function toFraction(value: Decimal): Fraction {
  return { numerator: value, denominator: DECIMAL_SCALE }
}

export function addFractions(a: Fraction, b: Fraction): Fraction {
  if (a.denominator === b.denominator) {
    return { numerator: a.numerator + b.numerator, denominator: a.denominator }
  }
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  }
}

export function negateFraction(a: Fraction): Fraction {
  return { numerator: -a.numerator, denominator: a.denominator }
}

export function subtractFractions(a: Fraction, b: Fraction): Fraction {
  return addFractions(a, negateFraction(b))
}

export function multiplyFractions(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator }
}

export function divideFractions(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator, a.denominator * b.numerator)
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareFractions(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  if (difference === 0n) return 0
  return difference < 0n ? -1 : 1
}

export function minFraction(a: Fraction, b: Fraction): Fraction {
  return compareFractions(a, b) <= 0 ? a : b
}

export function maxFraction(a: Fraction, b: Fraction): Fraction {
  return compareFractions(a, b) >= 0 ? a : b
}

export function sumFractions(values: Iterable<Fraction>): Fraction {
  let total = FRACTION_ZERO
  for (const value of values) total = addFractions(total, value)
  return total
}

/** Whole multiples of `1 / perUnit`, half away from zero: 14.505 with 100 per unit is 1451n. */
export function roundFraction(value: Fraction, perUnit: bigint): bigint {
  return divideRounded(value.numerator * perUnit, value.denominator)
}

/** The decimal at twelve digits, half away from zero: for quantities, never for money. */
export function fractionToDecimal(value: Fraction): Decimal {
  return divideRounded(value.numerator * DECIMAL_SCALE, value.denominator) as Decimal
}

/** For people: plain notation; what does not end within twelve digits is cut there and marked, `9.333333333333…`. */
export function formatFraction({ numerator, denominator }: Fraction): string {
  const magnitude = numerator < 0n ? -numerator : numerator
  const scaled = (magnitude * DECIMAL_SCALE) / denominator
  const isCut = (magnitude * DECIMAL_SCALE) % denominator !== 0n
  const digits = String(scaled % DECIMAL_SCALE).padStart(SHOWN_DIGITS, '0')
  const shown = isCut ? `${digits}…` : digits.replace(/0+$/, '')
  const sign = numerator < 0n ? '-' : ''
  return `${sign}${scaled / DECIMAL_SCALE}${shown === '' ? '' : `.${shown}`}`
}
