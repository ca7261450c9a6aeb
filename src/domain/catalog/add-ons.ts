import { add, type Decimal, decimal, formatDecimal } from '../../kit/decimal.ts'
import {
  isFreePhase,
  type PlanDefinition,
  type PlanPhase,
  type PlanVersion,
  type Price,
  type RateCard,
  type RateLimit,
} from './plan.ts'

/** An add-on as a subscription has it: which version, and how often. */
export interface HeldAddOn {
  readonly version: PlanVersion
  readonly quantity: number
}

/** What a subscription to a plan grants with its add-ons. Free phases grant nothing of them: they are not paid for there. */
export function withAddOns(definition: PlanDefinition, held: readonly HeldAddOn[]): PlanDefinition {
  if (held.length === 0) return definition
  return {
    ...definition,
    rateLimits: held.reduce(raiseRateLimits, definition.rateLimits),
    phases: definition.phases.map((phase) => phaseWithAddOns(phase, held)),
  }
}

/** The phase with what add-ons grant on top of it. What they cost is billed by itself: `pricedCards`. */
export function phaseWithAddOns(phase: PlanPhase, held: readonly HeldAddOn[]): PlanPhase {
  if (isFreePhase(phase)) return phase
  return { ...phase, rateCards: held.reduce(raiseEntitlements, phase.rateCards) }
}

/** The cards of an add-on at the price of so many of it. */
export function pricedCards({ version, quantity }: HeldAddOn): RateCard[] {
  return cardsOf(version).map((card) => ({
    ...card,
    name: quantity === 1 ? card.name : `${card.name} × ${quantity}`,
    entitlement: null,
    prices: card.prices && mapValues(card.prices, (price) => times(price, quantity)),
  }))
}

export function isSameAddOn(a: HeldAddOn, b: HeldAddOn): boolean {
  return a.version.id === b.version.id && a.quantity === b.quantity
}

/** As a subscription keeps it. */
export function choiceOf({ version, quantity }: HeldAddOn): {
  versionId: string
  quantity: number
} {
  return { versionId: version.id, quantity }
}

/** What of it can be kept with another plan. */
export function keptWith(
  held: readonly HeldAddOn[],
  plan: Pick<PlanVersion, 'planKey' | 'definition'>,
): HeldAddOn[] {
  return held.filter(({ version }) => whyUnfit(version, plan) === null)
}

/** An add-on has one phase. */
export function cardsOf({ definition }: Pick<PlanVersion, 'definition'>): readonly RateCard[] {
  return definition.phases[0]?.rateCards ?? []
}

/** Why an add-on cannot be had with a plan; null where it can. */
export function whyUnfit(
  addOn: Pick<PlanVersion, 'definition'>,
  plan: Pick<PlanVersion, 'planKey' | 'definition'>,
): string | null {
  const { definition: added } = addOn
  const { definition, planKey } = plan
  if (added.addOn?.planKeys.includes(planKey) !== true) return `It is not for the plan ${planKey}.`
  if (definition.phases.every(isFreePhase))
    return `The plan ${planKey} is free, and nothing bills it.`
  if (added.billingCadence !== definition.billingCadence) {
    return `It is billed every ${added.billingCadence}, the plan ${planKey} every ${definition.billingCadence}.`
  }
  if (definition.engine === 'stripe_subscription' && added.engine !== 'stripe_subscription') {
    return `Stripe bills the plan ${planKey} and does not know the add-on; give it the engine stripe_subscription.`
  }
  const missing = definition.currencies.find((currency) => !added.currencies.includes(currency))
  if (missing !== undefined) return `The plan ${planKey} is sold in ${missing}, which it is not.`
  const billed = cardsOf(addOn).find(
    (card) => isMeteredRight(card) && isBilledBeyond(definition, card),
  )
  return billed === undefined
    ? null
    : `The plan ${planKey} bills what is beyond its ${billed.featureKey}; only a limit that does not can be raised.`
}

function isMeteredRight({ entitlement }: RateCard): boolean {
  return entitlement?.type === 'metered'
}

/** What is included stands in the price then, which is the plan's and the same for everybody. */
function isBilledBeyond({ phases }: PlanDefinition, { featureKey }: RateCard): boolean {
  return phases.some(({ rateCards }) =>
    rateCards.some(
      ({ entitlement, ...card }) =>
        card.featureKey === featureKey &&
        entitlement?.type === 'metered' &&
        entitlement.onLimit === 'bill_overage',
    ),
  )
}

function raiseEntitlements(cards: readonly RateCard[], held: HeldAddOn): RateCard[] {
  return cardsOf(held.version).reduce<RateCard[]>(
    (raised, card) => raise(raised, card, held.quantity),
    [...cards],
  )
}

/** What the plan grants already is raised by its own rules; what it does not grant comes with those of the add-on. */
function raise(
  cards: RateCard[],
  { key, name, featureKey, entitlement }: RateCard,
  quantity: number,
) {
  if (entitlement === null) return cards
  const at = cards.findIndex((card) => card.featureKey === featureKey && card.entitlement !== null)
  const known = cards[at]
  if (known === undefined) {
    const granted =
      entitlement.type === 'metered'
        ? { ...entitlement, issueAfterReset: timesUnits(entitlement.issueAfterReset, quantity) }
        : entitlement
    return [...cards, { ...EMPTY_CARD, key, name, featureKey, entitlement: granted }]
  }
  const before = known.entitlement
  if (entitlement.type === 'static') return cards.with(at, { ...known, entitlement })
  if (entitlement.type !== 'metered' || before?.type !== 'metered') return cards
  const added = timesUnits(entitlement.issueAfterReset, quantity)
  const issueAfterReset =
    before.issueAfterReset === null || added === null
      ? null
      : formatDecimal(add(decimal(before.issueAfterReset), decimal(added)))
  return cards.with(at, { ...known, entitlement: { ...before, issueAfterReset } })
}

const EMPTY_CARD: Omit<RateCard, 'key' | 'name' | 'featureKey' | 'entitlement'> = {
  billingCadence: null,
  prices: null,
  discounts: [],
  commitments: null,
  conversion: null,
  creditCost: null,
  creditGrant: null,
  providerPrice: { kind: 'managed' },
}

/** A limit of the same name is raised by so much for each; others come on top. */
function raiseRateLimits(limits: readonly RateLimit[], held: HeldAddOn): readonly RateLimit[] {
  const raised = new Map(limits.map((limit) => [limit.name, limit]))
  for (const added of held.version.definition.rateLimits) {
    const known = raised.get(added.name)
    const limit = added.limit * held.quantity
    const burst = (added.burst ?? added.limit) * held.quantity
    if (known === undefined)
      raised.set(added.name, { ...added, limit, burst: added.burst && burst })
    else {
      const higher = { limit: known.limit + limit, burst: known.burst && known.burst + burst }
      raised.set(added.name, { ...known, ...higher })
    }
  }
  return [...raised.values()]
}

function timesUnits(units: string | null, quantity: number): string | null {
  return units === null ? null : formatDecimal(scaled(units, quantity))
}

function times(price: Price, quantity: number): Price {
  if (price.type !== 'flat') throw new RangeError('Add-ons have fees only')
  return { ...price, amount: formatDecimal(scaled(price.amount, quantity)) }
}

function scaled(value: string, quantity: number): Decimal {
  return (decimal(value) * BigInt(quantity)) as Decimal
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
