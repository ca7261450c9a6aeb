import { newId } from '../../kit/id.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Findings } from '../findings/service.ts'
import { resendAt, usageFindingKey, usageSubject } from './rejection.ts'
import * as store from './store.ts'

export interface Refusal {
  readonly code: string
  readonly message: string
}

/** Notes that Stripe does not count a report: at once, or in a thin event later. */
export function createRefusals(deps: {
  readonly findings: Findings
  readonly clock: Clock
  readonly log: Log
}) {
  const { findings, clock, log } = deps

  /** Answers whether the report is one of ours. */
  return async (tx: Db, mode: Mode, reportId: string, refusal: Refusal): Promise<boolean> => {
    const { code, message } = refusal
    const report = await store.reject(tx, mode, reportId, `${code}: ${message}`)
    if (report === undefined) return store.exists(tx, mode, reportId)
    const { customerId, meterKey, resends } = report
    const now = clock.now()
    const nextAt = resendAt(code, resends, now)
    log.error('meter_report.rejected', { reportId, customerId, meterKey, code })
    if (nextAt !== undefined) {
      const again = { ...report, id: newId('report', now), resends: resends + 1 }
      await store.insert(tx, again, now, nextAt)
      await store.replaced(tx, report, again.id)
    }
    const what = `Stripe did not count ${report.value} of the meter ${meterKey}: ${message}`
    const next =
      nextAt === undefined
        ? 'It is not sent again by itself.'
        : `It is sent again at ${new Date(nextAt).toISOString()}.`
    const subject = usageSubject(customerId, meterKey)
    await findings.report(tx, {
      mode,
      category: code === TOO_LATE ? 'late' : 'meter',
      subjectKind: 'usage',
      subjectId: subject,
      customerId,
      summary: `${what} ${next}`,
      ours: { report: reportId, value: String(report.value) },
      theirs: { code },
      dedupeKey: usageFindingKey(subject),
    })
    return true
  }
}

/** Stripe's word for usage of more than 35 days ago. */
export const TOO_LATE = 'timestamp_too_far_in_past'
