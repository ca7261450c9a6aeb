import { isCurrency } from '../../kit/currency.ts'
import { decimal, formatDecimal, parseDecimal } from '../../kit/decimal.ts'
import { exclusiveParameters, invalidRequest } from '../wire/errors.ts'

/** An amount per unit in both of Stripe's notations; `unit_amount` is null when there are fractions of the minor unit. */
export interface UnitAmount {
  readonly unit_amount: number | null
  readonly unit_amount_decimal: string | null
}

interface GivenUnitAmount {
  readonly unit_amount?: number | undefined
  readonly unit_amount_decimal?: string | undefined
}

export const NO_UNIT_AMOUNT: UnitAmount = { unit_amount: null, unit_amount_decimal: null }

export function toUnitAmount(given: GivenUnitAmount, path = ''): UnitAmount {
  const name = (field: string): string => (path === '' ? field : `${path}[${field}]`)
  if (given.unit_amount !== undefined && given.unit_amount_decimal !== undefined) {
    throw exclusiveParameters(name('unit_amount'), name('unit_amount_decimal'))
  }
  if (given.unit_amount !== undefined) {
    if (given.unit_amount < 0) throw negative(name('unit_amount'))
    return { unit_amount: given.unit_amount, unit_amount_decimal: String(given.unit_amount) }
  }
  if (given.unit_amount_decimal === undefined) return NO_UNIT_AMOUNT
  const value = decimal(given.unit_amount_decimal)
  if (value < 0n) throw negative(name('unit_amount_decimal'))
  const text = formatDecimal(value)
  return { unit_amount: wholeOrNull(text), unit_amount_decimal: text }
}

export function wholeOrNull(text: string): number | null {
  return text.includes('.') || parseDecimal(text) === undefined ? null : Number(text)
}

function negative(param: string) {
  return invalidRequest({
    code: 'parameter_invalid_integer',
    message: 'This value must be greater than or equal to 0.',
    param,
  })
}

/** Stripe takes currencies in any case and shows them in lower case. */
export function toCurrency(code: string, param = 'currency'): string {
  const currency = code.toLowerCase()
  if (isCurrency(currency)) return currency
  throw invalidRequest({
    message: `Invalid currency: ${code}. Use a three-letter ISO 4217 code in lower case, such as usd or eur.`,
    param,
  })
}
