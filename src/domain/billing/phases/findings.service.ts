import type { Database, Db } from '../../../platform/database/database.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Findings } from '../../findings/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'

/** What an operator has to know of when Stripe does not charge a phase as it should. */
export function createPhaseFindings({
  database,
  findings,
}: {
  readonly database: Database
  readonly findings: Findings
}) {
  async function reportForeign(
    tx: Db,
    { mode, id, customerId }: Subscription,
    { scheduleId }: StripeSubscription,
  ) {
    await findings.report(tx, {
      mode,
      category: 'configuration',
      subjectKind: 'subscription',
      subjectId: id,
      customerId,
      summary: `A schedule that was made in Stripe, ${scheduleId}, keeps the plan's later prices from being charged there.`,
      ours: null,
      theirs: { schedule: scheduleId },
      dedupeKey: `phases:foreign:${id}`,
    })
  }

  async function reportBehind(
    { mode, id, customerId }: Subscription,
    { currentPeriod }: StripeSubscription,
  ): Promise<void> {
    const from = new Date(currentPeriod.startsAt).toISOString()
    await database.transaction((tx) =>
      findings.report(tx, {
        mode,
        category: 'late',
        subjectKind: 'subscription',
        subjectId: id,
        customerId,
        summary: `Stripe renewed on ${from} with the price of an earlier phase; the price of this one counts from its next renewal.`,
        ours: null,
        theirs: { renewedAt: from },
        dedupeKey: `phases:behind:${id}:${currentPeriod.startsAt}`,
      }),
    )
  }

  return { reportBehind, reportForeign }
}
