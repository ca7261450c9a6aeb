import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge, type Tone } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { formatDateTime } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { ButtonLink, Link, TileLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Stat } from '../../../ui/stat.tsx'
import { mode } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import {
  auditQuery,
  clockQuery,
  liveConnectionQuery,
  plansQuery,
  summaryQuery,
} from '../../queries.ts'
import { EntryTimeline } from '../audit/entry-timeline.tsx'
import { BusinessTiles } from './business-tiles.tsx'
import { AdvanceTime } from './advance-time.tsx'
import { isFresh } from './next-steps.ts'
import { NextSteps } from './next-steps-card.tsx'
import styles from './page.module.css'

const route = getRouteApi('/app/')

const LATEST = 10

export function HomePage() {
  const { data: summary } = useSuspenseQuery(summaryQuery)
  const { data: clock } = useSuspenseQuery(clockQuery)
  const { data: plans } = useSuspenseQuery(plansQuery)
  const { data: live } = useQuery(liveConnectionQuery)
  const { act } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Stack gap={4}>
      <PageHeader
        title="Home"
        actions={
          mode === 'test' && (
            <AdvanceTime
              isMovable={clock.isMovable}
              isOpen={act === 'advance'}
              onOpenChange={(isOpen) =>
                void navigate({ search: isOpen ? { act: 'advance' } : {}, replace: true })
              }
            />
          )
        }
      />
      {isFresh(summary) && (
        <NextSteps
          situation={{
            ...summary,
            publishedPlans: plans.data.filter(({ active }) => active !== null).length,
            clockOffsetMs: clock.offsetMs,
            isLiveConnected: live?.isConnected ?? false,
          }}
        />
      )}
      <Grid gap={3} minWidth="13rem">
        <TileLink to={paths.customers}>
          <Card>
            <Stat label="Customers" value={summary.customers} note="with an open account" />
          </Card>
        </TileLink>
        <TileLink to={paths.subscriptions} search={{ state: 'open' }}>
          <Card>
            <Stat
              label="Subscriptions"
              value={summary.activeSubscriptions}
              note="that have begun and not ended"
            />
          </Card>
        </TileLink>
        <TileLink to={paths.plans}>
          <Card>
            <Stat
              label="Plans on sale"
              value={plans.data.filter(({ active }) => active !== null).length}
              note={`of ${plans.data.length}`}
            />
          </Card>
        </TileLink>
        <Card>
          <ModeTime offsetMs={clock.offsetMs} />
        </Card>
      </Grid>
      {!isFresh(summary) && <BusinessTiles />}
      <Grid gap={4} columns="3fr 2fr">
        <Lately />
        <Todo />
      </Grid>
    </Stack>
  )
}

/** What time it is in this mode, which is where everything here happens. */
function ModeTime({ offsetMs }: { readonly offsetMs: number }) {
  const now = useNow()
  const days = Math.round(offsetMs / 86_400_000)
  return (
    <Stat
      label={mode === 'test' ? 'Time in test mode' : 'Time'}
      value={<span className={styles.time}>{formatDateTime(new Date(now).toISOString())}</span>}
      note={days > 0 ? `${days} days ahead of real time` : 'real time'}
    />
  )
}

interface TodoWords {
  readonly tone: Tone
  readonly words: (count: number) => string
  readonly link: { readonly to: string; readonly search?: Readonly<Record<string, string>> }
}

const TODO: Readonly<Record<string, TodoWords>> = {
  webhooks_failed: {
    tone: 'danger',
    words: (count) =>
      count === 1 ? 'webhook event could not be applied' : 'webhook events could not be applied',
    link: { to: paths.webhookInbox, search: { state: 'failed' } },
  },
  drafts_unpublished: {
    tone: 'info',
    words: (count) => (count === 1 ? 'plan has a draft' : 'plans have drafts'),
    link: { to: paths.plans },
  },
  stripe_not_connected: {
    tone: 'warning',
    words: () => 'Stripe is not connected',
    link: { to: paths.stripe },
  },
}

function Todo() {
  const { data: summary } = useSuspenseQuery(summaryQuery)
  const items = summary.todo.flatMap(({ kind, count }) => {
    const words = TODO[kind]
    return words === undefined ? [] : [{ kind, count, ...words }]
  })
  return (
    <Card title="To do">
      {items.length === 0 ? (
        <p className={styles.quiet}>Nothing needs you right now.</p>
      ) : (
        <ul className={styles.todo}>
          {items.map(({ kind, count, tone, words, link }) => (
            <li key={kind}>
              <Badge tone={tone}>{count}</Badge>
              <Link {...link}>{words(count)}</Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Lately() {
  const refusal = useRefusal('audit.read')
  const { data, error, refetch } = useQuery({
    ...auditQuery({ limit: LATEST }),
    enabled: refusal === undefined,
  })
  return (
    <Card
      title="Lately"
      actions={
        refusal === undefined && (
          <ButtonLink size="sm" variant="ghost" to={paths.audit}>
            Audit log
          </ButtonLink>
        )
      }
    >
      {refusal !== undefined ? (
        <p className={styles.quiet}>{refusal}</p>
      ) : error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={10} height="0.875rem" />
      ) : (
        <EntryTimeline label="Lately" entries={data.data} />
      )}
    </Card>
  )
}
