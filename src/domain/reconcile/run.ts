import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** One pass over the customers of a mode, or over one of them. */
export interface ReconcileRun {
  readonly mode: Mode
  readonly id: string
  readonly cause: 'schedule' | 'operator'
  readonly customerId: string | null
  readonly isDryRun: boolean
  readonly state: 'running' | 'done' | 'failed'
  /** Where an interrupted run goes on: the page of customers after this. */
  readonly cursor: string | null
  readonly counts: RunCounts
  readonly error: string | null
  readonly startedAt: Instant
  readonly finishedAt: Instant | null
}

export interface RunCounts {
  readonly customers: number
  readonly objects: number
  readonly differences: number
  readonly repaired: number
  /** Customers that could not be looked at; the run goes on without them. */
  readonly failed: number
}

export const NO_COUNTS: RunCounts = {
  customers: 0,
  objects: 0,
  differences: 0,
  repaired: 0,
  failed: 0,
}

export function addCounts(a: RunCounts, b: RunCounts): RunCounts {
  return {
    customers: a.customers + b.customers,
    objects: a.objects + b.objects,
    differences: a.differences + b.differences,
    repaired: a.repaired + b.repaired,
    failed: a.failed + b.failed,
  }
}
