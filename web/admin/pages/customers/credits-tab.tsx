import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CreditBalances } from '../../../ui/credit-balances.tsx'
import {
  categoryOf,
  type CreditEntry,
  type CreditGrant,
  creditWords,
  grantState,
  movementOf,
  signedWords,
} from '../../../ui/credit-words.ts'
import { CopyText } from '../../../ui/copy-text.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { TopUpHistory } from '../../../ui/top-up-history.tsx'
import { client } from '../../api.ts'
import { creditLedgerQuery, customerCreditsQuery, topUpsQuery } from '../../money-queries.ts'
import { useRefusal } from '../../permissions.ts'
import { GiveCredits } from './give-credits.tsx'
import type { CustomerDetail } from './present-customer.ts'
import { TopUpCard } from './top-up-card.tsx'

const ENTRIES: readonly Column<CreditEntry>[] = [
  { key: 'what', header: 'What', cell: movementOf },
  {
    key: 'why',
    header: 'Because of',
    isSecondary: true,
    cell: ({ causeKind, causeId }) => (
      <>
        {causeKind.replaceAll('_', ' ')} <CopyText text={causeId} label="id" />
      </>
    ),
  },
  {
    key: 'at',
    header: 'Time',
    width: '11rem',
    cell: ({ at }) => <Time at={at} as="date-time" />,
  },
  { key: 'amount', header: 'Amount', width: '11rem', align: 'end', cell: signedWords },
  {
    key: 'after',
    header: 'Afterwards',
    width: '11rem',
    align: 'end',
    isSecondary: true,
    cell: ({ balanceAfter, unit }) => creditWords(balanceAfter, unit),
  },
]

function TopUps({ customerId }: { readonly customerId: string }) {
  const { data, error, refetch } = useQuery(topUpsQuery(customerId))
  return <TopUpHistory page={data} error={error} onRetry={() => void refetch()} />
}

/** What a customer has, where it came from, and what became of it. */
export function CustomerCredits({ customer }: { readonly customer: CustomerDetail }) {
  const customerId = customer.id
  const account = useQuery(customerCreditsQuery(customerId))
  const ledger = useQuery(creditLedgerQuery(customerId))
  return (
    <Stack gap={4}>
      {account.data !== undefined && account.data.balances.length > 0 && (
        <CreditBalances account={account.data} held="held by gateways or drafts" owed="owed" />
      )}
      {account.data !== undefined && account.data.topUp !== null && (
        <>
          <TopUpCard topUp={account.data.topUp} />
          <TopUps customerId={customerId} />
        </>
      )}
      <Card isFlush title="Grants" actions={<GiveCredits customer={customer} />}>
        <DataTable
          label="Grants"
          columns={grantColumns(customer)}
          rows={account.data?.grants}
          rowKey={({ id }) => id}
          skeletonRows={3}
          error={account.error}
          onRetry={() => void account.refetch()}
          empty={
            <EmptyState
              icon="coins"
              title="No credits"
              description="What they buy in the portal or are given here is listed with its expiry."
            />
          }
          footer={<Pagination summary={countOf(account.data?.grants.length ?? 0, 'grant')} />}
        />
      </Card>
      <Card isFlush title="Ledger">
        <DataTable
          label="Ledger"
          columns={ENTRIES}
          rows={ledger.data?.data}
          rowKey={({ at, causeId, type, unit, balanceAfter }) =>
            `${at}${causeId}${type}${unit}${balanceAfter}`
          }
          skeletonRows={3}
          error={ledger.error}
          onRetry={() => void ledger.refetch()}
          empty={
            <EmptyState
              icon="scale"
              title="Nothing has moved yet"
              description="Every movement is listed here, newest first, to the last unit."
            />
          }
          footer={<Pagination summary={countOf(ledger.data?.data.length ?? 0, 'movement')} />}
        />
      </Card>
    </Stack>
  )
}

function grantColumns(customer: CustomerDetail): readonly Column<CreditGrant>[] {
  return [
    { key: 'amount', header: 'Credit', cell: ({ amount, unit }) => creditWords(amount, unit) },
    { key: 'from', header: 'Where from', isSecondary: true, cell: fromWords },
    {
      key: 'state',
      header: 'Status',
      width: '7rem',
      cell: (grant) => {
        const { word, tone } = grantState(grant)
        return <Badge tone={tone}>{word}</Badge>
      },
    },
    {
      key: 'left',
      header: 'Left',
      width: '10rem',
      align: 'end',
      cell: ({ left, unit }) => creditWords(left, unit),
    },
    {
      key: 'expires',
      header: 'Expires',
      width: '8rem',
      align: 'end',
      cell: ({ expiresAt }) => (expiresAt === null ? 'never' : <Time at={expiresAt} as="date" />),
    },
    {
      key: 'act',
      header: '',
      width: '8rem',
      align: 'end',
      cell: (grant) => grant.state === 'active' && <TakeBack customer={customer} grant={grant} />,
    },
  ]
}

function fromWords(grant: CreditGrant): string {
  return grant.note === null ? categoryOf(grant) : `${categoryOf(grant)}: ${grant.note}`
}

interface TakeBackProps {
  readonly customer: CustomerDetail
  readonly grant: CreditGrant
}

function TakeBack({ customer, grant }: TakeBackProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('payments.write')
  const left = creditWords(grant.left, grant.unit)
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" variant="ghost" disabledReason={refusal}>
          Take back
        </Button>
      }
      title="Take back what is left of these credits?"
      object={[
        { label: 'Customer', value: customer.name },
        { label: 'Grant', value: <code>{grant.id}</code> },
      ]}
      amount={left}
      consequences={[
        'What was used of them stays used; what gateways hold comes back and is taken too.',
        'Money that was paid for them is not returned: refund the payment for that.',
      ]}
      verb={`Take back ${left}`}
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/credit-grants/{grantId}/void', {
          params: { grantId: grant.id },
          body: { note: null },
          idempotencyKey,
        })
        await Promise.all(
          ['credits', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
        )
      }}
    />
  )
}
