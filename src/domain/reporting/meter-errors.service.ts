import type { Clock } from '../../kit/clock.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { MeterErrors } from '../../stripe/meter-events.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { APPLIED, type Sync } from '../webhooks/sync.ts'
import { createRefusals } from './refusal.service.ts'

interface MeterErrorsDeps {
  readonly connections: Connections
  readonly findings: Findings
  readonly clock: Clock
  readonly log: Log
}

/**
 * Stripe answers usage with "received" and tells later, in a thin event, what it could not count. What it names of ours is
 * no longer taken as sent: it is sent again where the cause may be gone by then, and an operator is told in any case.
 */
export function createMeterErrorSync(deps: MeterErrorsDeps): Sync<MeterErrors> {
  const { connections, findings } = deps
  const refuse = createRefusals(deps)

  /** Samples are a few of each kind; whose the others are only the totals can tell. */
  async function reportUnnamed(tx: Db, { scope }: Connected, errors: MeterErrors, known: number) {
    const { stripeMeterId, errorCount } = errors
    const meterKey =
      stripeMeterId === null
        ? undefined
        : await connections.entityId(scope, 'meter', stripeMeterId, tx)
    const unnamed = errorCount - known
    if (unnamed <= 0 || meterKey === undefined) return false
    await findings.report(tx, {
      mode: scope.mode,
      category: 'meter',
      subjectKind: 'meter',
      subjectId: meterKey,
      customerId: null,
      summary: `Stripe did not count ${unnamed} more events of the meter ${meterKey} and does not name them. Compare: "farebox stripe sync --all".`,
      ours: null,
      theirs: { errorCount, eventId: errors.eventId },
      dedupeKey: `meter:${meterKey}`,
    })
    return true
  }

  return {
    fetch: ({ api }, eventId) => api.meterEvents.findErrors(eventId),

    async apply(tx, connected, errors) {
      const { mode } = connected.scope
      let known = 0
      for (const sample of errors.samples) {
        if (await refuse(tx, mode, sample.identifier, sample)) known++
      }
      const isMore = await reportUnnamed(tx, connected, errors, known)
      return known > 0 || isMore ? APPLIED : { kind: 'ignored', why: 'none of it is our usage' }
    },
  }
}
