import { notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { PlanVersion } from '../../domain/catalog/plan.ts'
import { contract } from '../contract/contract.ts'
import { estimateToApi, instantOf, nextInvoiceToApi, sampleOf } from '../estimates.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'

/** What things would cost, for operators: any plan, also a draft, and any subscription. */
export function estimateRoutes(services: Services): Implementation[] {
  const { catalog, estimates, subscriptions } = services

  async function versionOf(
    mode: Mode,
    planKey: string,
    number: number | undefined,
  ): Promise<PlanVersion> {
    if (number === undefined) return catalog.getActive(mode, planKey)
    const versions = await catalog.versions(mode, planKey)
    const version = versions.find((each) => each.version === number)
    if (version === undefined) throw notFound('plan version')
    return version
  }

  return [
    implement(contract.estimateCost, async ({ body }, { caller }) => {
      const { mode } = caller
      const { planKey, planVersion, subscriptionId, currency, phaseKey, timeZone } = body
      const at = instantOf(body.at)
      if (subscriptionId !== undefined) {
        const subscription = await subscriptions.get(mode, subscriptionId)
        return estimateToApi(await estimates.ofSubscription(subscription, at, sampleOf(body)))
      }
      const question = {
        version: await versionOf(mode, planKey ?? '', planVersion),
        currency: currency ?? null,
        phaseKey: phaseKey ?? null,
        at,
        timeZone: timeZone ?? 'UTC',
      }
      return estimateToApi(await estimates.ofPlan(mode, question, sampleOf(body)))
    }),

    implement(contract.getNextInvoice, async ({ params }, { caller }) => {
      const subscription = await subscriptions.get(caller.mode, params.subscriptionId)
      return nextInvoiceToApi(await estimates.next(subscription))
    }),
  ]
}
