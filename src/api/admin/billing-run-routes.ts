import { formatInstant } from '../../kit/instant.ts'
import type { BillingRun } from '../../domain/billing/runs/billing-run.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { iso, moneyToApi } from '../to-api.ts'

/** Billing what has ended, for everybody at once. */
export function billingRunRoutes({ billingRuns }: Services): Implementation[] {
  return [
    implement(contract.startBillingRun, async (_, { caller }) =>
      runToApi(await billingRuns.start(caller)),
    ),

    implement(contract.rehearseBillingRun, async (_, { caller }) => {
      const { bills, isCut } = await billingRuns.rehearse(caller.mode)
      const data = bills.map(({ closes, lines, currency, totalMinor, ...bill }) => ({
        ...bill,
        period: {
          startsAt: formatInstant(closes.startsAt),
          endsAt: formatInstant(closes.endsAt),
        },
        lines: lines.map(({ description, amountMinor }) => ({
          description,
          amount: moneyToApi(amountMinor, currency),
        })),
        total: moneyToApi(totalMinor, currency),
      }))
      return { data, isCut }
    }),

    implement(contract.listBillingRuns, async ({ query }, { caller }) => {
      const { data, nextCursor } = await billingRuns.list(caller.mode, query)
      return { data: data.map(runToApi), nextCursor }
    }),

    implement(contract.getBillingRun, async ({ params }, { caller }) =>
      runToApi(await billingRuns.get(caller.mode, params.runId)),
    ),
  ]
}

function runToApi(run: BillingRun) {
  return {
    ...run,
    until: formatInstant(run.until),
    failures: run.failures.map((failure) => ({ ...failure })),
    createdAt: formatInstant(run.createdAt),
    finishedAt: iso(run.finishedAt),
  }
}
