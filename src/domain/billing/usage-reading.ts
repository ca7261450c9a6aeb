import type { Decimal } from '../../kit/decimal.ts'
import type { Period } from '../../kit/period.ts'

/** A number the rater needs from metering. Whoever rates loads every query and hands back a `UsageReading`. */
export interface UsageQuery extends Period {
  readonly meterKey: string
  /** Group the number by these of the meter's dimensions; empty asks for one number. */
  readonly dimensions: readonly string[]
  /** A time-weighted sum is an average over this, also when the query covers a part of it only. */
  readonly weightedOver: Period
  /** The price has bounds per event, so it needs each event's value and not only their sum. */
  readonly needsEventValues: boolean
}

/** The answer for one combination of dimension values; without dimensions there is one, or none when nothing was used. */
export interface UsageQuantity {
  readonly dimensions: Readonly<Record<string, string>>
  readonly quantity: Decimal
  readonly eventCount: bigint
  /** How often each value occurred, where the query needs it. */
  readonly eventValues: readonly { readonly value: Decimal; readonly count: bigint }[]
}

/** The answers, by `usageQueryKey`. A query without an answer is an error: silence would be free usage. */
export type UsageReading = ReadonlyMap<string, readonly UsageQuantity[]>

export function usageQueryKey(query: UsageQuery): string {
  const { meterKey, dimensions, startsAt, endsAt, weightedOver, needsEventValues } = query
  const weight = `${weightedOver.startsAt}-${weightedOver.endsAt}`
  return [meterKey, dimensions.join('+'), startsAt, endsAt, weight, needsEventValues].join('|')
}

export function readUsage(reading: UsageReading, query: UsageQuery): readonly UsageQuantity[] {
  const answer = reading.get(usageQueryKey(query))
  if (answer !== undefined) return answer
  const { meterKey, startsAt, endsAt } = query
  throw new RangeError(`Usage of ${meterKey} from ${startsAt} to ${endsAt} was not provided`)
}

/** Without doubles: several cards may need the same number. */
export function distinctQueries(queries: Iterable<UsageQuery>): UsageQuery[] {
  return [...new Map([...queries].map((query) => [usageQueryKey(query), query])).values()]
}
