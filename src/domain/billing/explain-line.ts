import { assertNever } from '../../kit/assert.ts'
import type { Currency } from '../../kit/currency.ts'
import type {
  CommitmentStep,
  CoveredStep,
  CreditsStep,
  Derivation,
  DerivationStep,
  DiscountStep,
  IncludedStep,
  OverrideStep,
  ProrationStep,
  UnusedTimeStep,
  UsageStep,
} from './derivation.ts'
import { explainPrice } from './explain-price.ts'
import { counted, isZero, moment, price, span, words } from './explain-words.ts'

/** A line's trail in plain sentences: what was used, what was included, and how the rest became this amount. */
export function explainLine({ steps, currency }: Derivation): string[] {
  return explainSteps(steps, currency)
}

function explainSteps(steps: readonly DerivationStep[], currency: Currency): string[] {
  const measured = steps.find((step) => step.kind === 'usage')
  // What a conversion makes of bytes has no name of its own, and is no byte any more.
  const isConverted = steps.some((step) => step.kind === 'conversion')
  const unit = measured === undefined || isConverted ? 'unit' : measured.unit
  return steps.flatMap((step) => explainStep(step, unit, currency))
}

function explainStep(step: DerivationStep, unit: string, currency: Currency): string[] {
  switch (step.kind) {
    case 'override':
      return explainOverride(step, currency)
    case 'usage':
      return [explainUsage(step)]
    case 'conversion':
      return [
        `Priced are ${words(step.to)} (${words(step.from)} ${step.operation === 'multiply' ? '×' : '÷'} ${words(step.factor)}).`,
      ]
    case 'included':
      return [explainIncluded(step)]
    case 'covered':
      return explainCovered(step)
    case 'flat':
    case 'unit':
    case 'graduated':
    case 'volume':
    case 'package':
    case 'percentage':
    case 'dynamic':
    case 'matrix':
      return explainPrice(step, unit, currency)
    case 'proration':
      return [explainProration(step, currency)]
    case 'discount':
      return [explainDiscount(step, currency)]
    case 'rounding':
      return step.before === step.amount ? [] : [`Rounded to ${price(step.amount, currency)}.`]
    case 'coupon_amount':
      return [
        `${step.name}: ${price(step.taken, currency)} of the ${price(step.couponAmount, currency)} ` +
          `are taken off here, leaving ${price(step.amount, currency)}.`,
      ]
    case 'commitment':
      return [explainCommitment(step, currency)]
    case 'late_usage':
      return [
        'This became known after the period was invoiced. With everything known the period costs:',
        ...explainSteps(step.now, currency),
        `That is ${price(step.chargeNow, currency)}; ${price(step.chargedBefore, currency)} were ` +
          `charged before, so the difference is ${price(step.amount, currency)}.`,
      ]
    case 'unused_time':
      return [explainUnusedTime(step, currency)]
    case 'credits':
      return explainCredits(step, currency)
    default:
      return assertNever(step)
  }
}

function explainOverride(step: OverrideStep, currency: Currency): string[] {
  const told: string[] = []
  if (step.price !== null) {
    const { agreed, listed } = step.price
    const instead = listed === null ? '' : ` instead of ${price(listed, currency)}`
    told.push(
      agreed.type === 'percentage'
        ? `Agreed for this subscription: ${words(agreed.percent)} % off the plan's price.`
        : `Agreed for this subscription: ${price(agreed.amount, currency)}${instead}.`,
    )
  }
  if (step.included !== null) {
    const units = (count: string | null) => (count === null ? 'no limit' : words(count))
    const { agreed, listed } = step.included
    told.push(`Agreed to be included: ${units(agreed)} instead of ${units(listed)}.`)
  }
  return told
}

function explainUsage({ quantity, unit, dimensions, eventCount, ...period }: UsageStep): string {
  const where = Object.entries(dimensions).map(([name, value]) => `${name} ${value}`)
  const of = where.length === 0 ? '' : ` (${where.join(', ')})`
  const events = eventCount === quantity ? '' : ` in ${counted(eventCount, 'event')}`
  return `${counted(quantity, unit)}${of} were measured ${span(period)}${events}.`
}

function explainIncluded({ included, usedBefore, billable, ...window }: IncludedStep): string {
  if (included === null) return 'The plan includes all of them.'
  const before = isZero(usedBefore) ? '' : `, ${words(usedBefore)} of them were used earlier`
  const rest = isZero(billable)
    ? 'nothing is left to charge'
    : `${words(billable)} remain to be charged`
  return `The plan includes ${words(included)} ${span(window)}${before}; ${rest}.`
}

function explainCovered({ by, billable }: CoveredStep): string[] {
  const sources = by.map(({ kind, grantId, quantity }) => {
    const source = kind === 'unit_grant' ? 'the grant' : 'credits of the grant'
    return `${words(quantity)} were already paid for by ${source} ${grantId}.`
  })
  return [...sources, `${words(billable)} remain.`]
}

function explainProration(
  { part, partSeconds, wholeSeconds, amount }: ProrationStep,
  currency: Currency,
): string {
  return (
    `For the time ${span(part)}, ${words(partSeconds)} of ${words(wholeSeconds)} seconds of the period: ` +
    `${price(amount, currency)}.`
  )
}

function explainDiscount({ name, discount, amount }: DiscountStep, currency: Currency): string {
  const off =
    discount.type === 'percentage'
      ? `${words(discount.percent)} %`
      : price(discount.amount, currency)
  return `${name}: ${off} off leaves ${price(amount, currency)}.`
}

function explainCommitment(step: CommitmentStep, currency: Currency): string {
  const forPart =
    step.agreed === step.agreedForPart
      ? ''
      : `, ${price(step.agreedForPart, currency)} for this part of the period`
  const agreed = `A ${step.commitment} of ${price(step.agreed, currency)} was agreed${forPart}`
  return `${agreed}; ${price(step.charged, currency)} were charged, the difference is ${price(step.amount, currency)}.`
}

function explainCredits(
  { units, covered, money, paidBefore = '0', amount }: CreditsStep,
  currency: Currency,
): string[] {
  const used = units.map(
    ({ unit, units: of, amount }) =>
      `${words(of)} were paid with ${words(amount)} of ${unit.replace(/^\w+:/, '').replaceAll('_', ' ')} when they were used.`,
  )
  return [
    ...used,
    ...(isZero(covered) ? [] : [`They would have cost ${price(covered, currency)}.`]),
    ...(isZero(money) ? [] : [`Credits paid ${price(money, currency)}.`]),
    ...(isZero(paidBefore)
      ? []
      : [
          `${price(paidBefore, currency)} were taken off for credits before, so the difference is ${price(amount, currency)}.`,
        ]),
  ]
}

function explainUnusedTime(step: UnusedTimeStep, currency: Currency): string {
  const paid = `${price(step.paid, currency)} were paid ${span(step.paidFor)}`
  if (step.usedShare === null) {
    return (
      `${paid}; ${words(step.remainingSeconds)} of ${words(step.wholeSeconds)} seconds were left ` +
      `at ${moment(step.unusedFrom)}: ${price(step.amount, currency)}.`
    )
  }
  const { used, granted, featureKey } = step.usedShare
  return (
    `${paid}. ${words(used)} of ${words(granted)} ${featureKey} were used up at ${moment(step.unusedFrom)}, ` +
    `a larger share than that of the time; the unused share is credited: ${price(step.amount, currency)}.`
  )
}
