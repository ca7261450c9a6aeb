import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Stepper } from '../../../ui/stepper.tsx'
import { paths } from '../../paths.ts'
import { checkoutQuery, keysQuery, overviewQuery } from '../../queries.ts'
import { Started } from './started.tsx'
import { askAgainAfter, checkoutState, LONG_MS } from './present-checkout.ts'

const ACCOUNT_EVERY_MS = 1_000

const route = getRouteApi('/app/checkout/$intentId')

/** Where the payment page sends people: what became of the purchase, asked for until it is settled. */
export function CheckoutReturn() {
  const { intentId } = route.useParams()
  const queryClient = useQueryClient()
  const [arrivedAt] = useState(() => Date.now())
  const { data: checkout } = useSuspenseQuery({
    ...checkoutQuery(intentId),
    refetchInterval: ({ state: { data } }) => {
      if (data === undefined) return false
      const state = checkoutState(data, queryClient.getQueryData(overviewQuery.queryKey))
      return askAgainAfter(state, Date.now() - arrivedAt) ?? false
    },
  })
  const { data: overview } = useQuery({
    ...overviewQuery,
    // The purchase knows its subscription first; the account follows within moments.
    refetchInterval: ({ state: { data } }) =>
      checkout.subscription !== null && checkoutState(checkout, data).kind === 'under_way'
        ? ACCOUNT_EVERY_MS
        : false,
  })
  const state = checkoutState(checkout, overview)
  const isDone = state.kind === 'done'
  useEffect(() => {
    // A first plan comes with a key, which nobody has asked for yet or before it was there.
    if (isDone) void queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
  }, [isDone, queryClient])
  switch (state.kind) {
    case 'done':
      return <Started subscription={checkout.subscription} />
    case 'expired':
      return (
        <Outcome
          title="The payment page has expired"
          description="Nothing was charged. Choose your plan again and a new page opens."
        />
      )
    case 'failed':
      return (
        <Outcome
          title="The payment did not go through"
          description="Your bank refused it or it was not confirmed in time. Nothing was charged; try again or use another card."
        />
      )
    case 'under_way':
      return (
        <Stack gap={6}>
          <PageHeader
            title="Finishing your purchase"
            description="This takes a few seconds. You can reload or leave this page; nothing is lost."
          />
          <Card>
            <Stepper label="Progress" steps={state.steps} />
          </Card>
          <Delay />
        </Stack>
      )
  }
}

/** Says why it takes so long, once it does. */
function Delay() {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isLong) return null
  return (
    <Banner tone="info" title="The payment provider has not confirmed yet">
      Some banks and payment methods take minutes. You are not charged twice, and nothing more is
      needed from you: as soon as the payment is confirmed your plan starts, whether this page is
      open or not.
    </Banner>
  )
}

function Outcome({ title, description }: { readonly title: string; readonly description: string }) {
  return (
    <Stack gap={6}>
      <PageHeader title="Your purchase" />
      <Card>
        <EmptyState
          icon="x-circle"
          title={title}
          description={description}
          action={
            <ButtonLink to={paths.plans} variant="primary">
              Choose a plan again
            </ButtonLink>
          }
        />
      </Card>
    </Stack>
  )
}
