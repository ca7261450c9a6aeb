import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { keyToApi } from '../to-api.ts'

/** The API keys of a portal user's account. */
export function portalKeyRoutes({ keys, subscriptions }: Services): Implementation[] {
  return [
    implement(contract.listOwnKeys, async (_, { caller, customerId }) => ({
      data: (await keys.list(caller.mode, customerId)).map(keyToApi),
    })),

    implement(contract.issueOwnKey, async ({ body }, { caller, customerId }) => {
      const subscription = await subscriptions.findOpen(caller.mode, customerId)
      const subscriptionId = subscription?.id ?? null
      const { key, secret } = await keys.issue(caller, {
        customerId,
        subscriptionId,
        name: body.name,
      })
      return { key: keyToApi(key), secret }
    }),

    implement(contract.revealOwnKey, async ({ params }, { caller, customerId }) => ({
      secret: await keys.reveal(caller, customerId, params.keyId),
    })),

    implement(contract.rotateOwnKey, async ({ params, body }, { caller, customerId }) => {
      const { key, secret } = await keys.rotate(caller, customerId, params.keyId, body.overlapHours)
      return { key: keyToApi(key), secret }
    }),

    implement(contract.renameOwnKey, async ({ params, body }, { caller, customerId }) =>
      keyToApi(await keys.rename(caller, customerId, params.keyId, body.name)),
    ),

    implement(contract.revokeOwnKey, async ({ params }, { caller, customerId }) =>
      keyToApi(await keys.revoke(caller, customerId, params.keyId)),
    ),
  ]
}
