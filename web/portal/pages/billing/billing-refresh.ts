import { useQueryClient } from '@tanstack/react-query'

/** What an act on the subscription may have changed. */
const TOUCHED = [
  'overview',
  'plans',
  'add-ons',
  'keys',
  'invoices',
  'next-invoice',
  'payment-methods',
] as const

/** Asks anew for everything that hangs on the subscription. */
export function useBillingRefresh(): () => Promise<void> {
  const queryClient = useQueryClient()
  return async () => {
    await Promise.all(TOUCHED.map((key) => queryClient.invalidateQueries({ queryKey: [key] })))
  }
}
