import type { FieldError } from '../../errors.ts'
import type { Currency } from '../../kit/currency.ts'
import { decimal } from '../../kit/decimal.ts'
import {
  addFractions,
  compareFractions,
  type Fraction,
  formatFraction,
  FRACTION_ZERO,
  multiplyFractions,
  toFraction,
} from '../../kit/fraction.ts'
import { duration } from '../../kit/period.ts'
import type { PlanDefinition, PriceTier, RateCard, TieredPrice } from './plan.ts'
import { isFreePhase, isInvoiced } from './plan.ts'
import { transportOf } from './stripe-price.ts'
import { hasUsagePrice } from './validation/rate-card.ts'
import type { Report } from './validation/report.ts'

/**
 * What is allowed and may still surprise somebody, customers first. Shown before publishing; nothing here stops it.
 * For plans without problems: `validatePlan` comes first.
 */
export function planWarnings(plan: PlanDefinition): FieldError[] {
  const warnings: FieldError[] = []
  const report: Report = (path, message) => warnings.push({ path, message })
  warnOfUnpaidStart(plan, report)
  if (plan.alignment === 'calendar' && plan.engine === 'stripe_subscription') {
    const [first] = plan.phases
    const hasTrial = first !== undefined && first.duration !== null && isFreePhase(first)
    const behindTrial = hasTrial ? ', and counts from the end of a trial' : ''
    report(
      'alignment',
      `Stripe aligns to the calendar in UTC, not in the customer’s time zone${behindTrial}.`,
    )
  }
  for (const [i, { rateCards }] of plan.phases.entries()) {
    for (const [j, card] of rateCards.entries()) {
      const path = `phases[${i}].rateCards[${j}]`
      warnOfCard(card, plan, path, report)
      const isLast = i === plan.phases.length - 1
      if (isLast && isOnceInArrears(card)) {
        report(
          path,
          'The last phase has no end, so this fee is charged when the subscription ends.',
        )
      }
      const twin = rateCards.findIndex((other) => isSameUsage(other, card))
      if (twin !== -1 && twin < j) {
        report(path, `${card.featureKey} has two usage prices; every unit is charged by both.`)
      }
    }
  }
  return warnings
}

function warnOfUnpaidStart(plan: PlanDefinition, report: Report): void {
  const isPaid = plan.phases.some(({ rateCards }) =>
    rateCards.some(({ prices }) => prices !== null),
  )
  if (isPaid && isInvoiced(plan) && plan.visibility === 'public') {
    report(
      'visibility',
      'Anybody who signs up can start, and has access until the first invoice is overdue; whether it is ever paid is your risk. Private plans are offered to those you invite.',
    )
  }
  if (isPaid && !plan.isPaymentMethodRequired && !isInvoiced(plan)) {
    report(
      'isPaymentMethodRequired',
      'Customers can start without a payment method; what they use may never be paid.',
    )
  }
}

function warnOfCard(card: RateCard, plan: PlanDefinition, path: string, report: Report): void {
  for (const [currency, price] of Object.entries(card.prices ?? {})) {
    if (price.type === 'tiered' && price.mode === 'volume') {
      warnOfCliffs(price, currency, `${path}.prices.${currency}`, report)
    }
    if (price.type === 'percentage' && (price.minimumPerEvent ?? price.maximumPerEvent) !== null) {
      report(
        `${path}.prices.${currency}`,
        'Bounds per event need every single event; usage that is only counted per hour has none.',
      )
    }
  }
  warnOfLongPeriods(card, plan, path, report)
  if (plan.engine === 'stripe_subscription') warnOfInvoiceItems(card, plan, path, report)
}

/** Using one unit more must not cost less without somebody having meant it. */
function warnOfCliffs(
  { tiers }: TieredPrice,
  currency: Currency,
  path: string,
  report: Report,
): void {
  for (const [i, tier] of tiers.entries()) {
    const next = tiers[i + 1]
    if (next === undefined || tier.upToAmount === null) continue
    const bound = toFraction(decimal(tier.upToAmount))
    const atBound = volumeAmount(tier, bound)
    const above = volumeAmount(next, bound)
    if (compareFractions(above, atBound) < 0) {
      report(
        `${path}.tiers[${i + 1}]`,
        `${tier.upToAmount} units cost ${formatFraction(atBound)} ${currency}, a little more costs ` +
          `${formatFraction(above)}: everything gets cheaper at once.`,
      )
    }
  }
}

function volumeAmount({ unitPrice, flatPrice }: PriceTier, units: Fraction): Fraction {
  const perUnit = unitPrice === null ? FRACTION_ZERO : toFraction(decimal(unitPrice))
  const flat = flatPrice === null ? FRACTION_ZERO : toFraction(decimal(flatPrice))
  return addFractions(multiplyFractions(units, perUnit), flat)
}

function warnOfLongPeriods(
  card: RateCard,
  plan: PlanDefinition,
  path: string,
  report: Report,
): void {
  const { entitlement } = card
  if (isYears(plan.billingCadence) && entitlement?.type === 'metered') {
    if (isYears(entitlement.usagePeriod) && entitlement.issueAfterReset !== null) {
      report(
        `${path}.entitlement.usagePeriod`,
        'The quota is for a whole year and can be used up in the first month; P1M renews it monthly.',
      )
    }
  }
  if (hasUsagePrice(card) && card.billingCadence !== null && isYears(card.billingCadence)) {
    report(
      `${path}.billingCadence`,
      'Usage is invoiced once a year, up to a year after it happened.',
    )
  }
}

function warnOfInvoiceItems(
  card: RateCard,
  plan: PlanDefinition,
  path: string,
  report: Report,
): void {
  const [currency] = plan.currencies
  const transport = currency === undefined ? undefined : transportOf(card, currency)
  if (transport?.kind === 'invoice_items') {
    report(path, `Travels to Stripe as invoice items that we rate: ${transport.why}.`)
  }
}

function isOnceInArrears({ billingCadence, prices }: RateCard): boolean {
  return (
    billingCadence === null &&
    Object.values(prices ?? {}).some(
      (price) => price.type === 'flat' && price.paymentTerm === 'in_arrears',
    )
  )
}

function isSameUsage(a: RateCard, b: RateCard): boolean {
  return a.featureKey === b.featureKey && hasUsagePrice(a) && hasUsagePrice(b)
}

function isYears(cadence: string): boolean {
  const length = duration(cadence)
  return 'months' in length && length.months >= 12
}
