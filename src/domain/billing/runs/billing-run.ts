import type { Instant } from '../../../kit/instant.ts'

/** A run over everything whose period has ended by an instant. */
export interface BillingRun {
  readonly id: string
  readonly state: 'running' | 'finished'
  readonly until: Instant
  readonly requestedBy: string
  /** How many subscriptions were due when it began. */
  readonly total: number
  readonly closed: number
  readonly failed: number
  /** The last few that failed, and why. */
  readonly failures: readonly RunFailure[]
  readonly createdAt: Instant
  readonly finishedAt: Instant | null
}

export interface RunFailure {
  readonly subscriptionId: string
  readonly message: string
}
