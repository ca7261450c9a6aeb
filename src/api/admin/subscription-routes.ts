import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { instantIn, subscriptionToApi } from '../to-api.ts'

/** Subscriptions, as operators see them and deal with them. Changes of plan have their own file. */
export function subscriptionRoutes(services: Services): Implementation[] {
  const { arrangements, cancellations, pauses, subscriptions } = services

  return [
    implement(contract.listSubscriptions, async ({ query }, { caller }) => {
      const isOpen = query.state === undefined ? undefined : query.state === 'open'
      const { customerId, planKey, paymentStatus } = query
      const filter = { customerId, planKey, isOpen, paymentStatus }
      const { data, nextCursor } = await subscriptions.list(caller.mode, filter, query)
      const items = await Promise.all(data.map((entry) => subscriptionToApi(services, entry)))
      return { data: items, nextCursor }
    }),

    implement(contract.getSubscription, async ({ params }, { caller }) =>
      subscriptionToApi(services, await subscriptions.get(caller.mode, params.subscriptionId)),
    ),

    implement(contract.cancelSubscription, async ({ params, body }, context) => {
      const { caller, expectedVersion } = context
      const { subscriptionId } = params
      return subscriptionToApi(
        services,
        await cancellations.cancel(caller, subscriptionId, body.timing, expectedVersion),
      )
    }),

    implement(contract.resumeSubscription, async ({ params }, { caller, expectedVersion }) =>
      subscriptionToApi(
        services,
        await pauses.resume(caller, params.subscriptionId, expectedVersion),
      ),
    ),

    implement(contract.pauseSubscription, async ({ params, body }, context) => {
      const { caller, expectedVersion } = context
      const request = { resumesAt: instantIn(body.resumesAt), isCustomers: false }
      return subscriptionToApi(
        services,
        await pauses.pause(caller, params.subscriptionId, request, expectedVersion),
      )
    }),

    implement(contract.overrideAccess, async ({ params, body }, { caller, expectedVersion }) => {
      const { override } = body
      const access =
        override?.kind === 'allow_until'
          ? { ...override, until: Date.parse(override.until) }
          : override
      return subscriptionToApi(
        services,
        await arrangements.setAccess(caller, params.subscriptionId, access, expectedVersion),
      )
    }),
  ]
}
