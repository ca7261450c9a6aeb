import { whyUnfit } from '../add-ons.ts'
import type { PlanDefinition, RateCard } from '../plan.ts'
import type { CatalogContext } from './rate-card.ts'
import type { Report } from './report.ts'

/** What is sold on top of plans has a fee and grants something; how it is collected is up to the plan it is added to. */
export function checkAddOn(
  definition: PlanDefinition,
  { plans }: Pick<CatalogContext, 'plans'>,
  report: Report,
): void {
  const { addOn, phases, rateLimits } = definition
  if (addOn === null) return
  for (const [i, planKey] of addOn.planKeys.entries()) {
    const plan = plans?.get(planKey)
    const path = `addOn.planKeys[${i}]`
    if (plans === undefined) continue
    if (plan === undefined) report(path, `There is no plan ${planKey} on sale.`)
    else if (plan.addOn !== null) report(path, `${planKey} is an add-on itself.`)
    else {
      const why = whyUnfit({ definition }, { planKey, definition: plan })
      if (why !== null) report(path, why)
    }
  }
  if (phases.length > 1) report('phases', 'An add-on has one phase; it begins when it is added.')
  const cards = phases[0]?.rateCards ?? []
  if (cards.length === 0 && rateLimits.length === 0) {
    report('phases[0].rateCards', 'It adds nothing: give it a card or a rate limit.')
  }
  for (const [i, card] of cards.entries()) {
    checkCard(card, definition, `phases[0].rateCards[${i}]`, report)
  }
}

function checkCard(
  card: RateCard,
  { billingCadence }: PlanDefinition,
  path: string,
  report: Report,
): void {
  const prices = Object.values(card.prices ?? {})
  const isFee = prices.every((price) => price.type === 'flat' && price.paymentTerm === 'in_advance')
  if (!isFee) report(`${path}.prices`, 'An add-on costs a fee that is paid in advance.')
  if (card.prices !== null && card.billingCadence !== billingCadence) {
    report(`${path}.billingCadence`, `The fee comes with every period: ${billingCadence}.`)
  }
  const additions = ['commitments', 'conversion', 'creditCost', 'creditGrant'] as const
  for (const addition of additions) {
    if (card[addition] !== null) report(`${path}.${addition}`, 'An add-on has none of its own.')
  }
  if (card.discounts.length > 0) report(`${path}.discounts`, 'Write the price as it is meant.')
  const { entitlement } = card
  if (entitlement?.type !== 'metered') return
  if (entitlement.onLimit === 'bill_overage') {
    report(`${path}.entitlement.onLimit`, 'What it grants cannot be billed beyond; use "block".')
  }
  if (entitlement.rollover !== null) {
    report(`${path}.entitlement.rollover`, 'What is left over is the plan’s to take over.')
  }
}
