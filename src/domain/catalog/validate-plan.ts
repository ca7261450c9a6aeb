import type { FieldError } from '../../errors.ts'
import { isCurrency } from '../../kit/currency.ts'
import { type Duration, parseDuration } from '../../kit/period.ts'
import {
  isFreePhase,
  isInvoiced,
  type MeteredEntitlement,
  type PlanDefinition,
  type PlanPhase,
  type PlanVersion,
  type RateCard,
} from './plan.ts'
import { featureMeters, type FeatureMeters, meterOf } from './stripe-items.ts'
import { transportOf } from './stripe-price.ts'
import { checkAddOn } from './validation/add-on.ts'
import { checkWindow } from './validation/entitlement.ts'
import { checkLinkedTerms } from './validation/provider-price.ts'
import { type CatalogContext, checkRateCard } from './validation/rate-card.ts'
import {
  checkDecimal,
  checkDuration,
  checkSlug,
  checkText,
  checkUnique,
  type Report,
} from './validation/report.ts'

const MAX_PHASES = 10
const MAX_RATE_CARDS = 100
const MAX_STRIPE_ITEMS = 20
const LONGEST_STRIPE_INTERVAL_MONTHS = 36
const DAY_MS = 86_400_000

/**
 * Everything that keeps a plan from being published, each with the path it is at: `phases[0].rateCards[2].key`. A plan
 * without findings can be sold, metered and rated; the rater relies on it and checks nothing again.
 */
export function validatePlan(plan: PlanDefinition, context: CatalogContext): FieldError[] {
  const problems: FieldError[] = []
  const report: Report = (path, message) => problems.push({ path, message })
  checkText(plan.name, 'name', report)
  checkPlanCurrencies(plan, report)
  checkDuration(plan.billingCadence, 'billingCadence', report)
  if (plan.maxPaymentOverdueDays !== null) {
    checkDecimal(plan.maxPaymentOverdueDays, 'maxPaymentOverdueDays', report)
  }
  checkCollection(plan, report)
  checkProration(plan, report)
  checkRateLimits(plan, report)
  checkPhases(plan.phases, report)
  for (const [i, phase] of plan.phases.entries()) {
    checkCards(phase, plan, context, `phases[${i}]`, report)
  }
  checkAddOn(plan, context, report)
  if (plan.engine === 'stripe_subscription') {
    checkStripeCadence(plan, report)
    checkStripePhases(plan, report)
  }
  // What compares prices with Stripe's can only read prices that make sense.
  if (problems.length === 0) checkAgainstStripe(plan, context, report)
  return problems
}

function checkPlanCurrencies({ currencies }: PlanDefinition, report: Report): void {
  if (currencies.length === 0) report('currencies', 'Give it at least one currency.')
  for (const [i, currency] of currencies.entries()) {
    if (!isCurrency(currency)) {
      report(`currencies[${i}]`, `"${currency}" is not a currency Stripe charges, such as usd.`)
    }
  }
  checkUnique(currencies, (i) => `currencies[${i}]`, report)
}

function checkCollection(plan: PlanDefinition, report: Report): void {
  if (isInvoiced(plan)) {
    checkInvoiced(plan, report)
    return
  }
  if (plan.daysUntilDue !== null) {
    report(
      'daysUntilDue',
      'What is charged automatically is due at once; this is for sent invoices.',
    )
  }
  const isSold =
    plan.phases.some((phase) => !isFreePhase(phase)) && plan.settlement !== 'credit_only'
  if (plan.engine === 'stripe_invoice' && isSold && !plan.isPaymentMethodRequired) {
    report(
      'isPaymentMethodRequired',
      'Plans of the stripe_invoice engine are charged to a payment method that is saved first.',
    )
  }
  if (plan.checkoutMode === 'setup' && !plan.isPaymentMethodRequired) {
    report('checkoutMode', 'Setup takes a payment method first, which the plan does not require.')
  }
}

function checkInvoiced(plan: PlanDefinition, report: Report): void {
  if (plan.isPaymentMethodRequired) {
    report('isPaymentMethodRequired', 'It is paid by invoice: no payment method is asked for.')
  }
  if (plan.checkoutMode === 'setup') {
    report(
      'checkoutMode',
      'Setup takes a payment method first; what is paid by invoice needs none.',
    )
  }
}

/**
 * Fresh quota on a kept anchor gives a second allowance away for a part of the price; carried usage with a credit by
 * consumption charges twice for what was used. Whoever means it has to say so.
 */
function checkProration({ proration, phases }: PlanDefinition, report: Report): void {
  const { mode, anchor, onPlanChange, allowIncoherent } = proration
  if (allowIncoherent) return
  const is = (wantedAnchor: typeof anchor, wantedUsage: typeof onPlanChange) =>
    anchor === wantedAnchor && onPlanChange === wantedUsage
  switch (mode) {
    case 'none':
    case 'time_based':
      if (!is('keep', 'carry_usage')) {
        report('proration', `"${mode}" goes with anchor "keep" and onPlanChange "carry_usage".`)
      }
      return
    case 'max_consumption_based':
      if (!is('reset', 'fresh')) {
        report('proration', `"${mode}" goes with anchor "reset" and onPlanChange "fresh".`)
      }
      return
    case 'full_reset':
      if (anchor !== 'reset')
        report('proration.anchor', '"full_reset" begins a new period: "reset".')
      if (phases.some(({ rateCards }) => rateCards.some(isQuota))) {
        report('proration.mode', '"full_reset" gives quotas away; use "max_consumption_based".')
      }
  }
}

function isQuota({ entitlement }: RateCard): boolean {
  return entitlement?.type === 'metered' && grantsUnits(entitlement)
}

