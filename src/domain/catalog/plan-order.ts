import type { Currency } from '../../kit/currency.ts'
import { compareFractions } from '../../kit/fraction.ts'
import { monthlyPrice } from './monthly-price.ts'
import type { PlanDefinition } from './plan.ts'

export type ChangeDirection = 'upgrade' | 'downgrade' | 'lateral'

export interface OrderedPlan {
  readonly planKey: string
  readonly definition: PlanDefinition
}

/**
 * Whether a change goes up or down: by the operator's plan order, whatever the plans cost; by their monthly price where
 * the order does not tell them apart.
 */
export function directionOf(
  from: OrderedPlan,
  to: OrderedPlan,
  planOrder: readonly string[],
  currency: Currency,
): ChangeDirection {
  const fromPosition = planOrder.indexOf(from.planKey)
  const toPosition = planOrder.indexOf(to.planKey)
  const isOrdered = fromPosition !== -1 && toPosition !== -1 && fromPosition !== toPosition
  const difference = isOrdered
    ? toPosition - fromPosition
    : compareFractions(
        monthlyPrice(to.definition, currency),
        monthlyPrice(from.definition, currency),
      )
  if (difference === 0) return 'lateral'
  return difference > 0 ? 'upgrade' : 'downgrade'
}
