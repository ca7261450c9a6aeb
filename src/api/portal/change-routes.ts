import { AppError, notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Subscription } from '../../domain/subscriptions/subscription.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { addOnsOffered } from '../add-ons.ts'
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
    implement(contract.listOwnAddOns, async (_, { caller, customerId }) => {
      const subscription = await subscriptions.findOpen(caller.mode, customerId)
      const invited = await invitedPlans.keys(caller.mode, customerId)
      if (subscription === undefined) return { data: [] }
      return {
        data: await addOnsOffered(
          services,
          subscription,
          ({ planKey, definition }) => definition.visibility === 'public' || invited.has(planKey),
        ),
      }
    }),

    implement(contract.previewOwnChange, async ({ body }, { caller, customerId }) => {
      const { id, planKey, addOns } = await own(caller.mode, customerId)
      const { mode } = caller
      const isOffered = async (key: string) =>
        invitedPlans.isOpenTo(mode, await catalog.getActive(mode, key), customerId)
      if (body.planKey !== null && planKey !== body.planKey && !(await isOffered(body.planKey))) {
        throw notFound('plan')
      }
      const held = await catalog.held(mode, addOns)
      for (const { key } of body.addOns ?? []) {
        const isHeld = held.some(({ version }) => version.planKey === key)
        if (!isHeld && !(await isOffered(key))) throw notFound('add-on')
      }
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
