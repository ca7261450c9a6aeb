import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search } from '../../ui/search-params.ts'
import { RouteSkeleton, RoutingSkeleton, UpstreamSkeleton } from '../pages/routing/skeleton.tsx'
import { paths } from '../paths.ts'
import {
  featuresQuery,
  metersQuery,
  routeQuery,
  routesQuery,
  upstreamQuery,
  upstreamsQuery,
} from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const routesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.routes,
  validateSearch: (search: Search) =>
    compact({
      tab: choiceParam(search, 'tab', ['upstreams']),
      act: choiceParam(search, 'act', ['create']),
    }),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(routesQuery),
      queryClient.ensureQueryData(upstreamsQuery),
      queryClient.ensureQueryData(metersQuery),
    ]),
  head: ({ match }) => pageTitle('Routes & upstreams', match),
  pendingComponent: RoutingSkeleton,
  component: lazyRouteComponent(() => import('../pages/routing/list.tsx'), 'RoutingPage'),
})

const routeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.route,
  loader: ({ context: { queryClient }, params }) =>
    Promise.all([
      queryClient.ensureQueryData(routeQuery(params.routeKey)),
      queryClient.ensureQueryData(upstreamsQuery),
      queryClient.ensureQueryData(metersQuery),
      queryClient.ensureQueryData(featuresQuery),
    ]),
  head: ({ match }) => pageTitle(`Route ${match.params.routeKey}`, match),
  pendingComponent: RouteSkeleton,
  component: lazyRouteComponent(() => import('../pages/routing/route.tsx'), 'RoutePage'),
})

const upstreamRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.upstream,
  loader: ({ context: { queryClient }, params }) =>
    Promise.all([
      queryClient.ensureQueryData(upstreamQuery(params.upstreamKey)),
      queryClient.ensureQueryData(routesQuery),
    ]),
  head: ({ match }) => pageTitle(`Upstream ${match.params.upstreamKey}`, match),
  pendingComponent: UpstreamSkeleton,
  component: lazyRouteComponent(() => import('../pages/routing/upstream.tsx'), 'UpstreamPage'),
})

export const gatewayRoutes = [routesRoute, routeRoute, upstreamRoute] as const
