import type { Instant } from '../kit/instant.ts'
import type { Mode } from '../kit/mode.ts'

/** Work on money that falls due by time alone: a deadline, a retry, an expiry. */
export interface DueWork {
  /** Does what is due by then. */
  runDue(mode: Mode, now: Instant): Promise<void>
  /** The next instant after which something will be due. */
  nextDue(mode: Mode, after: Instant): Promise<Instant | undefined>
}

/** Several kinds of due work as one. What fails in one holds up no other, and is told when all had their turn. */
export function joinDueWork(parts: readonly DueWork[]): DueWork {
  return {
    async runDue(mode, now) {
      const failures: unknown[] = []
      for (const part of parts) {
        await part.runDue(mode, now).catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
    },
    async nextDue(mode, after) {
      const next = await Promise.all(parts.map((part) => part.nextDue(mode, after)))
      const known = next.filter((at) => at !== undefined)
      return known.length === 0 ? undefined : Math.min(...known)
    },
  }
}
