import { useQuery } from '@tanstack/react-query'
import { plansQuery } from '../../queries.ts'
import { type PlanWords, planWords } from '../plans/present-plan.ts'
import type { Subscription } from './present-subscription.ts'

/**
 * The words of the plan a subscription is on. Undefined while they are not known, and for a version that is no longer
 * sold: nothing is said then, rather than today's price of a plan that was bought at another.
 */
export function usePlanWords(subscription: Subscription | null): PlanWords | undefined {
  const { data } = useQuery(plansQuery)
  if (subscription === null) return undefined
  const { planKey, planVersion, currency } = subscription
  const plan = data?.data.find(({ key, version }) => key === planKey && version === planVersion)
  return plan && planWords(plan, currency)
}
