import { Stripe } from 'stripe'
import { assertNever } from '../kit/assert.ts'
import { callStripe, findInStripe } from './errors.ts'

export type Catalog = ReturnType<typeof createCatalog>

export interface StripeProductInput {
  readonly name: string
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface StripePriceInput {
  readonly productId: string
  readonly lookupKey: string
  readonly nickname: string
  readonly currency: string
  /** Null for a price charged once. */
  readonly recurring: {
    readonly interval: 'day' | 'week' | 'month' | 'year'
    readonly intervalCount: number
    /** The billing meter whose usage is charged; null for a fixed fee. */
    readonly meterId: string | null
  } | null
  readonly amount:
    | { readonly kind: 'per_unit'; readonly unitAmountDecimal: string }
    | {
        readonly kind: 'tiered'
        readonly mode: 'graduated' | 'volume'
        readonly tiers: readonly StripeTierInput[]
      }
    | {
        readonly kind: 'package'
        readonly unitAmountDecimal: string
        readonly divideBy: string
        readonly round: 'up' | 'down'
      }
  readonly metadata: Readonly<Record<string, string>>
}

/** Amounts are decimal strings in Stripe's minor units. */
export interface StripeTierInput {
  readonly upTo: string | null
  readonly flatAmountDecimal: string | null
  readonly unitAmountDecimal: string | null
}

export interface StripeProduct {
  readonly id: string
  readonly isActive: boolean
  readonly name: string
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface StripePrice {
  readonly id: string
  readonly isActive: boolean
  readonly productId: string
  readonly lookupKey: string | null
  readonly currency: string
  readonly unitAmountDecimal: string | null
  /** Null for a price charged once. */
  readonly recurring: {
    readonly interval: string
    readonly intervalCount: number
    readonly isMetered: boolean
    readonly meterId: string | null
  } | null
  /** Null unless the amount goes by tiers. */
  readonly tiersMode: string | null
  /** Only where the price was fetched by itself; lists leave them out. */
  readonly tiers: readonly StripeTierInput[] | null
  readonly package: { readonly divideBy: string; readonly round: string } | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface StripeMeter {
  readonly id: string
  readonly isActive: boolean
  readonly name: string
  readonly eventName: string
  /** `sum` is what we report to; whatever else Stripe has adds finished numbers up in another way. */
  readonly formula: string
}

const MAX_PRICES_PER_LOOKUP = 100
const PAGE = 100
/** More than that of one product, or in one account, nobody has made by hand. */
const MAX_LISTED = 10_000

export function createCatalog(stripe: Stripe) {
  return {
    async createProduct(input: StripeProductInput, idempotencyKey: string): Promise<string> {
      const product = await callStripe(() =>
        stripe.products.create(toProduct(input), { idempotencyKey }),
      )
      return product.id
    },

    /** Also takes it out of the archive. */
    async updateProduct(id: string, input: StripeProductInput): Promise<void> {
      // An empty string takes a description away; leaving it out would leave it as somebody wrote it.
      const description = input.description ?? ''
      await callStripe(() =>
        stripe.products.update(id, { ...toProduct(input), description, active: true }),
      )
    },

    async archiveProduct(id: string): Promise<void> {
      await callStripe(() => stripe.products.update(id, { active: false }))
    },

    async findProducts(ids: readonly string[]): Promise<StripeProduct[]> {
      const found: StripeProduct[] = []
      for (let at = 0; at < ids.length; at += PAGE) {
        const products = await callStripe(() =>
          stripe.products.list({ ids: ids.slice(at, at + PAGE), limit: PAGE }),
        )
        found.push(...products.data.map(fromProduct))
      }
      return found
    },

    async listMeters(): Promise<StripeMeter[]> {
      const meters = await callStripe(() =>
        stripe.billing.meters.list({ limit: PAGE }).autoPagingToArray({ limit: MAX_LISTED }),
      )
      return meters.map(fromMeter)
    },

    async renameMeter(id: string, name: string): Promise<void> {
      await callStripe(() => stripe.billing.meters.update(id, { display_name: name }))
    },

    async reactivateMeter(id: string): Promise<void> {
      await callStripe(() => stripe.billing.meters.reactivate(id))
    },

    async findProduct(id: string): Promise<StripeProduct | undefined> {
      const product = await findInStripe(() => stripe.products.retrieve(id))
      return product && fromProduct(product)
    },

    /** Billing meters sum what is sent; whatever we measure, we send finished numbers. */
    async createMeter(
      input: { readonly name: string; readonly eventName: string },
      idempotencyKey: string,
    ): Promise<string> {
      const meter = await callStripe(() =>
        stripe.billing.meters.create(
          {
            display_name: input.name,
            event_name: input.eventName,
            default_aggregation: { formula: 'sum' },
          },
          { idempotencyKey },
        ),
      )
      return meter.id
    },

    async findMeterByEventName(eventName: string): Promise<string | undefined> {
      for await (const meter of stripe.billing.meters.list({ status: 'active', limit: 100 })) {
        if (meter.event_name === eventName) return meter.id
      }
      return undefined
    },

    async createPrice(input: StripePriceInput, idempotencyKey: string): Promise<string> {
      const price = await callStripe(() => stripe.prices.create(toPrice(input), { idempotencyKey }))
      return price.id
    },

    /** Nothing but sellable again: whoever still pays it can have a schedule. */
    async wakePrice(id: string): Promise<void> {
      await callStripe(() => stripe.prices.update(id, { active: true }))
    },

    async archivePrice(id: string): Promise<void> {
      await callStripe(() => stripe.prices.update(id, { active: false }))
    },

    /** Writes again what may be written in a price. */
    async restorePrice(
      id: string,
      { lookupKey, metadata }: Pick<StripePriceInput, 'lookupKey' | 'metadata'>,
    ): Promise<void> {
      await callStripe(() =>
        stripe.prices.update(id, {
          active: true,
          lookup_key: lookupKey,
          transfer_lookup_key: true,
          metadata: { ...metadata },
        }),
      )
    },

    async findPrice(id: string): Promise<StripePrice | undefined> {
      const price = await findInStripe(() => stripe.prices.retrieve(id, { expand: ['tiers'] }))
      return price && fromPrice(price)
    },

    /** Archived ones as well. */
    async listPrices(productId: string): Promise<StripePrice[]> {
      const prices = await callStripe(() =>
        stripe.prices
          .list({ product: productId, limit: PAGE })
          .autoPagingToArray({ limit: MAX_LISTED }),
      )
      return prices.map(fromPrice)
    },

    /** Active prices by the lookup keys we gave them; how publishing finds what an interrupted run has made. */
    async findPricesByLookupKey(lookupKeys: readonly string[]): Promise<StripePrice[]> {
      const found: StripePrice[] = []
      for (let at = 0; at < lookupKeys.length; at += 10) {
        const prices = await callStripe(() =>
          stripe.prices.list({
            lookup_keys: lookupKeys.slice(at, at + 10),
            limit: MAX_PRICES_PER_LOOKUP,
          }),
        )
        found.push(...prices.data.map(fromPrice))
      }
      return found
    },
  }
}

function toProduct({ name, description, metadata }: StripeProductInput) {
  return { name, metadata: { ...metadata }, ...(description !== null && { description }) }
}

function toPrice(input: StripePriceInput): Stripe.PriceCreateParams {
  const { recurring, amount } = input
  return {
    product: input.productId,
    currency: input.currency,
    nickname: input.nickname,
    lookup_key: input.lookupKey,
    transfer_lookup_key: true,
    metadata: { ...input.metadata },
    ...(recurring !== null && {
      recurring: {
        interval: recurring.interval,
        interval_count: recurring.intervalCount,
        ...(recurring.meterId !== null && {
          usage_type: 'metered' as const,
          meter: recurring.meterId,
        }),
      },
    }),
    ...toAmount(amount),
  }
}

function toAmount(amount: StripePriceInput['amount']): Partial<Stripe.PriceCreateParams> {
  switch (amount.kind) {
    case 'per_unit':
      return { unit_amount_decimal: Stripe.Decimal.from(amount.unitAmountDecimal) }
    case 'package':
      return {
        unit_amount_decimal: Stripe.Decimal.from(amount.unitAmountDecimal),
        transform_quantity: { divide_by: Number(amount.divideBy), round: amount.round },
      }
    case 'tiered':
      return {
        billing_scheme: 'tiered',
        tiers_mode: amount.mode,
        tiers: amount.tiers.map(toTier),
      }
    default:
      return assertNever(amount)
  }
}

function toTier(tier: StripeTierInput): Stripe.PriceCreateParams.Tier {
  return {
    up_to: tier.upTo === null ? 'inf' : Number(tier.upTo),
    ...(tier.flatAmountDecimal !== null && {
      flat_amount_decimal: Stripe.Decimal.from(tier.flatAmountDecimal),
    }),
    ...(tier.unitAmountDecimal !== null && {
      unit_amount_decimal: Stripe.Decimal.from(tier.unitAmountDecimal),
    }),
  }
}

function fromProduct(product: Stripe.Product): StripeProduct {
  const { id, active, name, description, metadata } = product
  return { id, isActive: active, name, description: description || null, metadata }
}

function fromMeter(meter: Stripe.Billing.Meter): StripeMeter {
  return {
    id: meter.id,
    isActive: meter.status === 'active',
    name: meter.display_name,
    eventName: meter.event_name,
    formula: meter.default_aggregation.formula,
  }
}

function fromPrice(price: Stripe.Price): StripePrice {
  const { recurring, transform_quantity: transform } = price
  return {
    id: price.id,
    isActive: price.active,
    productId: typeof price.product === 'string' ? price.product : price.product.id,
    lookupKey: price.lookup_key,
    currency: price.currency,
    unitAmountDecimal: textOf(price.unit_amount_decimal),
    recurring: recurring && {
      interval: recurring.interval,
      intervalCount: recurring.interval_count,
      isMetered: recurring.usage_type === 'metered',
      meterId: recurring.meter,
    },
    tiersMode: price.tiers_mode,
    tiers:
      price.tiers?.map((tier) => ({
        upTo: tier.up_to === null ? null : String(tier.up_to),
        flatAmountDecimal: textOf(tier.flat_amount_decimal),
        unitAmountDecimal: textOf(tier.unit_amount_decimal),
      })) ?? null,
    package: transform && { divideBy: String(transform.divide_by), round: transform.round },
    metadata: price.metadata,
  }
}

function textOf(amount: Stripe.Decimal | null): string | null {
  return amount === null ? null : String(amount)
}
