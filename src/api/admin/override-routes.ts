import { isOverriding } from '../../domain/subscriptions/overrides.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { overridesFromApi, overridesToApi } from '../overrides.ts'
import { previewToApi, resultToApi } from '../plan-changes.ts'
import type { Services } from '../services.ts'

/** What operators agree with one customer in place of what the plan says. */
export function overrideRoutes(services: Services): Implementation[] {
  const { changes, subscriptions } = services

  return [
    implement(contract.getOverrides, async ({ params }, { caller }) => {
      const { overrides } = await subscriptions.get(caller.mode, params.subscriptionId)
      return { overrides: isOverriding(overrides) ? overridesToApi(overrides) : null }
    }),

    implement(contract.previewOverrides, async ({ params, body }, { caller }) => {
      const request = { overrides: overridesFromApi(body.overrides), timing: body.timing }
      const preview = await changes.previewOverrides(caller, params.subscriptionId, request)
      return previewToApi(services, caller, preview)
    }),

    implement(contract.overrideSubscription, async ({ params, body }, { caller }) => {
      const { subscriptionId } = params
      const change = await changes.execute(caller, subscriptionId, body.quoteId, 'overrides')
      return resultToApi(services, caller, change, { successUrl: '', cancelUrl: '' })
    }),
  ]
}
