import { AppError, notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Subscription } from '../../domain/subscriptions/subscription.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { previewToApi, resultToApi } from '../plan-changes.ts'
import type { Services } from '../services.ts'
import { subscriptionToApi } from '../to-api.ts'

/** Customers changing their own plan. */
export function portalChangeRoutes(services: Services): Implementation[] {
  const { catalog, changes, invitedPlans, subscriptions, surroundings } = services

  async function own(mode: Mode, customerId: string): Promise<Subscription> {
    const subscription = await subscriptions.findOpen(mode, customerId)
    if (subscription === undefined) throw new AppError('no_active_subscription', {})
    return subscription
  }

  return [
    implement(contract.previewOwnChange, async ({ body }, { caller, customerId }) => {
      const { id, planKey } = await own(caller.mode, customerId)
      const target = await catalog.getActive(caller.mode, body.planKey)
      const isOffered =
        planKey === body.planKey || (await invitedPlans.isOpenTo(caller.mode, target, customerId))
      if (!isOffered) throw notFound('plan')
      const request = { ...body, planVersion: null, timing: 'auto' } as const
      return previewToApi(services, caller, await changes.preview(caller, id, request))
    }),

    implement(contract.changeOwnSubscription, async ({ body }, { caller, customerId }) => {
      const { id } = await own(caller.mode, customerId)
      const change = await changes.execute(caller, id, body.quoteId)
      const portal = `${surroundings.consoleUrl}/portal`
      return resultToApi(services, caller, change, {
        successUrl: `${portal}/checkout/{intent}`,
        cancelUrl: `${portal}/plans?left={intent}`,
        promotionCode: body.promotionCode,
      })
    }),

    implement(contract.undoOwnChange, async (_, { caller, customerId }) => {
      const { id } = await own(caller.mode, customerId)
      await changes.takeBack(caller, id)
      return subscriptionToApi(services, await subscriptions.get(caller.mode, id))
    }),
  ]
}
