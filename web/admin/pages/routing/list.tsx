import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf, listOf } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Tabs } from '../../../ui/tabs.tsx'
import { paths } from '../../paths.ts'
import { metersQuery, routesQuery, upstreamsQuery } from '../../queries.ts'
import { CreateRoute } from './create-route.tsx'
import { CreateUpstream } from './create-upstream.tsx'
import { careWords, costWords, matchWords, type Route, type Upstream } from './present-routing.ts'
import { ROUTE_HEADS, UPSTREAM_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/routes')

type RouteRow = Route & { readonly costs: string }
type UpstreamRow = Upstream & { readonly routeCount: number }

const ROUTES: readonly Column<RouteRow>[] = withCells(ROUTE_HEADS, {
  path: (row) => (
    <RowLink to={paths.route} params={{ routeKey: row.key }}>
      {matchWords(row)}
    </RowLink>
  ),
  key: ({ key }) => <code>{key}</code>,
  upstream: ({ upstreamKey }) => <code>{upstreamKey}</code>,
  costs: ({ costs }) => costs,
  state: ({ isEnabled, policy }) => (
    <Badge tone={isEnabled ? (policy.isPublic ? 'info' : 'success') : 'neutral'}>
      {isEnabled ? (policy.isPublic ? 'public' : 'on') : 'off'}
    </Badge>
  ),
})

const UPSTREAMS: readonly Column<UpstreamRow>[] = withCells(UPSTREAM_HEADS, {
  key: ({ key }) => (
    <RowLink to={paths.upstream} params={{ upstreamKey: key }}>
      {key}
    </RowLink>
  ),
  targets: ({ targets }) => listOf(targets.map(({ url }) => url)),
  care: (upstream) => careWords(upstream),
  routes: ({ routeCount }) => routeCount,
})

export function RoutingPage() {
  const { tab = 'routes', act } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: routes } = useSuspenseQuery(routesQuery)
  const { data: upstreams } = useSuspenseQuery(upstreamsQuery)
  const dialog = {
    isOpen: act === 'create',
    onOpenChange: (isOpen: boolean) =>
      void navigate({
        search: { ...(tab === 'upstreams' && { tab }), ...(isOpen && { act: 'create' as const }) },
        replace: true,
      }),
  }
  const isRoutes = tab === 'routes'
  const create = isRoutes ? (
    <CreateRoute {...dialog} upstreams={upstreams.data} />
  ) : (
    <CreateUpstream {...dialog} />
  )
  const isEmpty = (isRoutes ? routes : upstreams).data.length === 0
  return (
    <Stack gap={4}>
      <PageHeader
        title="Routes & upstreams"
        description="Which requests the gateway takes, where they go and what they count as. The same for test and live."
        actions={!isEmpty && create}
      />
      <Tabs
        label="Routes & upstreams"
        value={tab}
        onChange={(next) => void navigate({ search: next === 'routes' ? {} : { tab: next } })}
        tabs={[
          {
            value: 'routes',
            label: 'Routes',
            count: routes.data.length,
            content: <Routes create={isRoutes && create} />,
          },
          {
            value: 'upstreams',
            label: 'Upstreams',
            count: upstreams.data.length,
            content: <Upstreams create={!isRoutes && create} />,
          },
        ]}
      />
    </Stack>
  )
}

function Routes({ create }: { readonly create: ReactNode }) {
  const { data: routes } = useSuspenseQuery(routesQuery)
  const { data: meters } = useSuspenseQuery(metersQuery)
  const rows = routes.data.map((each) => ({ ...each, costs: costWords(each, meters.data) }))
  return (
    <Card isFlush>
      <DataTable
        label="Routes"
        columns={ROUTES}
        rows={rows}
        rowKey={({ key }) => key}
        empty={
          <EmptyState
            icon="route"
            title="No routes"
            description="Without one the gateway answers every request with 404."
            action={create}
          />
        }
        footer={<Pagination summary={`${countOf(rows.length, 'route')}, the first match wins`} />}
      />
    </Card>
  )
}

function Upstreams({ create }: { readonly create: ReactNode }) {
  const { data: routes } = useSuspenseQuery(routesQuery)
  const { data: upstreams } = useSuspenseQuery(upstreamsQuery)
  const rows = upstreams.data.map((upstream) => ({
    ...upstream,
    routeCount: routes.data.filter(({ upstreamKey }) => upstreamKey === upstream.key).length,
  }))
  return (
    <Card isFlush>
      <DataTable
        label="Upstreams"
        columns={UPSTREAMS}
        rows={rows}
        rowKey={({ key }) => key}
        empty={
          <EmptyState
            icon="send"
            title="No upstreams"
            description="An upstream is the API requests are passed to. Routes point to one."
            action={create}
          />
        }
        footer={<Pagination summary={countOf(rows.length, 'upstream')} />}
      />
    </Card>
  )
}
