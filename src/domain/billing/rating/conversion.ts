import { assertNever } from '../../../kit/assert.ts'
import { type Decimal, decimal, formatDecimal } from '../../../kit/decimal.ts'
import {
  divideFractions,
  type Fraction,
  fractionToDecimal,
  multiplyFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { UnitConversion } from '../../catalog/plan.ts'
import type { ConversionStep } from '../derivation.ts'

/** Metered units as priced ones: bytes as gigabytes, milliseconds as hours. */
export function convert(conversion: UnitConversion | null, quantity: Decimal): Decimal {
  if (conversion === null) return quantity
  const exact = convertExactly(conversion, toFraction(quantity))
  switch (conversion.rounding) {
    case 'none':
      return fractionToDecimal(exact)
    case 'up':
      return decimal(ceiling(exact))
    case 'down':
      return decimal(floor(exact))
    default:
      return assertNever(conversion.rounding)
  }
}

export function conversionStep(
  { operation, factor, rounding }: UnitConversion,
  from: Decimal,
  to: Decimal,
): ConversionStep {
  return {
    kind: 'conversion',
    operation,
    factor,
    rounding,
    from: formatDecimal(from),
    to: formatDecimal(to),
  }
}

function convertExactly({ operation, factor }: UnitConversion, quantity: Fraction): Fraction {
  const by = toFraction(decimal(factor))
  return operation === 'multiply' ? multiplyFractions(quantity, by) : divideFractions(quantity, by)
}

function floor({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator
  return numerator < 0n && numerator % denominator !== 0n ? quotient - 1n : quotient
}

function ceiling({ numerator, denominator }: Fraction): bigint {
  return -floor({ numerator: -numerator, denominator })
}
