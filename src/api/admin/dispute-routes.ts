import type { Dispute } from '../../domain/disputes/dispute.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { disputeToApi } from '../money-to-api.ts'
import type { Services } from '../services.ts'

/** What banks take back, and what is said against it. */
export function disputeRoutes({ disputes }: Services): Implementation[] {
  return [
    implement(contract.listDisputes, async ({ query }, { caller }) => {
      const isOpen = query.isOpen === undefined ? undefined : query.isOpen === 'true'
      const { data, nextCursor } = await disputes.list(caller.mode, { ...query, isOpen }, query)
      return { data: data.map(disputeToApi), nextCursor }
    }),

    implement(contract.getDispute, async ({ params }, { caller }) =>
      disputeToApi(await disputes.get(caller.mode, params.disputeId)),
    ),

    implement(contract.editDisputeEvidence, async ({ params, body }, { caller }) => {
      const given = Object.entries(body).filter(([, value]) => value !== undefined)
      const evidence = Object.fromEntries(given) as Dispute['evidence']
      return disputeToApi(await disputes.editEvidence(caller, params.disputeId, evidence))
    }),

    implement(contract.redraftDisputeEvidence, async ({ params }, { caller }) =>
      disputeToApi(await disputes.redraft(caller, params.disputeId)),
    ),

    implement(contract.submitDisputeEvidence, async ({ params }, { caller }) =>
      disputeToApi(await disputes.submit(caller, params.disputeId)),
    ),

    implement(contract.acceptDispute, async ({ params }, { caller }) =>
      disputeToApi(await disputes.accept(caller, params.disputeId)),
    ),
  ]
}
