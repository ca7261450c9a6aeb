import { formatInstant } from '../../kit/instant.ts'
import type { Finding } from '../../domain/findings/finding.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { iso } from '../to-api.ts'

/** Where our numbers and Stripe's differ. */
export function findingRoutes({ findings }: Services): Implementation[] {
  return [
    implement(contract.listFindings, async ({ query }, { caller }) => {
      const { data, nextCursor } = await findings.list(caller.mode, query, query)
      return { data: data.map(findingToApi), nextCursor }
    }),

    implement(contract.dismissFinding, async ({ params, body }, { caller }) =>
      findingToApi(await findings.dismiss(caller, params.findingId, body.note)),
    ),
  ]
}

function findingToApi(finding: Finding) {
  return {
    ...finding,
    foundAt: formatInstant(finding.foundAt),
    seenAt: formatInstant(finding.seenAt),
    settledAt: iso(finding.settledAt),
  }
}
