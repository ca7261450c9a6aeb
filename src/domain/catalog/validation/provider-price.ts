import { formatDecimal, parseDecimal } from '../../../kit/decimal.ts'
import type { StripePrice, StripeTierInput } from '../../../stripe/catalog.ts'
import type { Meter } from '../meter.ts'
import type { PlanDefinition, RateCard } from '../plan.ts'
import { type PriceTransport, transportOf } from '../stripe-price.ts'
import type { LinkedContext } from './rate-card.ts'
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

/** It has to exist, be active and ask for what the card asks, as often, and for the usage that we send. */
export function checkLinkedTerms(
  card: RateCard,
  meter: Pick<Meter, 'key' | 'aggregation'> | undefined,
  known: LinkedContext,
  path: string,
  report: Report,
): void {
  if (card.providerPrice.kind !== 'linked') return
  for (const [currency, id] of Object.entries(card.providerPrice.stripePriceIds)) {
    const own = `${path}.stripePriceIds.${currency}`
    const linked = known.prices.get(id)
    if (linked === undefined) {
      report(own, `Stripe has no price ${id} in this mode and account.`)
      continue
    }
    if (!linked.isActive) report(own, `The price ${id} is archived in Stripe.`)
    if (linked.currency !== currency) {
      report(own, `In Stripe it is a price in ${linked.currency}, not ${currency}.`)
      continue
    }
    const transport = transportOf(card, currency, meter)
    if (transport?.kind === 'invoice_items') {
      report(own, `No Stripe price can stand for the card: ${transport.why}.`)
    } else if (transport !== undefined) {
      checkTerms(transport, linked, own, report)
      if (transport.isMetered && linked.recurring?.isMetered === true) {
        checkMeter(linked.recurring.meterId, meter?.key ?? '', known, own, report)
      }
    }
  }
}

function checkTerms(ours: PriceTransport, theirs: StripePrice, path: string, report: Report): void {
  const expected = amountText(ours.amount)
  const found = theirAmountText(theirs)
  if (expected !== found) {
    report(path, `In Stripe it costs ${found}, here ${expected} (in minor units).`)
  }
  const expectedEvery = intervalText(ours.interval)
  const foundEvery = intervalText(theirs.recurring)
  if (expectedEvery !== foundEvery) {
    report(path, `In Stripe it is charged ${foundEvery}, here ${expectedEvery}.`)
  }
  if (theirs.recurring !== null && theirs.recurring.isMetered !== ours.isMetered) {
    report(
      path,
      ours.isMetered
        ? 'In Stripe it is a fixed fee; usage needs a metered price.'
        : 'In Stripe it is metered by usage; a fee needs a licensed price.',
    )
  }
}

/** Usage that goes to another meter than the price charges by would be free. */
function checkMeter(
  stripeMeterId: string | null,
  meterKey: string,
  { meters, mappings }: LinkedContext,
  path: string,
  report: Report,
): void {
  if (stripeMeterId === null) {
    return report(path, 'It charges by usage records, which Stripe gave up; make one with a meter.')
  }
  const meter = meters.get(stripeMeterId)
  if (meter?.isActive !== true)
    report(path, `Its meter ${stripeMeterId} is switched off in Stripe.`)
  if (meter !== undefined && meter.formula !== 'sum') {
    report(
      path,
      `Its meter takes the ${meter.formula} of what is reported; ours are added up: sum.`,
    )
  }
  const ours = mappings.find(
    ({ entityKind, entityId }) => entityKind === 'meter' && entityId === meterKey,
  )
  if (ours !== undefined && ours.externalId !== stripeMeterId) {
    report(
      path,
      `It charges by the meter ${stripeMeterId}, while the usage of ${meterKey} goes to ${ours.externalId}.`,
    )
  }
}

/** Both sides in the same words, so that equal terms read the same: `unit 10`, `graduated 1000: 0 + 0, above: 5 + 0`. */
function amountText(amount: PriceTransport['amount']): string {
  switch (amount.kind) {
    case 'per_unit':
      return normal(amount.unitAmountDecimal)
    case 'package':
      return packageText(amount.unitAmountDecimal, amount)
    case 'tiered':
      return tiersText(amount.mode, amount.tiers)
  }
}

function theirAmountText(price: StripePrice): string {
  if (price.tiersMode !== null) return tiersText(price.tiersMode, price.tiers ?? [])
  const { unitAmountDecimal } = price
  if (unitAmountDecimal === null) return 'what the customer chooses'
  return price.package === null
    ? normal(unitAmountDecimal)
    : packageText(unitAmountDecimal, price.package)
}

function packageText(
  amount: string,
  { divideBy, round }: NonNullable<StripePrice['package']>,
): string {
  return `${normal(amount)} per ${normal(divideBy)}, rounded ${round}`
}

function tiersText(mode: string, tiers: readonly StripeTierInput[]): string {
  const texts = tiers.map(
    ({ upTo, unitAmountDecimal, flatAmountDecimal }) =>
      `${upTo === null ? 'above' : `up to ${normal(upTo)}`} ${normal(unitAmountDecimal ?? '0')}` +
      ` + ${normal(flatAmountDecimal ?? '0')}`,
  )
  return `${mode} tiers: ${texts.join(', ')}`
}

function intervalText(
  every: { readonly interval: string; readonly intervalCount: number } | null,
): string {
  return every === null ? 'once' : `every ${every.intervalCount} ${every.interval}`
}

function normal(text: string): string {
  const value = parseDecimal(text)
  return value === undefined ? text : formatDecimal(value)
}
