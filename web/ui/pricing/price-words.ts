import { fractionDigits } from '../../../src/kit/currency.ts'
import { type Decimal, decimal, formatDecimal } from '../../../src/kit/decimal.ts'
import type { ResponseOf } from '../../../src/client/client.ts'
import { formatQuantity, formatUnitPrice } from '../format.ts'

export type PlanDefinition = ResponseOf<'get', '/api/v1/public/plans'>['data'][number]['definition']
export type PlanPhase = PlanDefinition['phases'][number]
export type RateCard = PlanPhase['rateCards'][number]
export type Price = NonNullable<RateCard['prices']>[string]
type Tier = Extract<Price, { type: 'tiered' }>['tiers'][number]

/**
 * A price as a customer would be told it, one line per tier. `unit` is what the meter counts, in the singular. A flat
 * fee is said by whoever knows how often it is charged.
 */
export function priceWords(price: Price, currency: string, unit: string): string[] {
  const money = (amount: string) => formatUnitPrice(amount, currency)
  switch (price.type) {
    case 'flat':
      return [money(price.amount)]
    case 'unit':
      return [perUnit(price.amount, currency, unit)]
    case 'tiered':
      return price.tiers.map((tier, index) => {
        const range = rangeWords(price.tiers[index - 1]?.upToAmount ?? null, tier, unit)
        return `${range}: ${tierWords(tier, price.mode, currency, unit)}`
      })
    case 'package': {
      const size = `${formatQuantity(price.quantityPerPackage)} ${plural(unit)}`
      const part = { up: ', or part of them', down: ', complete ones only', exact: '' }
      return [`${money(price.amount)} per ${size}${part[price.rounding]}`]
    }
    case 'percentage':
      return [percentageWords(price, money)]
    case 'dynamic': {
      const times = price.multiplier === '1' ? '' : `, times ${formatQuantity(price.multiplier)}`
      return [`The price each event carries${times}`]
    }
    case 'matrix':
      return [
        ...price.cells.map(
          ({ values, amount }) => `${values.join(', ')}: ${perUnit(amount, currency, unit)}`,
        ),
        `Any other ${price.dimensions.join(' and ')}: ${perUnit(price.defaultAmount, currency, unit)}`,
      ]
  }
}

const SIZES = [1n, 1_000n, 1_000_000n]

/** A price per unit in amounts people have seen before: $0.0005 per call is `$0.50 per 1,000 calls`. */
export function perUnit(amount: string, currency: string, unit: string): string {
  const value = decimal(amount)
  if (value === 0n) return 'free'
  const size = SIZES.find((count) => {
    const digits = formatDecimal((value * count) as Decimal).split('.')[1]?.length ?? 0
    return digits <= fractionDigits(currency)
  })
  // A unit that is a count already (`1,000 tokens`) is not counted again.
  const isSmallest = size === undefined || size === 1n || /^\d/.test(unit)
  if (isSmallest) return `${formatUnitPrice(amount, currency)} per ${unit}`
  const scaled = formatUnitPrice(formatDecimal((value * size) as Decimal), currency)
  return `${scaled} per ${formatQuantity(String(size))} ${plural(unit)}`
}

/** `10,000 requests`, `1 request`. */
export function unitsOf(quantity: string, unit: string): string {
  return `${formatQuantity(quantity)} ${quantity === '1' ? unit : plural(unit)}`
}

export function plural(unit: string): string {
  if (unit.endsWith('s')) return unit
  if (/(?:x|ch|sh)$/.test(unit)) return `${unit}es`
  return /[^aeiou]y$/.test(unit) ? `${unit.slice(0, -1)}ies` : `${unit}s`
}

function rangeWords(from: string | null, { upToAmount }: Tier, unit: string): string {
  if (from === null)
    return upToAmount === null ? `All ${plural(unit)}` : `Up to ${unitsOf(upToAmount, unit)}`
  if (upToAmount === null) return `Above ${formatQuantity(from)}`
  return `From ${formatQuantity(from)} to ${formatQuantity(upToAmount)}`
}

function tierWords(
  { flatPrice, unitPrice }: Tier,
  mode: 'graduated' | 'volume',
  currency: string,
  unit: string,
): string {
  const isFree = (amount: string | null): amount is null =>
    amount === null || decimal(amount) === 0n
  const fee = isFree(flatPrice) ? undefined : formatUnitPrice(flatPrice, currency)
  const each = isFree(unitPrice) ? undefined : perUnit(unitPrice, currency, unit)
  const words = [fee, each].filter((part) => part !== undefined).join(' plus ')
  if (words === '') return 'free'
  return mode === 'volume' && each !== undefined ? `${words}, for all` : words
}

function percentageWords(
  price: Extract<Price, { type: 'percentage' }>,
  money: (amount: string) => string,
): string {
  const { fixedPerEvent, minimumPerEvent, maximumPerEvent } = price
  const fixed = fixedPerEvent === null ? '' : ` plus ${money(fixedPerEvent)} per event`
  const bounds = [
    ...(minimumPerEvent === null ? [] : [`at least ${money(minimumPerEvent)}`]),
    ...(maximumPerEvent === null ? [] : [`at most ${money(maximumPerEvent)}`]),
  ]
  const limits = bounds.length === 0 ? '' : `, ${bounds.join(' and ')} each`
  return `${formatQuantity(price.rate)}% of the amount${fixed}${limits}`
}
