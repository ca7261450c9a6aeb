import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'

/**
 * The shape of what is sold. A definition is plain JSON (decimals are strings, durations ISO 8601), the same in the
 * database, in catalog files and on the wire. Whether it makes sense is decided by `validate-plan.ts`.
 */
export interface PlanDefinition {
  readonly name: string
  readonly description: string | null
  /** Every rate card with a price has one for each of these; the first is the default. */
  readonly currencies: readonly Currency[]
  /** How often the plan is invoiced: `P1M`, `P1Y`, … */
  readonly billingCadence: string
  /** `calendar` periods start on the first of the month, week or year in the customer's time zone. */
  readonly alignment: 'anniversary' | 'calendar'
  readonly engine: Engine
  /**
   * `setup` takes the card first and creates the subscription when Stripe reports it saved. A choice with the engine
   * `stripe_subscription` only: `stripe_invoice` always does so.
   */
  readonly checkoutMode: 'subscription' | 'setup'
  readonly isPaymentMethodRequired: boolean
  /** How it is paid where Stripe collects: charged, or sent with a date. What is billed offline is always sent. */
  readonly collection: 'charge_automatically' | 'send_invoice'
  /** Of invoices that are sent; `null` leaves it to the mode's setting. */
  readonly daysUntilDue: number | null
  readonly visibility: 'public' | 'private'
  /** Operators always may. */
  readonly customersMayPause: boolean
  readonly proration: ProrationPolicy
  /** Credits pay before the invoice does, or credits are all there is. */
  readonly settlement: 'credit_then_invoice' | 'credit_only'
  /** `null` leaves it to the mode's setting. */
  readonly onSubscriptionEnd: EndPolicy | null
  /** Days of access with an overdue invoice; `null` leaves it to the mode's setting. */
  readonly maxPaymentOverdueDays: string | null
  readonly rateLimits: readonly RateLimit[]
  readonly phases: readonly PlanPhase[]
  /** Null for a plan by itself. */
  readonly addOn: AddOnTerms | null
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * What makes a plan an add-on: it is not sold by itself, but on top of others, once or several times over. Drafts,
 * versions and publishing are those of any plan; `add-ons.ts` says what it adds.
 */
export interface AddOnTerms {
  /** The plans it may be added to. */
  readonly planKeys: readonly string[]
  /** How often a subscription may have it; null is as often as it likes. */
  readonly maximumQuantity: number | null
}

export type Engine = 'stripe_subscription' | 'stripe_invoice' | 'offline'
export type EndPolicy = 'switch_to_default' | 'suspend_customer' | 'deactivate'

/**
 * Coherent are (keep, carry_usage, time_based) and (reset, fresh, max_consumption_based). Fresh quota on a kept anchor
 * gives a second allowance away; carried usage with a consumption credit charges twice for what was used.
 */
export interface ProrationPolicy {
  readonly mode: 'none' | 'time_based' | 'max_consumption_based' | 'full_reset'
  readonly anchor: 'keep' | 'reset'
  readonly onPlanChange: 'carry_usage' | 'fresh'
  readonly allowIncoherent: boolean
}

/** A speed, never billed and never a quota: at most `limit` in any `windowSeconds`, with bursts up to `burst`. */
export interface RateLimit {
  readonly name: string
  readonly limit: number
  readonly windowSeconds: number
  readonly burst: number | null
  readonly scope: 'key' | 'subscription' | 'customer'
}

export interface PlanPhase {
  readonly key: string
  readonly name: string
  /** `null` only for the last phase, which lasts until the subscription ends. A first phase without prices is a trial. */
  readonly duration: string | null
  readonly rateCards: readonly RateCard[]
}

/** Price and entitlement of one feature. Without a feature it is a flat fee. */
export interface RateCard {
  readonly key: string
  readonly name: string
  readonly featureKey: string | null
  /** Divides the plan's cadence or is divided by it; `null` charges once per phase. */
  readonly billingCadence: string | null
  readonly prices: Readonly<Record<Currency, Price>> | null
  readonly entitlement: EntitlementTemplate | null
  readonly discounts: readonly RateCardDiscount[]
  readonly commitments: Readonly<Record<Currency, Commitment>> | null
  readonly conversion: UnitConversion | null
  /** What a unit costs in credits of the operator's own, which pay before the price does. */
  readonly creditCost: CreditCost | null
  /** Credits given anew in every period. */
  readonly creditGrant: CreditAllowance | null
  readonly providerPrice: ProviderPrice
}

export interface CreditCost {
  readonly creditKey: string
  /** Credits for one unit of the meter: `0.5`, `10`. */
  readonly perUnit: string
}

export interface CreditAllowance {
  /** `custom:credits`, `feature:requests`, `money:usd` */
  readonly unit: string
  readonly amount: string
  /** How often: `P1M`. */
  readonly every: string
  /** From the period's start; `null` is until the period ends. */
  readonly validFor: string | null
  readonly priority: number
  /** Features they may pay for; `null` is all of them. */
  readonly appliesTo: readonly string[] | null
}

/** What a usage period left unused, taken over as credits of the feature. */
export interface Rollover {
  /** At most this much is taken over at any time; `null` is everything. */
  readonly maximum: string | null
  /** How long it stays valid after the period's end. */
  readonly validFor: string
  readonly priority: number
}

/** All amounts are decimal strings in major units of the price's currency: `29.00`, `0.0005`. */
export type Price =
  | FlatPrice
  | UnitPrice
  | TieredPrice
  | PackagePrice
  | PercentagePrice
  | DynamicPrice
  | MatrixPrice

export interface FlatPrice {
  readonly type: 'flat'
  readonly amount: string
  readonly paymentTerm: 'in_advance' | 'in_arrears'
}

export interface UnitPrice {
  readonly type: 'unit'
  readonly amount: string
}

export interface TieredPrice {
  readonly type: 'tiered'
  /** `graduated`: each unit at its own tier's price; `volume`: all units at the price of the tier reached. */
  readonly mode: 'graduated' | 'volume'
  readonly tiers: readonly PriceTier[]
}

export interface PriceTier {
  /** Inclusive; `null` in the last tier only. */
  readonly upToAmount: string | null
  readonly flatPrice: string | null
  readonly unitPrice: string | null
}

export interface PackagePrice {
  readonly type: 'package'
  readonly amount: string
  readonly quantityPerPackage: string
  readonly rounding: 'up' | 'down' | 'exact'
}

/** A share of the amount the meter summed. */
export interface PercentagePrice {
  readonly type: 'percentage'
  /** `2.9` is 2.9 %. */
  readonly rate: string
  readonly fixedPerEvent: string | null
  readonly minimumPerEvent: string | null
  readonly maximumPerEvent: string | null
}

/** The events carry the price; the meter sums it in major units. */
export interface DynamicPrice {
  readonly type: 'dynamic'
  readonly multiplier: string
}

/** The price of a unit by one or two of the meter's dimensions, such as `model` and `region`. */
export interface MatrixPrice {
  readonly type: 'matrix'
  readonly dimensions: readonly string[]
  readonly cells: readonly { readonly values: readonly string[]; readonly amount: string }[]
  /** For combinations without a cell. */
  readonly defaultAmount: string
}

export type EntitlementTemplate = BooleanEntitlement | StaticEntitlement | MeteredEntitlement

export interface BooleanEntitlement {
  readonly type: 'boolean'
}

export interface StaticEntitlement {
  readonly type: 'static'
  /** Sent to the upstream as a header. */
  readonly value: string
}

export interface MeteredEntitlement {
  readonly type: 'metered'
  /** Units per usage period; `null` is unlimited, `0` is none. */
  readonly issueAfterReset: string | null
  /** The interval the units are for: independent of the billing cadence. */
  readonly usagePeriod: string
  readonly alignment: 'anniversary' | 'calendar'
  readonly onLimit: LimitMode
  /** A hard limit is stretched to `limit × (1 + graceRatio)`. */
  readonly graceRatio: string
  readonly throttle: { readonly limit: number; readonly windowSeconds: number } | null
  readonly preserveOverageAtReset: boolean
  /** `null`: only when the usage period has the length of the billing cadence. */
  readonly resetUsageOnRenewal: boolean | null
  readonly rollover: Rollover | null
}

/** `block` refuses, `bill_overage` bills, `warn` only tells, `throttle` slows down. */
export type LimitMode = 'block' | 'bill_overage' | 'warn' | 'throttle'

export type RateCardDiscount =
  | { readonly type: 'percentage'; readonly percent: string }
  | { readonly type: 'amount'; readonly amounts: Readonly<Record<Currency, string>> }

export interface Commitment {
  readonly minimum: string | null
  readonly maximum: string | null
}

/** Turns metered units into priced ones, such as bytes into gigabytes. */
export interface UnitConversion {
  readonly operation: 'multiply' | 'divide'
  readonly factor: string
  readonly rounding: 'none' | 'up' | 'down'
}

/** Who owns the Stripe price: we publish it, or it was made in Stripe and is named here per currency. */
export type ProviderPrice =
  | { readonly kind: 'managed' }
  | { readonly kind: 'linked'; readonly stripePriceIds: Readonly<Record<Currency, string>> }

export type PlanVersionState = 'draft' | 'scheduled' | 'active' | 'archived'

export interface PlanVersion {
  readonly id: string
  readonly planKey: string
  readonly version: number
  readonly state: PlanVersionState
  readonly definition: PlanDefinition
  /** Counts edits of a draft; an edit based on an older revision is refused. */
  readonly revision: number
  readonly effectiveFrom: Instant | null
  readonly effectiveTo: Instant | null
  readonly publishedAt: Instant | null
  readonly createdAt: Instant
}

/** Invoices are sent with a date to pay them by; nobody is charged, and access does not wait for the payment. */
export function isInvoiced({
  engine,
  collection,
}: Pick<PlanDefinition, 'engine' | 'collection'>): boolean {
  return engine === 'offline' || collection === 'send_invoice'
}

export function isAddOn({ definition }: Pick<PlanVersion, 'definition'>): boolean {
  return definition.addOn !== null
}

/** The price of a rate card in a currency; `undefined` for a card that only entitles. */
export function priceIn(card: RateCard, currency: Currency): Price | undefined {
  return card.prices?.[currency]
}

export function isUsagePrice(price: Price): boolean {
  return price.type !== 'flat'
}

/** A phase that costs nothing to be in: no fees, no usage prices. */
export function isFreePhase(phase: PlanPhase): boolean {
  return phase.rateCards.every((card) => card.prices === null)
}

export function phaseOf({ phases }: Pick<PlanDefinition, 'phases'>, phaseKey: string): PlanPhase {
  const phase = phases.find(({ key }) => key === phaseKey)
  if (phase === undefined) throw new RangeError(`The plan has no phase ${phaseKey}`)
  return phase
}

/** Where a customer who has had a trial begins: with the first phase that costs something. */
export function firstPaidPhase({ phases }: Pick<PlanDefinition, 'phases'>): PlanPhase | undefined {
  return phases.find((phase) => !isFreePhase(phase)) ?? phases[0]
}
