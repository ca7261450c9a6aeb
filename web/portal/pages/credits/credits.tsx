import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { CreditBalances } from '../../../ui/credit-balances.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { TopUpHistory } from '../../../ui/top-up-history.tsx'
import { creditEntriesQuery, creditsQuery, topUpsQuery } from '../../queries.ts'
import { Packs } from './packs.tsx'
import {
  categoryOf,
  type CreditEntry,
  type CreditGrant,
  creditWords,
  grantState,
  movementOf,
  signedWords,
} from '../../../ui/credit-words.ts'
import type { Credits } from './present-credits.ts'
import { PurchaseBanner } from './purchase-banner.tsx'
import { CreditsHeader, ENTRY_HEADS, GRANT_HEADS } from './skeleton.tsx'
import { TopUpCard } from './top-up-card.tsx'

const route = getRouteApi('/app/billing/credits')

const GRANTS: readonly Column<CreditGrant>[] = withCells(GRANT_HEADS, {
  amount: ({ amount, unit }) => creditWords(amount, unit),
  category: categoryOf,
  state: (grant) => {
    const { word, tone } = grantState(grant)
    return <Badge tone={tone}>{word}</Badge>
  },
  left: ({ left, unit }) => creditWords(left, unit),
  expires: ({ expiresAt }) => (expiresAt === null ? 'never' : <Time at={expiresAt} as="date" />),
})

const ENTRIES: readonly Column<CreditEntry>[] = withCells(ENTRY_HEADS, {
  what: movementOf,
  at: ({ at }) => <Time at={at} as="date-time" />,
  amount: signedWords,
  after: ({ balanceAfter, unit }) => creditWords(balanceAfter, unit),
})

export function CreditsPage() {
  const { purchase } = route.useSearch()
  const { data: credits } = useSuspenseQuery(creditsQuery)
  const { packs, grants, topUp } = credits
  return (
    <Stack gap={6}>
      <CreditsHeader />
      {purchase !== undefined && <PurchaseBanner purchaseId={purchase} />}
      <Balances credits={credits} />
      {packs.length > 0 && <Packs packs={packs} />}
      {packs.length > 0 && <TopUpCard packs={packs} topUp={topUp} />}
      {topUp !== null && <TopUps />}
      {grants.length > 0 && (
        <Card isFlush title="What you were given and have bought">
          <DataTable
            label="Credits"
            columns={GRANTS}
            rows={grants}
            rowKey={({ id }) => id}
            empty={null}
          />
        </Card>
      )}
      <Ledger />
    </Stack>
  )
}

function Balances({ credits }: { readonly credits: Credits }) {
  if (credits.balances.length === 0) {
    return (
      <Card>
        <EmptyState
          icon="coins"
          title="No credits"
          description={
            credits.packs.length > 0
              ? 'Buy a pack below, and it is used before anything else is billed.'
              : 'Credits that you are given appear here.'
          }
        />
      </Card>
    )
  }
  return <CreditBalances account={credits} held="held for calls under way" owed="used beyond it" />
}

function TopUps() {
  const { data, error, refetch } = useQuery(topUpsQuery)
  return <TopUpHistory page={data} error={error} onRetry={() => void refetch()} />
}

function Ledger() {
  const { cursor } = route.useSearch()
  const { data } = useSuspenseQuery(creditEntriesQuery({ cursor }))
  const steps = useCursorSteps(cursor, data.nextCursor)
  return (
    <Card isFlush title="Every movement">
      <DataTable
        label="Every movement"
        columns={ENTRIES}
        rows={data.data}
        rowKey={({ at, causeId, type, unit }) => `${at}${causeId}${type}${unit}`}
        empty={
          <EmptyState
            icon="scale"
            title="Nothing has moved yet"
            description="What is added, used or expires is listed here, to the last unit."
          />
        }
        footer={<Pagination summary={countOf(data.data.length, 'movement')} {...steps} />}
      />
    </Card>
  )
}
