import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { addOnsOffered } from '../add-ons.ts'
import { previewToApi, resultToApi } from '../plan-changes.ts'
import type { Services } from '../services.ts'
import { subscriptionToApi } from '../to-api.ts'

/** Operators changing a customer's plan: any version, at the time they say. */
export function changeRoutes(services: Services): Implementation[] {
  const { changes, subscriptions, surroundings } = services

  return [
    implement(contract.listAddOns, async ({ params }, { caller }) => {
      const subscription = await subscriptions.get(caller.mode, params.subscriptionId)
      return { data: await addOnsOffered(services, subscription, () => true) }
    }),

    implement(contract.previewChange, async ({ params, body }, { caller }) =>
      previewToApi(services, caller, await changes.preview(caller, params.subscriptionId, body)),
    ),

    implement(contract.changeSubscription, async ({ params, body }, { caller }) => {
      const change = await changes.execute(caller, params.subscriptionId, body.quoteId)
      const portal = `${surroundings.consoleUrl}/portal`
      return resultToApi(services, caller, change, {
        successUrl: `${portal}/checkout/{intent}`,
        cancelUrl: `${portal}/plans`,
      })
    }),

    implement(contract.undoChange, async ({ params }, { caller }) => {
      await changes.takeBack(caller, params.subscriptionId)
      return subscriptionToApi(
        services,
        await subscriptions.get(caller.mode, params.subscriptionId),
      )
    }),
  ]
}
