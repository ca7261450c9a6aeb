import { useQuery } from '@tanstack/react-query'
import { overviewQuery } from '../../queries.ts'
import { type PlanWords, planWords } from '../plans/present-plan.ts'
import type { Subscription } from './present-subscription.ts'

/** The words of the plan as the account has it: its version, at the prices that were agreed for it alone. */
export function usePlanWords(subscription: Subscription | null): PlanWords | undefined {
  const { data } = useQuery(overviewQuery)
  if (subscription === null || !data?.plan) return undefined
  return planWords(data.plan, subscription.currency)
}