function grantsUnits({ issueAfterReset }: MeteredEntitlement): boolean {
  return issueAfterReset !== null && issueAfterReset !== '0'
}

function checkRateLimits({ rateLimits }: PlanDefinition, report: Report): void {
  checkUnique(
    rateLimits.map(({ name }) => name),
    (i) => `rateLimits[${i}].name`,
    report,
  )
  for (const [i, limit] of rateLimits.entries()) {
    checkText(limit.name, `rateLimits[${i}].name`, report)
    checkWindow(limit, `rateLimits[${i}]`, report)
    if (limit.burst !== null && (!Number.isSafeInteger(limit.burst) || limit.burst < 1)) {
      report(`rateLimits[${i}].burst`, 'At least 1, or null for the limit itself.')
    }
  }
}

function checkPhases(phases: readonly PlanPhase[], report: Report): void {
  if (phases.length === 0) report('phases', 'Give it at least one phase.')
  if (phases.length > MAX_PHASES) report('phases', `At most ${MAX_PHASES} phases are possible.`)
  checkUnique(
    phases.map(({ key }) => key),
    (i) => `phases[${i}].key`,
    report,
  )
  for (const [i, { key, name, duration }] of phases.entries()) {
    const path = `phases[${i}]`
    checkSlug(key, `${path}.key`, report)
    checkText(name, `${path}.name`, report)
    const isLast = i === phases.length - 1
    if (isLast && duration !== null) {
      report(`${path}.duration`, 'The last phase lasts until the subscription ends: null.')
    } else if (!isLast && duration === null) {
      report(`${path}.duration`, 'Only the last phase is open-ended.')
    } else if (duration !== null) {
      checkDuration(duration, `${path}.duration`, report)
    }
  }
}

function checkCards(
  { rateCards }: PlanPhase,
  plan: PlanDefinition,
  context: CatalogContext,
  path: string,
  report: Report,
): void {
  if (rateCards.length > MAX_RATE_CARDS) {
    report(`${path}.rateCards`, `At most ${MAX_RATE_CARDS} rate cards are possible.`)
  }
  checkUnique(
    rateCards.map(({ key }) => key),
    (i) => `${path}.rateCards[${i}].key`,
    report,
  )
  const entitled = rateCards.filter(({ entitlement }) => entitlement !== null)
  for (const [i, card] of rateCards.entries()) {
    const own = `${path}.rateCards[${i}]`
    checkRateCard(card, plan, context, own, report)
    const twin = entitled.find(({ featureKey }) => featureKey === card.featureKey)
    if (card.entitlement !== null && twin !== card) {
      report(`${own}.entitlement`, `${card.featureKey} is entitled twice, by ${twin?.key} as well.`)
    }
  }
}

/** Stripe's subscription always has prices; what is free before the first of them is its trial. */
function checkStripePhases({ phases }: PlanDefinition, report: Report): void {
  if (phases.every(isFreePhase)) return
  for (const [i, phase] of phases.entries()) {
    if (i === 0 || !isFreePhase(phase)) continue
    report(
      `phases[${i}]`,
      'Only the first phase of a plan billed by Stripe can be free; use the stripe_invoice engine.',
    )
  }
}

/** What Stripe Billing cannot do at all, in contrast to what travels as invoice items. */
function checkStripeCadence(plan: PlanDefinition, report: Report): void {
  const cadence = parseDuration(plan.billingCadence)
  if (cadence === undefined || isStripeInterval(cadence)) return
  report(
    'billingCadence',
    'Stripe bills by days, weeks, months or years, up to three years; use the stripe_invoice engine.',
  )
}

function isStripeInterval(length: Duration): boolean {
  if ('months' in length) return length.months <= LONGEST_STRIPE_INTERVAL_MONTHS
  return length.ms % DAY_MS === 0 && length.ms / DAY_MS <= LONGEST_STRIPE_INTERVAL_MONTHS * 30
}

function checkAgainstStripe(plan: PlanDefinition, context: CatalogContext, report: Report): void {
  const measured = measuredBy(context)
  for (const [i, { rateCards }] of plan.phases.entries()) {
    for (const [j, card] of rateCards.entries()) {
      const path = `phases[${i}].rateCards[${j}].providerPrice`
      if (context.linked) {
        checkLinkedTerms(card, meterOf(card, measured), context.linked, path, report)
      }
    }
    if (plan.engine === 'stripe_subscription') {
      checkStripeItems(rateCards, plan, context, `phases[${i}].rateCards`, report)
    }
  }
}

function checkStripeItems(
  rateCards: readonly RateCard[],
  { currencies }: PlanDefinition,
  context: CatalogContext,
  path: string,
  report: Report,
): void {
  const measured = measuredBy(context)
  const isItem = (card: RateCard, currency: string): boolean =>
    transportOf(card, currency, meterOf(card, measured))?.kind === 'price'
  const items = rateCards.filter((card) => currencies.some((currency) => isItem(card, currency)))
  if (items.length > MAX_STRIPE_ITEMS) {
    report(path, `A Stripe subscription has at most ${MAX_STRIPE_ITEMS} prices.`)
  }
}

function measuredBy({ features, meters }: CatalogContext): FeatureMeters {
  return featureMeters(new Map(features.map((each) => [each.key, each])), meters)
}

/** What is sold by itself cannot become an add-on, nor the other way around: subscriptions go on with what they are. */
export function checkNature(
  versions: readonly PlanVersion[],
  { addOn }: PlanDefinition,
): FieldError[] {
  const sold = versions.find(({ state }) => state !== 'draft')
  if (sold === undefined || (sold.definition.addOn === null) === (addOn === null)) return []
  const message =
    addOn === null
      ? 'It was sold as an add-on; give the plan another key.'
      : 'It was sold by itself; give the add-on another key.'
  return [{ path: 'addOn', message }]
}
