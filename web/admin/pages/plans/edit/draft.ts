import { perDuration } from '../../../../ui/pricing/duration-words.ts'
import type {
  PlanDefinition,
  PlanPhase,
  Price,
  RateCard,
} from '../../../../ui/pricing/price-words.ts'

/** How a plan's draft changes while it is edited. Whether it makes sense is the API's to say. */

export type Entitlement = NonNullable<RateCard['entitlement']>
export type MeteredEntitlement = Extract<Entitlement, { type: 'metered' }>

const COMMON_CADENCES = ['P1D', 'P1W', 'P1M', 'P3M', 'P6M', 'P1Y']

export const CADENCES = COMMON_CADENCES.map((value) => ({ value, label: perDuration(value) }))

/** The usual ones, and the one it has if that is another. */
export function cadencesWith(current: string): typeof CADENCES {
  if (COMMON_CADENCES.includes(current)) return CADENCES
  return [...CADENCES, { value: current, label: perDuration(current) }]
}

/** By invoice no card is asked for, and what is charged at once has no due date. */
export function withCollection(
  definition: PlanDefinition,
  collection: PlanDefinition['collection'],
): PlanDefinition {
  return collection === 'send_invoice'
    ? { ...definition, collection, isPaymentMethodRequired: false, checkoutMode: 'subscription' }
    : { ...definition, collection, isPaymentMethodRequired: true, daysUntilDue: null }
}

export const PRICE_TYPES = [
  { value: 'none', label: 'No price', description: 'It comes with the plan' },
  { value: 'flat', label: 'Flat fee', description: 'The same however much is used' },
  { value: 'unit', label: 'Per unit', description: 'Each unit costs the same' },
  { value: 'tiered', label: 'Tiers', description: 'Graduated, or all at the tier reached' },
  { value: 'package', label: 'Package', description: 'So much for each 1,000' },
  { value: 'percentage', label: 'Percentage', description: 'A share of the amounts in events' },
  { value: 'dynamic', label: 'Dynamic', description: 'Events carry their price' },
  { value: 'matrix', label: 'Matrix', description: 'By one or two dimensions' },
] as const

export type PriceType = (typeof PRICE_TYPES)[number]['value']

export function priceTypeOf({ prices }: RateCard): PriceType {
  return Object.values(prices ?? {})[0]?.type ?? 'none'
}

/** The same kind of price in every currency, with nothing said yet. */
export function blankPrices(type: PriceType, currencies: readonly string[]): RateCard['prices'] {
  if (type === 'none') return null
  return Object.fromEntries(currencies.map((currency) => [currency, blankPrice(type)]))
}

function blankPrice(type: Exclude<PriceType, 'none'>): Price {
  switch (type) {
    case 'flat':
      return { type, amount: '', paymentTerm: 'in_advance' }
    case 'unit':
      return { type, amount: '' }
    case 'tiered':
      return { type, mode: 'graduated', tiers: [blankTier()] }
    case 'package':
      return { type, amount: '', quantityPerPackage: '1000', rounding: 'up' }
    case 'percentage':
      return {
        type,
        rate: '',
        fixedPerEvent: null,
        minimumPerEvent: null,
        maximumPerEvent: null,
      }
    case 'dynamic':
      return { type, multiplier: '1' }
    case 'matrix':
      return { type, dimensions: [], cells: [], defaultAmount: '' }
  }
}

type Tier = Extract<Price, { type: 'tiered' }>['tiers'][number]

export function blankTier(): Tier {
  return { upToAmount: null, flatPrice: null, unitPrice: '' }
}

export const ENTITLEMENT_TYPES = [
  { value: 'none', label: 'Nothing', description: 'It is only charged' },
  { value: 'metered', label: 'A quantity', description: 'Counted by the feature’s meter' },
  { value: 'boolean', label: 'The feature', description: 'On, or not' },
  { value: 'static', label: 'A value', description: 'Such as a region or a size' },
] as const

export type EntitlementType = (typeof ENTITLEMENT_TYPES)[number]['value']

