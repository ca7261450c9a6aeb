import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Banner } from '../../../ui/banner.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { creditPurchaseQuery } from '../../queries.ts'

const ASK_EVERY_MS = 1_000

/** Back from the payment page: what became of the purchase, asked for until it is settled. */
export function PurchaseBanner({ purchaseId }: { readonly purchaseId: string }) {
  const queryClient = useQueryClient()
  const { data: purchase } = useQuery({
    ...creditPurchaseQuery(purchaseId),
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? ASK_EVERY_MS : false),
  })
  const state = purchase?.state
  // The balance follows the purchase; both are the server's.
  useEffect(() => {
    if (state === 'paid') void queryClient.invalidateQueries({ queryKey: ['credits'] })
  }, [queryClient, state])
  if (purchase === undefined) return null
  switch (purchase.state) {
    case 'pending':
      return (
        <Banner tone="info" title="Waiting for the payment to be confirmed">
          Your credits appear here as soon as it is, whether this page is open or not.
        </Banner>
      )
    case 'paid':
      return (
        <Banner
          tone="success"
          title={`Paid ${formatAmount(purchase.amount)}: your credits are here`}
        />
      )
    case 'failed':
      return (
        <Banner tone="danger" title="The payment did not go through">
          {purchase.failureMessage ?? 'Nothing was charged. Try again or use another card.'}
        </Banner>
      )
    case 'expired':
      return (
        <Banner tone="warning" title="The payment page has expired">
          Nothing was charged. Choose a pack again and a new page opens.
        </Banner>
      )
  }
}
