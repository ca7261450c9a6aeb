import { type Decimal, decimal } from '../../src/kit/decimal.ts'
import { type Instant, parseInstant } from '../../src/kit/instant.ts'
import type { Feature, Meter } from '../../src/domain/catalog/meter.ts'
import type {
  FlatPrice,
  MeteredEntitlement,
  PackagePrice,
  PlanDefinition,
  Price,
  PriceTier,
  RateCard,
  TieredPrice,
  UnitPrice,
} from '../../src/domain/catalog/plan.ts'
import { requiredUsage, type RateInvoiceInput } from '../../src/domain/billing/rate-invoice.ts'
import type { RatedMeter } from '../../src/domain/billing/rating/billable-usage.ts'
import { type PlanTermsInput, type Term, termsOfPlan } from '../../src/domain/billing/terms.ts'
import {
  type UsageQuantity,
  type UsageQuery,
  usageQueryKey,
  type UsageReading,
} from '../../src/domain/billing/usage-reading.ts'

/** Builders with defaults: a test names what its story is about, everything else is ordinary. */
export function aPlan(changes: Partial<PlanDefinition> = {}, cards?: RateCard[]): PlanDefinition {
  return {
    name: 'Plan',
    description: null,
    currencies: ['usd'],
    billingCadence: 'P1M',
    alignment: 'anniversary',
    engine: 'stripe_invoice',
    checkoutMode: 'subscription',
    isPaymentMethodRequired: true,
    collection: 'charge_automatically',
    daysUntilDue: null,
    visibility: 'public',
    customersMayPause: false,
    addOn: null,
    proration: {
      mode: 'time_based',
      anchor: 'keep',
      onPlanChange: 'carry_usage',
      allowIncoherent: false,
    },
    settlement: 'credit_then_invoice',
    onSubscriptionEnd: null,
    maxPaymentOverdueDays: null,
    rateLimits: [],
    phases: [{ key: 'main', name: 'Main', duration: null, rateCards: cards ?? [] }],
    metadata: {},
    ...changes,
  }
}

export function aCard(key: string, changes: Partial<RateCard> = {}): RateCard {
  return {
    key,
    name: key,
    featureKey: null,
    billingCadence: 'P1M',
    prices: null,
    entitlement: null,
    discounts: [],
    commitments: null,
    conversion: null,
    creditCost: null,
    creditGrant: null,
    providerPrice: { kind: 'managed' },
    ...changes,
  }
}

export function aFee(amount: string, changes: Partial<RateCard> = {}): RateCard {
  return aCard('fee', { prices: { usd: flat(amount) }, ...changes })
}

/** A card that prices usage of the feature and meter of the same name as its key. */
export function usageCard(key: string, price: Price, changes: Partial<RateCard> = {}): RateCard {
  return aCard(key, { featureKey: key, prices: { usd: price }, ...changes })
}

export function flat(
  amount: string,
  paymentTerm: FlatPrice['paymentTerm'] = 'in_advance',
): FlatPrice {
  return { type: 'flat', amount, paymentTerm }
}

export function unit(amount: string): UnitPrice {
  return { type: 'unit', amount }
}

export function packages(
  amount: string,
  size: string,
  rounding: PackagePrice['rounding'] = 'up',
): PackagePrice {
  return { type: 'package', amount, quantityPerPackage: size, rounding }
}

/** Tiers as `[upTo, unitPrice, flatPrice]`. */
export function tiered(
  mode: TieredPrice['mode'],
  ...tiers: readonly (readonly [upTo: string | null, unit: string | null, flat?: string | null])[]
): TieredPrice {
  return {
    type: 'tiered',
    mode,
    tiers: tiers.map(([upToAmount, unitPrice, flatPrice]): PriceTier => ({
      upToAmount,
      unitPrice,
      flatPrice: flatPrice ?? null,
    })),
  }
}

export function aQuota(
  issueAfterReset: string | null,
  changes: Partial<MeteredEntitlement> = {},
): MeteredEntitlement {
  return {
    type: 'metered',
    issueAfterReset,
    usagePeriod: 'P1M',
    alignment: 'anniversary',
    onLimit: 'bill_overage',
    graceRatio: '0',
    throttle: null,
    preserveOverageAtReset: false,
    resetUsageOnRenewal: null,
    rollover: null,
    ...changes,
  }
}

export function aMeter(key: string, changes: Partial<Meter> = {}): Meter {
  return {
    id: `meter_${key}`,
    key,
    name: key,
    eventType: key,
    aggregation: 'sum',
    valueProperty: 'value',
    groupBy: {},
    filters: {},
    unit: 'unit',
    createdAt: 0,
    archivedAt: null,
    ...changes,
  }
}

export function aFeature(key: string, changes: Partial<Feature> = {}): Feature {
  return {
    id: `feature_${key}`,
    key,
    name: key,
    meterKey: key,
    metadata: {},
    createdAt: 0,
    archivedAt: null,
    ...changes,
  }
}

export function at(iso: string): Instant {
  const instant = parseInstant(iso.length === 10 ? `${iso}T00:00:00Z` : iso)
  if (instant === undefined) throw new Error(`bad test date ${iso}`)
  return instant
}

export function termsOf(
  definition: PlanDefinition,
  startsAt: Instant,
  changes: Partial<PlanTermsInput> = {},
): Term[] {
  return termsOfPlan({
    planKey: 'plan',
    planVersion: 1,
    definition,
    startsAt,
    endsAt: null,
    startsBy: 'subscribe',
    endsBy: null,
    overrides: {},
    startingPhaseKey: null,
    startingPhaseEndsAt: null,
    feesFrom: null,
    billingAnchor: null,
    usageAnchor: null,
    timeZone: 'UTC',
    trialAnchor: 'end',
    ...changes,
  })
}

/** Every feature of the terms measured by a meter of its own name. */
export function metersOf(
  terms: readonly Term[],
  units: Record<string, string> = {},
): Map<string, RatedMeter> {
  const keys = terms.flatMap(({ phase }) =>
    phase.rateCards.flatMap(({ featureKey }) => featureKey ?? []),
  )
  return new Map(keys.map((key) => [key, { key, unit: units[key] ?? 'unit' }]))
}

export type Answer = (query: UsageQuery) => string | Decimal | readonly UsageQuantity[] | undefined

export function quantityOf(
  value: string | Decimal,
  dimensions: Record<string, string> = {},
): UsageQuantity {
  const quantity = typeof value === 'string' ? decimal(value) : value
  return { dimensions, quantity, eventCount: quantity / decimal(1), eventValues: [] }
}

export function readingOf(queries: readonly UsageQuery[], answer: Answer): UsageReading {
  return new Map(
    queries.map((query) => {
      const value = answer(query)
      const rows =
        typeof value === 'string' || typeof value === 'bigint' ? [quantityOf(value)] : (value ?? [])
      return [usageQueryKey(query), rows]
    }),
  )
}

/** The input of an invoice, with the usage it needs answered by `answer`. */
export function invoiceInput(
  terms: readonly Term[],
  changes: Partial<Omit<RateInvoiceInput, 'usage'>> & {
    answer?: Answer
    units?: Record<string, string>
  } = {},
): RateInvoiceInput {
  const { answer = () => undefined, units = {}, ...rest } = changes
  const input = {
    currency: 'usd',
    terms,
    closing: null,
    opening: null,
    meters: metersOf(terms, units),
    coverage: [],
    lateUsage: [],
    coupons: [],
    credits: null,
    tax: null,
    startingBalanceMinor: 0n,
    ...rest,
  }
  return { ...input, usage: readingOf(requiredUsage(input), answer) }
}
