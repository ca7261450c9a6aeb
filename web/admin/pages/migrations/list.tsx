import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink, RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { listFilters } from '../../list-filters.ts'
import { paths } from '../../paths.ts'
import { migrationsQuery } from '../../money-queries.ts'
import { plansQuery } from '../../queries.ts'
import { nameOf } from '../plans/present-plan.ts'
import {
  type Migration,
  migrationStateOf,
  progressWords,
  timingWords,
} from './present-migration.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/migrations')

const COLUMNS: readonly Column<Migration>[] = withCells(HEADS, {
  plan: ({ id, planKey, toVersion }) => (
    <RowLink to={paths.migration} params={{ migrationId: id }}>
      {planKey} to version {toVersion}
    </RowLink>
  ),
  state: (migration) => {
    const { word, tone } = migrationStateOf(migration)
    return <Badge tone={tone}>{word}</Badge>
  },
  progress: (migration) => progressWords(migration),
  timing: (migration) => timingWords(migration),
  begun: ({ createdAt }) => <Time at={createdAt} as="date" />,
})

export function MigrationList() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(migrationsQuery(search))
  const { data: plans } = useSuspenseQuery(plansQuery)
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { filter, clear, isFiltered } = listFilters(
    search,
    (next) => void navigate({ search: next, replace: true }),
  )
  return (
    <Stack gap={4}>
      <PageHeader
        title="Migrations"
        description="Subscribers stay on the version they bought. A migration moves them to another, after telling them."
      />
      <FilterBar
        filters={[
          {
            key: 'planKey',
            label: 'Plan',
            value: search.planKey,
            options: plans.data.map((plan) => ({ value: plan.key, label: nameOf(plan) })),
          },
        ]}
        onFilter={filter}
      />
      <Card isFlush>
        <DataTable
          label="Migrations"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No migration of this plan"
                description="Its subscribers have the versions they bought."
                action={<Button onClick={clear}>Show all</Button>}
              />
            ) : (
              <EmptyState
                icon="arrow-right"
                title="Nobody was moved yet"
                description="Publish another version of a plan, then move its subscribers from the plan’s page."
                action={<ButtonLink to={paths.plans}>See the plans</ButtonLink>}
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'migration')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}
