import type { Currency } from '../../../kit/currency.ts'
import { parseDecimal } from '../../../kit/decimal.ts'
import type { PlanDefinition, RateCard } from '../plan.ts'
import { transportOf } from '../stripe-price.ts'
import type { LinkedPrice } from './rate-card.ts'
import { checkCurrencies, type Report } from './report.ts'

const STRIPE_PRICE_ID = /^price_[A-Za-z0-9_]+$/

/** A price that was made in Stripe and is only named here: one id for each currency. */
export function checkLinkedPrice(
  card: RateCard,
  plan: PlanDefinition,
  path: string,
  report: Report,
): void {
  if (card.providerPrice.kind !== 'linked') return
  const { stripePriceIds } = card.providerPrice
  if (card.prices === null)
    report(path, 'The card has no price that one in Stripe could stand for.')
  if (plan.engine !== 'stripe_subscription') {
    report(path, `The ${plan.engine} engine charges by invoice items and uses no Stripe prices.`)
  }
  checkCurrencies(stripePriceIds, plan.currencies, `${path}.stripePriceIds`, report)
  for (const [currency, id] of Object.entries(stripePriceIds)) {
    if (!STRIPE_PRICE_ID.test(id)) {
      report(`${path}.stripePriceIds.${currency}`, `"${id}" is not the id of a Stripe price.`)
    }
  }
}

/** It has to exist, be active and ask for what the card asks. */
export function checkLinkedAmounts(
  { providerPrice, ...card }: RateCard,
  known: ReadonlyMap<string, LinkedPrice>,
  path: string,
  report: Report,
): void {
  if (providerPrice.kind !== 'linked') return
  for (const [currency, id] of Object.entries(providerPrice.stripePriceIds)) {
    const own = `${path}.stripePriceIds.${currency}`
    checkAgainstStripe({ ...card, providerPrice }, currency, known.get(id), own, report)
  }
}

function checkAgainstStripe(
  card: RateCard,
  currency: Currency,
  linked: LinkedPrice | undefined,
  path: string,
  report: Report,
): void {
  if (linked === undefined)
    return report(path, 'Stripe has no such price in this mode and account.')
  if (!linked.isActive) report(path, 'The price is archived in Stripe.')
  if (linked.currency !== currency) {
    return report(path, `In Stripe it is a price in ${linked.currency}, not ${currency}.`)
  }
  const transport = transportOf(card, currency)
  if (transport?.kind === 'invoice_items') {
    return report(path, `No Stripe price can stand for the card: ${transport.why}.`)
  }
  if (transport === undefined || transport.amount.kind === 'tiered') return
  const ours = transport.amount.unitAmountDecimal
  const theirs = linked.unitAmountDecimal
  if (theirs === null || parseDecimal(theirs) !== parseDecimal(ours)) {
    report(path, `In Stripe it costs ${theirs ?? 'by tiers'}, here ${ours} (in minor units).`)
  }
}
