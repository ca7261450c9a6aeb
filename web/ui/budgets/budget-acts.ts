import type { BudgetChange, NewBudget } from './present-budget.ts'

/** What the app does when somebody asks for it: sends it and asks anew. */
export interface BudgetActs {
  set(budget: NewBudget, idempotencyKey: string): Promise<unknown>
  change(budgetId: string, change: BudgetChange, idempotencyKey: string): Promise<unknown>
  remove(budgetId: string, idempotencyKey: string): Promise<unknown>
}
