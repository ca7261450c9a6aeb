import type { CreditTerms } from '../../domain/credits/spending/credit-terms.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'

/** What usage events are counted under. */
export interface SeriesDefinition {
  readonly mode: Mode
  readonly subscriptionId: string
  readonly customerId: string
  readonly meterKey: string
  readonly bucketAt: Instant
  readonly apiKeyId: string
  readonly routeKey: string
  readonly dimension: string
  /** What most events of the series add, as a decimal. */
  readonly units: string
  /** The quotas the units count against. */
  readonly quotas: readonly SeriesQuota[]
}

export interface SeriesQuota {
  readonly quotaKey: string
  readonly window: Period
  /** For a budget: the customer it belongs to, and what one unit takes of it, as a decimal. */
  readonly budgetOf?: string
  readonly worth?: string
  readonly credit?: CreditTerms
}

/** A definition as the usage log holds it: numbered anew in each segment. */
export class Series {
  readonly definition: SeriesDefinition
  /** Where its number is valid; the log's own business. */
  segment = -1
  id = 0

  constructor(definition: SeriesDefinition) {
    this.definition = definition
  }
}
