import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { BudgetsCard } from '../../../ui/budgets/budgets-card.tsx'
import { client } from '../../api.ts'
import { budgetsQuery, keysQuery, metersQuery, overviewQuery } from '../../queries.ts'

const app = getRouteApi('/app')

/** Who may set limits; the API has the last word. */
const KEY_HOLDERS: ReadonlySet<string> = new Set(['owner', 'admin', 'developer'])

/** What the account allows itself and its keys. */
export function OwnBudgets() {
  const queryClient = useQueryClient()
  const { account } = app.useRouteContext()
  const { data: budgets } = useSuspenseQuery(budgetsQuery)
  const { data: keys } = useSuspenseQuery(keysQuery)
  const { data: meters } = useSuspenseQuery(metersQuery)
  const { data: overview } = useSuspenseQuery(overviewQuery)
  const refresh = () => queryClient.invalidateQueries({ queryKey: budgetsQuery.queryKey })
  return (
    <BudgetsCard
      description="Limits of your own beside those of your plan, for one key or all of them together."
      budgets={budgets.data}
      keys={keys.data}
      meters={meters.data}
      currency={overview.subscription?.currency ?? null}
      disabledReason={
        KEY_HOLDERS.has(account.role)
          ? undefined
          : 'Only owners, admins and developers may do this.'
      }
      acts={{
        async set(body, idempotencyKey) {
          await client.post('/api/v1/portal/budgets', { body, idempotencyKey })
          await refresh()
        },
        async change(budgetId, body, idempotencyKey) {
          const params = { budgetId }
          await client.patch('/api/v1/portal/budgets/{budgetId}', { params, body, idempotencyKey })
          await refresh()
        },
        async remove(budgetId, idempotencyKey) {
          const params = { budgetId }
          await client.delete('/api/v1/portal/budgets/{budgetId}', { params, idempotencyKey })
          await refresh()
        },
      }}
    />
  )
}
