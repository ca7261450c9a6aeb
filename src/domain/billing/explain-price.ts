import { assertNever } from '../../kit/assert.ts'
import type { Currency } from '../../kit/currency.ts'
import type { PercentageStep, PriceStep, TierStep } from './derivation.ts'
import { counted, isZero, price, words } from './explain-words.ts'

type Step<Kind extends PriceStep['kind']> = Extract<PriceStep, { readonly kind: Kind }>

/** The arithmetic of a price model, as a person would write it down. */
export function explainPrice(step: PriceStep, unit: string, currency: Currency): string[] {
  switch (step.kind) {
    case 'flat':
      return explainFlat(step, currency)
    case 'unit':
      return [
        `${counted(step.quantity, unit)} × ${price(step.unitAmount, currency)} = ${price(step.amount, currency)}.`,
      ]
    case 'graduated':
      return step.tiers.map((tier) => explainTier(tier, currency))
    case 'volume':
      return step.tiers.map((tier) => `All ${explainVolume(tier, unit, currency)}`)
    case 'package':
      return explainPackages(step, unit, currency)
    case 'percentage':
      return explainPercentage(step, currency)
    case 'dynamic':
      return [
        `The events add up to ${price(step.sum, currency)}; × ${words(step.multiplier)} = ${price(step.amount, currency)}.`,
      ]
    case 'matrix':
      return step.cells.map(({ values, isDefault, quantity, unitAmount, amount }) => {
        const label = isDefault ? `${values.join(', ')} (not on the price list)` : values.join(', ')
        return `${label}: ${counted(quantity, unit)} × ${price(unitAmount, currency)} = ${price(amount, currency)}.`
      })
    default:
      return assertNever(step)
  }
}

function explainFlat({ count, flatAmount, amount }: Step<'flat'>, currency: Currency): string[] {
  if (count === '1') return [`The fee is ${price(flatAmount, currency)}.`]
  return [
    `The fee is charged ${words(count)} times: ${words(count)} × ${price(flatAmount, currency)} = ${price(amount, currency)}.`,
  ]
}

function explainTier(tier: TierStep, currency: Currency): string {
  const range =
    tier.upToAmount === null
      ? `Above ${words(tier.fromAmount)}`
      : `From ${words(tier.fromAmount)} to ${words(tier.upToAmount)}`
  const where = isZero(tier.fromAmount) && tier.upToAmount === null ? 'For all' : range
  return `${where}: ${tierSum(tier, currency)}`
}

function explainVolume(tier: TierStep, unit: string, currency: Currency): string {
  const reached = isZero(tier.fromAmount)
    ? 'in the first tier'
    : `in the tier above ${words(tier.fromAmount)}`
  return `${counted(tier.quantity, unit)} are ${reached}: ${tierSum(tier, currency)}`
}

function tierSum(
  { quantity, unitAmount, flatAmount, amount }: TierStep,
  currency: Currency,
): string {
  const units =
    isZero(quantity) || isZero(unitAmount)
      ? []
      : [`${words(quantity)} × ${price(unitAmount, currency)}`]
  const fee = flatAmount === null ? [] : [`a fee of ${price(flatAmount, currency)}`]
  const parts = [...fee, ...units]
  if (parts.length === 0) return `${words(quantity)} without charge.`
  const total = parts.length === 1 && units.length === 0 ? '' : ` = ${price(amount, currency)}`
  return `${parts.join(' and ')}${total}.`
}

function explainPackages(
  { quantity, quantityPerPackage, packages, packageAmount, amount }: Step<'package'>,
  unit: string,
  currency: Currency,
): string[] {
  const noun = packages === '1' ? 'package' : 'packages'
  return [
    `${counted(quantity, unit)} are ${words(packages)} ${noun} of ${words(quantityPerPackage)}; ` +
      `${words(packages)} × ${price(packageAmount, currency)} = ${price(amount, currency)}.`,
  ]
}

function explainPercentage(step: PercentageStep, currency: Currency): string[] {
  const fixed = step.fixedPerEvent
  const perEvent =
    fixed === null
      ? ''
      : ` plus ${price(fixed, currency)} for each of ${words(step.eventCount)} events`
  const bounds = [
    ...(isZero(step.raisedToMinimum) || step.minimumPerEvent === null
      ? []
      : [
          `${words(step.raisedToMinimum)} events were raised to the minimum of ${price(step.minimumPerEvent, currency)}.`,
        ]),
    ...(isZero(step.loweredToMaximum) || step.maximumPerEvent === null
      ? []
      : [
          `${words(step.loweredToMaximum)} events were lowered to the maximum of ${price(step.maximumPerEvent, currency)}.`,
        ]),
  ]
  const sum = `${words(step.rate)} % of ${price(step.sum, currency)}${perEvent}`
  return [...bounds, `${sum}: ${price(step.amount, currency)}.`]
}
