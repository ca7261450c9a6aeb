import { decimal, formatDecimal } from '../../../kit/decimal.ts'
import type { Period } from '../../../kit/period.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import type { LineDiscount } from '../rating/discounts.ts'
import { type UsageQuery, usageQueryKey, type UsageReading } from '../usage-reading.ts'

/** A charge that is on a final invoice. What is not among these has not been billed. */
export interface BilledCharge {
  readonly subscriptionId: string
  /** The key of the line: the same whoever made it, Stripe or we. */
  readonly lineKey: string
  readonly kind: 'fee' | 'usage'
  readonly planKey: string
  readonly planVersion: number
  readonly phaseKey: string
  readonly rateCardKey: string
  readonly servicePeriod: Period
  readonly invoiceId: string
  readonly grossMinor: bigint
  readonly amountMinor: bigint
  /** The answers usage was charged by; null for a fee. */
  readonly reading: UsageReading | null
  readonly discounts: readonly LineDiscount[]
}

/** A charge before it is known on which invoice it ends up. */
export type ChargeToBill = Omit<BilledCharge, 'subscriptionId' | 'invoiceId'>

/** The charge a line of ours stands for. `reading` is what it was rated by. */
export function chargeOfLine(
  line: Pick<
    InvoiceLine,
    | 'key'
    | 'planKey'
    | 'planVersion'
    | 'rateCardKey'
    | 'servicePeriod'
    | 'grossMinor'
    | 'amountMinor'
    | 'derivation'
  >,
  kind: BilledCharge['kind'],
  reading: UsageReading | null,
): ChargeToBill {
  return {
    lineKey: line.key,
    kind,
    planKey: line.planKey,
    planVersion: line.planVersion,
    phaseKey: line.derivation.plan.phase,
    rateCardKey: line.rateCardKey,
    servicePeriod: line.servicePeriod,
    grossMinor: line.grossMinor,
    amountMinor: line.amountMinor,
    reading,
    discounts: [],
  }
}

/** The part of a reading that answers these queries. */
export function excerpt(reading: UsageReading, queries: readonly UsageQuery[]): UsageReading {
  return new Map(
    queries.map((query) => {
      const key = usageQueryKey(query)
      return [key, reading.get(key) ?? []]
    }),
  )
}

type JsonReading = readonly (readonly [string, readonly JsonQuantity[]])[]

interface JsonQuantity {
  readonly dimensions: Readonly<Record<string, string>>
  readonly quantity: string
  readonly eventCount: string
  readonly eventValues: readonly { readonly value: string; readonly count: string }[]
}

export function readingToJson(reading: UsageReading): JsonReading {
  return [...reading].map(([key, rows]) => [
    key,
    rows.map(({ dimensions, quantity, eventCount, eventValues }) => ({
      dimensions,
      quantity: formatDecimal(quantity),
      eventCount: String(eventCount),
      eventValues: eventValues.map(({ value, count }) => ({
        value: formatDecimal(value),
        count: String(count),
      })),
    })),
  ])
}

export function readingFromJson(json: unknown): UsageReading {
  return new Map(
    (json as JsonReading).map(([key, rows]) => [
      key,
      rows.map(({ dimensions, quantity, eventCount, eventValues }) => ({
        dimensions,
        quantity: decimal(quantity),
        eventCount: BigInt(eventCount),
        eventValues: eventValues.map(({ value, count }) => ({
          value: decimal(value),
          count: BigInt(count),
        })),
      })),
    ]),
  )
}

/** As a column of an item keeps it until its invoice is final. */
export function chargeToJson(charge: ChargeToBill): unknown {
  const { grossMinor, amountMinor, reading, ...rest } = charge
  return {
    ...rest,
    grossMinor: String(grossMinor),
    amountMinor: String(amountMinor),
    reading: reading === null ? null : readingToJson(reading),
  }
}

export function chargeFromJson(json: unknown): ChargeToBill {
  const { grossMinor, amountMinor, reading, ...rest } = json as {
    readonly grossMinor: string
    readonly amountMinor: string
    readonly reading: unknown
  } & Omit<ChargeToBill, 'grossMinor' | 'amountMinor' | 'reading'>
  return {
    ...rest,
    grossMinor: BigInt(grossMinor),
    amountMinor: BigInt(amountMinor),
    reading: reading === null ? null : readingFromJson(reading),
  }
}
