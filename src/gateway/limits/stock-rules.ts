import type { BudgetRule } from '../../domain/budgets/budget.ts'
import type { AccessRecord } from '../../domain/entitlements/access-record.ts'
import type { QuotaRule } from '../../domain/entitlements/grants.ts'
import { formatInstant } from '../../kit/instant.ts'
import type { StockRule } from './quota.ts'

/** A quota of the plan as something that is held in stock. */
export function quotaStock(
  { featureKey, meterKey, limit, ceiling, onLimit, throttle }: QuotaRule,
  { subscriptionId, quotaExceededStatus }: AccessRecord,
): StockRule {
  return {
    name: featureKey,
    scope: 'subscription',
    isShown: true,
    limit,
    ceiling,
    onLimit,
    throttle,
    source: { kind: 'quota', subscriptionId: subscriptionId ?? '', meterKey },
    exceeded: ({ limit: units, used, resetAt }) => ({
      code: 'quota_exceeded',
      status: quotaExceededStatus,
      params: { limit: units, feature: featureKey, used, resetsAt: resetAt ?? '' },
      actions: ['wait', 'upgrade'],
    }),
  }
}

/** A budget likewise. The one that only tells is counted and refuses nothing. */
export function budgetStock(rule: BudgetRule): StockRule {
  const { name, customerId, apiKeyId, worth, unit, limit, isHard, window } = rule
  return {
    name,
    scope: apiKeyId === null ? 'customer' : 'key',
    // The quota headers speak of the plan.
    isShown: false,
    limit,
    ceiling: limit,
    onLimit: isHard ? 'block' : 'warn',
    throttle: null,
    source: { kind: 'budget', customerId, apiKeyId, worth },
    exceeded: ({ limit: amount, used, resetAt }) => ({
      code: 'budget_exceeded',
      params: {
        budget: name,
        limit: amount,
        unit,
        window,
        used,
        resetsAt: resetAt ?? formatInstant(0),
      },
      actions: ['wait', 'raise_budget'],
    }),
  }
}
