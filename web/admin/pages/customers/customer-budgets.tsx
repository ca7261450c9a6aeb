import { useQuery, useQueryClient } from '@tanstack/react-query'
import { BudgetsCard } from '../../../ui/budgets/budgets-card.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { customerBudgetsQuery, customerKeysQuery, metersQuery } from '../../queries.ts'
import type { CustomerDetail } from './present-customer.ts'

const PATH = '/api/v1/customers/{customerId}/budgets/{budgetId}'

/** What the customer allows itself and its keys; an operator may set and change it for them. */
export function CustomerBudgets({ customer }: { readonly customer: CustomerDetail }) {
  const customerId = customer.id
  const queryClient = useQueryClient()
  const disabledReason = useRefusal('keys.write')
  const budgets = useQuery(customerBudgetsQuery(customerId))
  const keys = useQuery(customerKeysQuery(customerId))
  const meters = useQuery(metersQuery)
  const refresh = () =>
    Promise.all(
      ['customers', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
    )
  return (
    <BudgetsCard
      description="Limits the customer has beside those of the plan, for one key or all of them together."
      budgets={budgets.data?.data}
      error={budgets.error}
      onRetry={() => void budgets.refetch()}
      keys={keys.data?.data ?? []}
      meters={meters.data?.data ?? []}
      currency={customer.subscription?.currency ?? null}
      disabledReason={disabledReason}
      acts={{
        async set(body, idempotencyKey) {
          const params = { customerId }
          const path = '/api/v1/customers/{customerId}/budgets'
          await client.post(path, { params, body, idempotencyKey })
          await refresh()
        },
        async change(budgetId, body, idempotencyKey) {
          await client.patch(PATH, { params: { customerId, budgetId }, body, idempotencyKey })
          await refresh()
        },
        async remove(budgetId, idempotencyKey) {
          await client.delete(PATH, { params: { customerId, budgetId }, idempotencyKey })
          await refresh()
        },
      }}
    />
  )
}
