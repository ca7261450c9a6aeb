import { type Currency, fractionDigits, chargeIncrementMinor } from '../../../kit/currency.ts'
import { type Decimal, parseDecimal, ZERO } from '../../../kit/decimal.ts'
import { type Duration, parseDuration } from '../../../kit/period.ts'

/** Notes one problem; validation goes on, so that people see all of them at once. */
export type Report = (path: string, message: string) => void

const SLUG = /^[a-z0-9_]{1,64}$/

export function checkSlug(key: string, path: string, report: Report): void {
  if (!SLUG.test(key)) report(path, 'Use 1 to 64 lower-case letters, digits and underscores.')
}

export function checkText(text: string, path: string, report: Report): void {
  if (text.trim() === '') report(path, 'Give it a name that people can read.')
}

/** A decimal of at least zero; `undefined` after reporting what is wrong. */
export function checkDecimal(text: string, path: string, report: Report): Decimal | undefined {
  const value = parseDecimal(text)
  if (value === undefined) {
    report(path, `"${text}" is not a decimal: write 29.00 or 0.0005, at most 12 decimals.`)
    return undefined
  }
  if (value < ZERO) {
    report(path, 'It must not be negative.')
    return undefined
  }
  return value
}

export function checkPositive(text: string, path: string, report: Report): Decimal | undefined {
  const value = checkDecimal(text, path, report)
  if (value === undefined || value > ZERO) return value
  report(path, 'It must be more than zero.')
  return undefined
}

/** An amount that is charged as it stands, so it must be one that can be charged in the currency. */
export function checkAmount(
  text: string,
  currency: Currency,
  path: string,
  report: Report,
): Decimal | undefined {
  const value = checkDecimal(text, path, report)
  if (value === undefined) return undefined
  const digits = chargeableDigits(currency)
  if (value % 10n ** BigInt(12 - digits) === 0n) return value
  const allowed = digits === 0 ? 'no decimals' : `at most ${digits} decimals`
  report(path, `Amounts in ${currency} have ${allowed}; only prices per unit may be finer.`)
  return undefined
}

export function checkDuration(text: string, path: string, report: Report): Duration | undefined {
  const length = parseDuration(text)
  if (length === undefined)
    report(path, `"${text}" is not a duration such as P1M, P1Y, P2W or PT1H.`)
  return length
}

/** A record per currency of the plan: none missing, none too many. */
export function checkCurrencies(
  record: Readonly<Record<Currency, unknown>>,
  currencies: readonly Currency[],
  path: string,
  report: Report,
): void {
  for (const currency of currencies) {
    if (!Object.hasOwn(record, currency))
      report(`${path}.${currency}`, `It is missing in ${currency}.`)
  }
  for (const currency of Object.keys(record)) {
    if (!currencies.includes(currency)) {
      report(
        `${path}.${currency}`,
        `The plan is not sold in ${currency}; add it to its currencies.`,
      )
    }
  }
}

export function checkUnique(
  values: readonly string[],
  path: (index: number) => string,
  report: Report,
): void {
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) < index) report(path(index), `"${value}" is there twice.`)
  }
}

/** Three-decimal currencies are charged in tens of their minor unit. */
function chargeableDigits(currency: Currency): number {
  return fractionDigits(currency) - (chargeIncrementMinor(currency) === 10n ? 1 : 0)
}
