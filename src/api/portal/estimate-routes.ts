import { AppError, notFound } from '../../errors.ts'
import { contract } from '../contract/contract.ts'
import { estimateToApi, instantOf, nextInvoiceToApi, sampleOf } from '../estimates.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'

/** What things would cost a portal user's account: on its own terms, or on a plan it may choose. */
export function portalEstimateRoutes(services: Services): Implementation[] {
  const { accounts, catalog, estimates, invitedPlans, subscriptions } = services

  return [
    implement(contract.estimateOwnCost, async ({ body }, { caller, customerId }) => {
      const { mode } = caller
      const { planKey } = body
      const at = instantOf(body.at)
      const own = await subscriptions.findOpen(mode, customerId)
      if (planKey === undefined || planKey === own?.planKey) {
        if (own === undefined) throw new AppError('no_active_subscription', {})
        return estimateToApi(await estimates.ofSubscription(own, at, sampleOf(body)))
      }
      const version = await catalog.getActive(mode, planKey)
      if (!(await invitedPlans.isOpenTo(mode, version, customerId))) throw notFound('plan')
      const { currency, timeZone } = await accounts.get(mode, customerId)
      const question = { version, currency, phaseKey: null, at, timeZone }
      return estimateToApi(await estimates.ofPlan(mode, question, sampleOf(body)))
    }),

    implement(contract.getOwnNextInvoice, async (_, { caller, customerId }) => {
      const own = await subscriptions.findOpen(caller.mode, customerId)
      return nextInvoiceToApi(own === undefined ? undefined : await estimates.next(own))
    }),
  ]
}
