import { contract } from '../contract/contract.ts'
import { budgetToApi, toBudgetChange, toBudgetInput } from '../budgets-to-api.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { DONE } from '../to-api.ts'

/** The budgets of a portal user's account. */
export function portalBudgetRoutes({ budgets }: Services): Implementation[] {
  return [
    implement(contract.listOwnBudgets, async (_, { caller, customerId }) => ({
      data: (await budgets.read(caller.mode, customerId)).map(budgetToApi),
    })),

    implement(contract.createOwnBudget, async ({ body }, { caller, customerId }) =>
      budgetToApi(await budgets.create(caller, customerId, toBudgetInput(body))),
    ),

    implement(contract.changeOwnBudget, async ({ params, body }, { caller, customerId }) =>
      budgetToApi(await budgets.change(caller, customerId, params.budgetId, toBudgetChange(body))),
    ),

    implement(contract.removeOwnBudget, async ({ params }, { caller, customerId }) => {
      await budgets.remove(caller, customerId, params.budgetId)
      return DONE
    }),
  ]
}