export function blankEntitlement(type: EntitlementType, cadence: string): Entitlement | null {
  switch (type) {
    case 'none':
      return null
    case 'boolean':
      return { type }
    case 'static':
      return { type, value: '' }
    case 'metered':
      return {
        type,
        issueAfterReset: '',
        usagePeriod: cadence,
        alignment: 'anniversary',
        onLimit: 'block',
        graceRatio: '0',
        throttle: null,
        preserveOverageAtReset: false,
        resetUsageOnRenewal: null,
        rollover: null,
      }
  }
}

/** Only slowing down has a speed. */
export function withOnLimit(
  entitlement: MeteredEntitlement,
  onLimit: MeteredEntitlement['onLimit'],
): MeteredEntitlement {
  const throttle =
    onLimit === 'throttle' ? (entitlement.throttle ?? { limit: 1, windowSeconds: 1 }) : null
  return { ...entitlement, onLimit, throttle }
}

export function blankCard(definition: PlanDefinition): RateCard {
  return {
    key: '',
    name: '',
    featureKey: null,
    billingCadence: definition.billingCadence,
    prices: null,
    entitlement: null,
    discounts: [],
    commitments: null,
    conversion: null,
    creditCost: null,
    creditGrant: null,
    providerPrice: { kind: 'managed' },
  }
}

interface Fee {
  readonly planName: string
  readonly billingCadence: string
  readonly currency: string
  readonly amount: string
}

/** The fee of the plan itself. */
export function feeCard({ planName, billingCadence, currency, amount }: Fee) {
  return {
    key: 'subscription',
    name: planName,
    billingCadence,
    prices: { [currency]: { type: 'flat' as const, amount } },
  }
}

/**
 * In other currencies: prices of new ones begin as a blank of the same kind, those of currencies that are gone go
 * too.
 */
export function withCurrencies(
  definition: PlanDefinition,
  currencies: readonly string[],
): PlanDefinition {
  const among = <Value>(record: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(record).filter(([code]) => currencies.includes(code)))
  const recard = (card: RateCard): RateCard => ({
    ...card,
    prices:
      card.prices === null
        ? null
        : { ...blankPrices(priceTypeOf(card), currencies), ...among(card.prices) },
    commitments: card.commitments === null ? null : among(card.commitments),
  })
  return {
    ...definition,
    currencies: [...currencies],
    phases: definition.phases.map((phase) => ({
      ...phase,
      rateCards: phase.rateCards.map((card) => recard(card)),
    })),
  }
}

/** Currencies as people type them: `USD, eur` is usd and eur, each once. */
export function parseCurrencies(text: string): string[] {
  const codes = text.split(/[\s,]+/).filter((code) => code !== '')
  return [...new Set(codes.map((code) => code.toLowerCase()))]
}

/** The card in place of the one at an index, or as the last one. */
export function putCard(
  definition: PlanDefinition,
  at: { readonly phase: number; readonly card: number },
  card: RateCard,
): PlanDefinition {
  return changePhase(definition, at.phase, ({ rateCards }) => ({
    rateCards:
      at.card < rateCards.length
        ? rateCards.map((each, index) => (index === at.card ? card : each))
        : [...rateCards, card],
  }))
}

export function removeCard(
  definition: PlanDefinition,
  at: { readonly phase: number; readonly card: number },
): PlanDefinition {
  return changePhase(definition, at.phase, ({ rateCards }) => ({
    rateCards: rateCards.filter((_, index) => index !== at.card),
  }))
}

export function changePhase(
  definition: PlanDefinition,
  index: number,
  change: (phase: PlanPhase) => Partial<PlanPhase>,
): PlanDefinition {
  return {
    ...definition,
    phases: definition.phases.map((phase, at) =>
      at === index ? { ...phase, ...change(phase) } : phase,
    ),
  }
}

/** A phase before the one that stays: a free trial, until somebody says otherwise. */
export function addPhase(definition: PlanDefinition): PlanDefinition {
  const { phases } = definition
  const key = phases.some((phase) => phase.key === 'trial') ? `phase_${phases.length + 1}` : 'trial'
  const first: PlanPhase = { key, name: 'Trial', duration: 'P14D', rateCards: [] }
  return { ...definition, phases: [first, ...phases] }
}

export function removePhase(definition: PlanDefinition, index: number): PlanDefinition {
  return { ...definition, phases: definition.phases.filter((_, at) => at !== index) }
}
