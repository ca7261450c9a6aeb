import { HOUR_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { usageFindingKey, usageSubject } from './rejection.ts'
import * as store from './store.ts'
import { judgeUnconfirmed } from './verification.ts'

const AGAIN_AFTER_MS = HOUR_MS
const MAX_PER_RUN = 200

interface VerificationDeps {
  readonly database: Database
  readonly connections: Connections
  readonly findings: Findings
  readonly clock: Clock
  readonly log: Log
}

/** Looks up in Stripe's totals what became of reports that are too old to be sent again blindly. */
export function createVerification(deps: VerificationDeps) {
  const { database, connections, findings, clock, log } = deps

  async function judge(
    { api, scope }: Connected,
    minute: Instant,
    reports: readonly store.MeterReport[],
  ): Promise<void> {
    const [first] = reports
    if (first === undefined) return
    const { mode, customerId, meterKey } = first
    const period = { startsAt: minute, endsAt: minute + MINUTE_MS }
    const stripeMeterId = await connections.externalId(scope, 'meter', meterKey)
    const stripeCustomerId = await connections.externalId(scope, 'customer', customerId)
    if (stripeMeterId === undefined || stripeCustomerId === undefined) {
      await leave(mode, reports)
      return
    }
    const certain = await store.certainTotal(database.db, first, period)
    const theirs = await api.meterEvents.total(stripeMeterId, stripeCustomerId, period)
    const values = reports.map(({ value }) => value)
    const verdict = certain === undefined ? 'unclear' : judgeUnconfirmed(values, certain, theirs)
    log.info('meter_report.verified', {
      mode,
      customerId,
      meterKey,
      verdict,
      count: reports.length,
    })
    const now = clock.now()
    if (verdict === 'unclear') {
      await leave(mode, reports)
      return
    }
    for (const report of reports) {
      if (verdict === 'arrived') {
        await store.settle(database.db, report, { state: 'sent', sentAt: now })
      } else {
        await store.startOver(database.db, report, now)
      }
    }
  }

  /** Nobody can tell; a person has to, and meanwhile it is looked at again. */
  async function leave(mode: Mode, reports: readonly store.MeterReport[]): Promise<void> {
    const nextAt = clock.now() + AGAIN_AFTER_MS
    await database.transaction(async (tx) => {
      for (const report of reports) {
        const { customerId, meterKey, value } = report
        await store.settle(tx, report, { state: 'verify', nextAt, error: 'Nobody can tell' })
        const subject = usageSubject(customerId, meterKey)
        await findings.report(tx, {
          mode,
          category: 'meter',
          subjectKind: 'usage',
          subjectId: subject,
          customerId,
          summary: `Whether ${value} of the meter ${meterKey} reached Stripe is not known.`,
          ours: { report: report.id, value: String(value) },
          theirs: null,
          dedupeKey: usageFindingKey(subject),
        })
      }
    })
  }

  return async (mode: Mode): Promise<void> => {
    const due = await store.dueForVerification(database.db, mode, clock.now(), MAX_PER_RUN)
    if (due.length === 0) return
    const connected = await connections.stripe(mode)
    const minuteOf = ({ at }: store.MeterReport): Instant => Math.floor(at / MINUTE_MS) * MINUTE_MS
    const groups = Map.groupBy(due, (report) =>
      [report.customerId, report.meterKey, minuteOf(report)].join(' '),
    )
    for (const group of groups.values()) {
      const [first] = group
      if (first !== undefined) await judge(connected, minuteOf(first), group)
    }
  }
}
