import type { UseQueryResult } from '@tanstack/react-query'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { Checkbox } from '../../../ui/checkbox.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Link } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Named } from '../../customer-names.ts'
import { paths } from '../../paths.ts'
import { type MemberPreview, outcomeOf, type Preview, refusalWords } from './present-migration.ts'
import { PREVIEW_HEADS } from './skeleton.tsx'

type NamedPreview = Omit<Preview, 'members'> & { readonly members: Named<MemberPreview>[] }

interface DryRunProps {
  readonly dryRun: UseQueryResult<NamedPreview>
  /** Customers the operator leaves where they are. */
  readonly leftOut: ReadonlySet<string>
  readonly onLeaveOut: (leftOut: ReadonlySet<string>) => void
  readonly refusal: string | undefined
}

interface Row extends Named<MemberPreview> {
  readonly isLeftOut: boolean
  readonly onToggle: (isLeftOut: boolean) => void
}

const COLUMNS: readonly Column<Row>[] = withCells(PREVIEW_HEADS, {
  customer: ({ customerId, customerName }) => (
    <Link to={paths.customer} params={{ customerId }}>
      {customerName}
    </Link>
  ),
  from: ({ fromVersion }) => fromVersion,
  before: ({ monthlyBefore }) => <Amount value={monthlyBefore} />,
  after: ({ monthlyAfter }) => <Amount value={monthlyAfter} />,
  due: ({ dueNow }) => (dueNow.amountMinor === 0 ? '–' : <Amount value={dueNow} />),
  when: ({ effectiveAt, refusal, isLeftOut }) => {
    if (isLeftOut) return <Badge>stays</Badge>
    if (refusal !== null) return <Badge tone="warning">{refusalWords(refusal)}</Badge>
    return effectiveAt === null ? 'after the notice' : <Time at={effectiveAt} as="date" />
  },
  act: ({ isLeftOut, onToggle, refusal }) =>
    refusal === null && <Checkbox label="Leave out" isChecked={isLeftOut} onChange={onToggle} />,
})

/** What the migration would do to each, computed by what does it. */
export function DryRun({ dryRun, leftOut, onLeaveOut, refusal }: DryRunProps) {
  const { data, error, refetch } = dryRun
  if (refusal !== undefined) {
    return (
      <Card title="Dry run">
        <EmptyState icon="lock" title="Not for your role" description={refusal} />
      </Card>
    )
  }
  const rows = data?.members.map((member) => ({
    ...member,
    isLeftOut: leftOut.has(member.customerId),
    onToggle: (isLeftOut: boolean) => {
      const next = new Set(leftOut)
      if (isLeftOut) next.add(member.customerId)
      else next.delete(member.customerId)
      onLeaveOut(next)
    },
  }))
  return (
    <Card
      isFlush
      title="Dry run"
      {...(data !== undefined && { description: <Outcome preview={data} leftOut={leftOut} /> })}
    >
      <DataTable
        label="Dry run"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ subscriptionId }) => subscriptionId}
        skeletonRows={5}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState
            icon="users"
            title="Nobody would be moved"
            description="Nobody has one of these versions now."
          />
        }
      />
    </Card>
  )
}

interface OutcomeProps {
  readonly preview: NamedPreview
  readonly leftOut: ReadonlySet<string>
}

function Outcome({ preview: { members, memberCount }, leftOut }: OutcomeProps) {
  const { moving, left, refused, monthly, dueNow } = outcomeOf(members, leftOut)
  const isCut = memberCount > members.length
  const counts = [
    `${moving} move`,
    ...(left === 0 ? [] : [`${left} stay`]),
    ...(refused === 0 ? [] : [`${refused} cannot be moved`]),
  ].join(', ')
  return (
    <Stack gap={1}>
      <span>
        {isCut
          ? `The first ${members.length} of ${countOf(memberCount, 'subscriber')}: ${counts}.`
          : `${counts}.`}
      </span>
      {monthly.length > 0 && <span>Together each month: {monthly.join(', ')}.</span>}
      {dueNow.length > 0 && <span>Charged with the move: {dueNow.join(', ')}.</span>}
    </Stack>
  )
}
