import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** Who of a plan's subscribers is meant. */
export interface Audience {
  /** Only those on these versions; null is every version but the one they move to. */
  readonly fromVersions: readonly number[] | null
  readonly currency: string | null
  /** Only these customers; null is everybody. */
  readonly customerIds: readonly string[] | null
  readonly excludedCustomerIds: readonly string[]
}

export interface MigrationRequest {
  readonly planKey: string
  /** Null: the version on sale. */
  readonly toVersion: number | null
  readonly timing: Migration['timing']
  readonly noticeDays: number
  readonly audience: Audience
}

export interface Migration {
  readonly mode: Mode
  readonly id: string
  readonly planKey: string
  readonly toVersionId: string
  readonly timing: 'at_renewal' | 'immediate'
  readonly noticeDays: number
  readonly audience: Audience
  readonly state: 'running' | 'finished' | 'canceled'
  readonly requestedBy: string
  readonly createdAt: Instant
  readonly finishedAt: Instant | null
}

export type MemberState =
  /** Told, or about to be; its time has not come. */
  | 'waiting'
  /** Its change of plan is under way. */
  | 'scheduled'
  | 'moved'
  | 'excluded'
  | 'skipped'
  | 'canceled'

export interface Member {
  readonly mode: Mode
  readonly migrationId: string
  readonly subscriptionId: string
  readonly customerId: string
  readonly fromVersion: number
  readonly state: MemberState
  readonly reason: string | null
  readonly changeId: string | null
  readonly noticedAt: Instant | null
}
