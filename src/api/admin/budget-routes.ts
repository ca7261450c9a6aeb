import { contract } from '../contract/contract.ts'
import { budgetToApi, toBudgetChange, toBudgetInput } from '../budgets-to-api.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { DONE } from '../to-api.ts'

/** Customers' budgets, as operators see them. */
export function budgetRoutes({ accounts, budgets }: Services): Implementation[] {
  return [
    implement(contract.listCustomerBudgets, async ({ params }, { caller }) => {
      const { id } = await accounts.get(caller.mode, params.customerId)
      return { data: (await budgets.read(caller.mode, id)).map(budgetToApi) }
    }),

    implement(contract.createCustomerBudget, async ({ params, body }, { caller }) => {
      const { id } = await accounts.get(caller.mode, params.customerId)
      return budgetToApi(await budgets.create(caller, id, toBudgetInput(body)))
    }),

    implement(contract.changeCustomerBudget, async ({ params, body }, { caller }) => {
      const { customerId, budgetId } = params
      return budgetToApi(await budgets.change(caller, customerId, budgetId, toBudgetChange(body)))
    }),

    implement(contract.removeCustomerBudget, async ({ params }, { caller }) => {
      await budgets.remove(caller, params.customerId, params.budgetId)
      return DONE
    }),
  ]
}
