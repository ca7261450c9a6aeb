import type { z } from 'zod'
import type { BudgetChange, BudgetInput, BudgetReading } from '../domain/budgets/service.ts'
import { decimal, formatDecimal } from '../kit/decimal.ts'
import { formatInstant } from '../kit/instant.ts'
import type { contract } from './contract/contract.ts'

type NewBudget = z.output<(typeof contract)['createOwnBudget']['body']>
type ChangedBudget = z.output<(typeof contract)['changeOwnBudget']['body']>

export function budgetToApi({ budget, used, window }: BudgetReading) {
  const { id, name, apiKeyId, measure, amount, isHard, alertPercents, createdAt } = budget
  return {
    id,
    name,
    keyId: apiKeyId,
    meterKey: measure.kind === 'units' ? measure.meterKey : null,
    currency: measure.kind === 'money' ? measure.currency : null,
    amount: formatDecimal(amount),
    used: formatDecimal(used),
    window: budget.window,
    isHard,
    alertPercents: [...alertPercents],
    startsAt: formatInstant(window.startsAt),
    resetsAt: formatInstant(window.endsAt),
    createdAt: formatInstant(createdAt),
  }
}

/** The contract has seen to it that there is either a meter or a currency. */
export function toBudgetInput({
  keyId,
  meterKey,
  currency,
  amount,
  ...rest
}: NewBudget): BudgetInput {
  return {
    ...rest,
    apiKeyId: keyId,
    measure:
      meterKey === null ? { kind: 'money', currency: currency ?? '' } : { kind: 'units', meterKey },
    amount: decimal(amount),
  }
}

export function toBudgetChange({ amount, ...rest }: ChangedBudget): BudgetChange {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(given) as BudgetChange),
    ...(amount !== undefined && { amount: decimal(amount) }),
  }
}
