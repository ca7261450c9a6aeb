import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset } from '../../../ui/clock.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { client } from '../../api.ts'
import { operatorsQuery, tokensQuery } from '../../queries.ts'
import { IssueToken } from './issue-token.tsx'
import { roleWords } from './present-role.ts'
import { OPERATOR_HEADS, TOKEN_HEADS } from './skeleton.tsx'

type Operator = ResponseOf<'get', '/api/v1/operators'>['data'][number]
type Token = ResponseOf<'get', '/api/v1/tokens'>['data'][number]

const route = getRouteApi('/app/operators')

const OPERATORS: readonly Column<Operator>[] = withCells(OPERATOR_HEADS, {
  name: (operator) => operator.name,
  email: (operator) => operator.email,
  roles: (operator) => (
    <Stack direction="row" gap={2} canWrap>
      {operator.roles.map((role) => (
        <Badge key={role}>{roleWords(role)}</Badge>
      ))}
    </Stack>
  ),
  since: (operator) => <Time at={operator.createdAt} as="date" />,
})

const TOKENS: readonly Column<Token>[] = withCells(TOKEN_HEADS, {
  name: (token) => token.name,
  start: (token) => <code>{token.start}…</code>,
  used: (token) => (token.lastUsedAt === null ? 'never' : <Time at={token.lastUsedAt} />),
  expires: (token) =>
    token.expiresAt === null ? 'never' : <Time at={token.expiresAt} as="date" />,
  created: (token) => <Time at={token.createdAt} as="date" />,
  actions: (token) => <RevokeToken token={token} />,
})

export function OperatorsPage() {
  const { act } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: operators } = useSuspenseQuery(operatorsQuery)
  const { data: tokens } = useSuspenseQuery(tokensQuery)
  const issue = (
    <IssueToken
      isOpen={act === 'issue'}
      onOpenChange={(isOpen) =>
        void navigate({ search: isOpen ? { act: 'issue' } : {}, replace: true })
      }
    />
  )
  return (
    <ClockOffset offsetMs={0}>
      <Stack gap={4}>
        <PageHeader title="Operators & tokens" />
        <Card
          isFlush
          title="Operators"
          description="Who may sign in here. Roles add up; what a role does not allow is refused by the API."
        >
          <DataTable
            label="Operators"
            columns={OPERATORS}
            rows={operators.data}
            rowKey={(operator) => operator.id}
            empty={null}
          />
        </Card>
        <Card
          isFlush
          title="Your API tokens"
          description="For the command line and for scripts. A token may do what you may."
          actions={tokens.data.length > 0 && issue}
        >
          <DataTable
            label="Your API tokens"
            columns={TOKENS}
            rows={tokens.data}
            rowKey={(token) => token.id}
            empty={
              <EmptyState
                icon="terminal"
                title="No tokens"
                description="Issue one to use the REST API or the command line as yourself."
                action={issue}
              />
            }
          />
        </Card>
      </Stack>
    </ClockOffset>
  )
}

function RevokeToken({ token }: { readonly token: Token }) {
  const queryClient = useQueryClient()
  return (
    <ConfirmDialog
      title={`Revoke the token “${token.name}”?`}
      object={[
        { label: 'Token', value: <code>{token.start}…</code> },
        {
          label: 'Last used',
          value: token.lastUsedAt === null ? 'never' : <Time at={token.lastUsedAt} />,
        },
      ]}
      consequences={['Requests with it are refused at once.', 'It cannot be brought back.']}
      verb="Revoke token"
      trigger={
        <Button size="sm" aria-label={`Revoke ${token.name}`}>
          Revoke
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        const params = { tokenId: token.id }
        await client.delete('/api/v1/tokens/{tokenId}', { params, idempotencyKey })
        await queryClient.invalidateQueries({ queryKey: ['tokens'] })
      }}
    />
  )
}
