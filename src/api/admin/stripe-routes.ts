import { formatInstant } from '../../kit/instant.ts'
import { type Difference, summaryOf } from '../../domain/reconcile/compare.ts'
import type { ReconcileRun } from '../../domain/reconcile/run.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { iso } from '../to-api.ts'

/** Comparing with Stripe, and fetching what its webhooks missed. */
export function stripeRoutes({ inbox, reconcile }: Services): Implementation[] {
  return [
    implement(contract.syncCustomer, async ({ params, body }, { caller }) => {
      const { counts, found, left } = await reconcile.customer(
        caller,
        params.customerId,
        body.isDryRun,
      )
      return { counts, found: found.map(differenceToApi), left: left.map(differenceToApi) }
    }),

    implement(contract.startReconcile, async ({ body }, { caller }) =>
      runToApi(await reconcile.start(caller, body.isDryRun)),
    ),

    implement(contract.listReconcileRuns, async ({ query }, { caller }) => {
      const { data, nextCursor } = await reconcile.list(caller.mode, query)
      return { data: data.map(runToApi), nextCursor }
    }),

    implement(contract.getReconcileRun, async ({ params }, { caller }) =>
      runToApi(await reconcile.get(caller.mode, params.runId)),
    ),

    implement(contract.pollStripeEvents, async ({ body }, { caller }) => ({
      found: await inbox.pollSince(caller.mode, Date.parse(body.since)),
    })),
  ]
}

function differenceToApi(difference: Difference) {
  const { ours, theirs } = difference
  return {
    ...difference,
    ours: ours && { ...ours },
    theirs: theirs && { ...theirs },
    summary: summaryOf(difference),
  }
}

function runToApi(run: ReconcileRun) {
  return {
    ...run,
    startedAt: formatInstant(run.startedAt),
    finishedAt: iso(run.finishedAt),
  }
}
