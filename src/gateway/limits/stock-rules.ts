import type { BudgetRule } from '../../domain/budgets/budget.ts'
import type { AccessRecord } from '../../domain/entitlements/access-record.ts'
import type { QuotaRule } from '../../domain/entitlements/grants.ts'
import type { CreditRule } from '../../domain/credits/spending/credit-terms.ts'
import { decimal } from '../../kit/decimal.ts'
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

/** More units than anybody's credits pay for: how many they do, the authority knows. */
const BEYOND_ALL_CREDITS = decimal(1_000_000_000_000)

/** What credits pay of a feature, likewise. What is told of it, `CreditedQuota` says. */
export function creditStock(
  { featureKey, meterKey }: CreditRule,
  { subscriptionId }: AccessRecord,
): StockRule {
  return {
    name: featureKey,
    scope: 'customer',
    isShown: false,
    limit: BEYOND_ALL_CREDITS,
    ceiling: BEYOND_ALL_CREDITS,
    onLimit: 'block',
    throttle: null,
    // Nobody asks for it: an account of credits is always open.
    source: { kind: 'quota', subscriptionId: subscriptionId ?? '', meterKey },
    exceeded: () => ({ code: 'insufficient_credits', params: {} }),
  }
}
