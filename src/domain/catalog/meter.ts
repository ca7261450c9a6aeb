import type { Instant } from '../../kit/instant.ts'

/** How the events of a period become one number. */
export type Aggregation = 'count' | 'sum' | 'max' | 'unique' | 'latest' | 'time_weighted_sum'

/** A rule that turns usage events into a number. Immutable but for its name; archived, never deleted. */
export interface Meter {
  readonly id: string
  readonly key: string
  readonly name: string
  /** Events of this CloudEvents type count. */
  readonly eventType: string
  readonly aggregation: Aggregation
  /** Where in the event's data the value stands: `tokens.total`. `null` for count. */
  readonly valueProperty: string | null
  /** Dimension name to property path. */
  readonly groupBy: Readonly<Record<string, string>>
  /** Only events whose property has one of the values count. */
  readonly filters: Readonly<Record<string, readonly string[]>>
  /** For people: `request`, `GB-month`. */
  readonly unit: string
  readonly createdAt: Instant
  readonly archivedAt: Instant | null
}

/** A thing a plan can grant, measured or not. Immutable but for its name. */
export interface Feature {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly meterKey: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: Instant
  readonly archivedAt: Instant | null
}
