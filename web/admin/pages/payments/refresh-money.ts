import type { QueryClient } from '@tanstack/react-query'

/** Everything a movement of money can show in. */
const TOUCHED = [
  'payments',
  'refunds',
  'credit-notes',
  'disputes',
  'dunning',
  'invoices',
  'subscriptions',
  'customers',
  'summary',
  'audit',
]

export function refreshMoney(queryClient: QueryClient): Promise<unknown> {
  return Promise.all(TOUCHED.map((key) => queryClient.invalidateQueries({ queryKey: [key] })))
}
