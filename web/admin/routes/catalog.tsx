import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search, textParam } from '../../ui/search-params.ts'
import { CouponListSkeleton, CouponSkeleton } from '../pages/coupons/skeleton.tsx'
import { MeterSkeleton, MetersSkeleton } from '../pages/meters/skeleton.tsx'
import {
  MigrationListSkeleton,
  MigrationSkeleton,
  StartMigrationSkeleton,
} from '../pages/migrations/skeleton.tsx'
import {
  DraftSkeleton,
  PlanListSkeleton,
  PlanSkeleton,
  PublishSkeleton,
} from '../pages/plans/skeleton.tsx'
import { paths } from '../paths.ts'
import { migrationMembersQuery, migrationQuery, migrationsQuery } from '../money-queries.ts'
import {
  couponQuery,
  couponsQuery,
  featuresQuery,
  metersQuery,
  plansQuery,
  planVersionsQuery,
  publishPreviewQuery,
} from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const plansRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.plans,
  validateSearch: (search: Search) => compact({ act: choiceParam(search, 'act', ['create']) }),
  head: ({ match }) => pageTitle('Plans', match),
  loader: ({ context }) => context.queryClient.ensureQueryData(plansQuery),
  pendingComponent: PlanListSkeleton,
  component: lazyRouteComponent(() => import('../pages/plans/list.tsx'), 'PlanList'),
})

const planRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.plan,
  validateSearch: (search: Search) => compact({ version: textParam(search, 'version') }),
  loader: async ({ context: { queryClient }, params }) => {
    const [versions] = await Promise.all([
      queryClient.ensureQueryData(planVersionsQuery(params.planKey)),
      queryClient.ensureQueryData(plansQuery),
      queryClient.ensureQueryData(featuresQuery),
      queryClient.ensureQueryData(metersQuery),
    ])
    return { name: versions.data[0]?.definition.name ?? params.planKey }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Plan', match),
  pendingComponent: PlanSkeleton,
  component: lazyRouteComponent(() => import('../pages/plans/detail.tsx'), 'PlanPage'),
})

const planDraftRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.planDraft,
  loader: async ({ context: { queryClient }, params }) => {
    const [versions] = await Promise.all([
      queryClient.ensureQueryData(planVersionsQuery(params.planKey)),
      queryClient.ensureQueryData(featuresQuery),
      queryClient.ensureQueryData(metersQuery),
    ])
    return { name: versions.data[0]?.definition.name ?? params.planKey }
  },
  head: ({ match, loaderData }) => pageTitle(`Draft of ${loaderData?.name ?? 'a plan'}`, match),
  pendingComponent: DraftSkeleton,
  component: lazyRouteComponent(() => import('../pages/plans/edit/page.tsx'), 'DraftPage'),
})

const planPublishRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.planPublish,
  loader: async ({ context: { queryClient }, params }) => {
    const [preview] = await Promise.all([
      queryClient.ensureQueryData(publishPreviewQuery(params.planKey)),
      queryClient.ensureQueryData(plansQuery),
      queryClient.ensureQueryData(featuresQuery),
      queryClient.ensureQueryData(metersQuery),
    ])
    return { name: preview.version.definition.name }
  },
  head: ({ match, loaderData }) => pageTitle(`Publish ${loaderData?.name ?? 'plan'}`, match),
  pendingComponent: PublishSkeleton,
  component: lazyRouteComponent(() => import('../pages/plans/publish.tsx'), 'PublishPage'),
})

const planMigrateRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.planMigrate,
  head: ({ match }) => pageTitle('Move subscribers', match),
  loader: ({ context: { queryClient }, params }) =>
    Promise.all([
      queryClient.ensureQueryData(plansQuery),
      queryClient.ensureQueryData(planVersionsQuery(params.planKey)),
    ]),
  pendingComponent: StartMigrationSkeleton,
  component: lazyRouteComponent(() => import('../pages/migrations/start.tsx'), 'StartMigration'),
})

const migrationsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.migrations,
  validateSearch: (search: Search) =>
    compact({ planKey: textParam(search, 'planKey'), cursor: textParam(search, 'cursor') }),
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) =>
    Promise.all([
      queryClient.ensureQueryData(migrationsQuery(deps)),
      queryClient.ensureQueryData(plansQuery),
    ]),
  head: ({ match }) => pageTitle('Migrations', match),
  pendingComponent: MigrationListSkeleton,
  component: lazyRouteComponent(() => import('../pages/migrations/list.tsx'), 'MigrationList'),
})

const migrationRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.migration,
  validateSearch: (search: Search) => compact({ cursor: textParam(search, 'cursor') }),
  loaderDeps: ({ search }) => search,
  loader: async ({ context: { queryClient }, params: { migrationId }, deps }) => {
    const [migration] = await Promise.all([
      queryClient.ensureQueryData(migrationQuery(migrationId)),
      queryClient.ensureQueryData(migrationMembersQuery(migrationId, deps)),
    ])
    return { name: `${migration.planKey} to version ${migration.toVersion}` }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Migration', match),
  pendingComponent: MigrationSkeleton,
  component: lazyRouteComponent(() => import('../pages/migrations/detail.tsx'), 'MigrationPage'),
})

const metersRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.meters,
  validateSearch: (search: Search) =>
    compact({
      tab: choiceParam(search, 'tab', ['features']),
      act: choiceParam(search, 'act', ['create']),
    }),
  head: ({ match }) => pageTitle('Meters & features', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(metersQuery),
      queryClient.ensureQueryData(featuresQuery),
      queryClient.ensureQueryData(plansQuery),
    ]),
  pendingComponent: MetersSkeleton,
  component: lazyRouteComponent(() => import('../pages/meters/page.tsx'), 'MetersPage'),
})

const meterRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.meter,
  loader: async ({ context: { queryClient }, params }) => {
    const [meters] = await Promise.all([
      queryClient.ensureQueryData(metersQuery),
      queryClient.ensureQueryData(featuresQuery),
      queryClient.ensureQueryData(plansQuery),
    ])
    return { name: meters.data.find(({ key }) => key === params.meterKey)?.name }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Meter', match),
  pendingComponent: MeterSkeleton,
  component: lazyRouteComponent(() => import('../pages/meters/detail.tsx'), 'MeterPage'),
})

const couponsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.coupons,
  validateSearch: (search: Search) => compact({ act: choiceParam(search, 'act', ['create']) }),
  head: ({ match }) => pageTitle('Coupons', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(couponsQuery),
      queryClient.ensureQueryData(plansQuery),
    ]),
  pendingComponent: CouponListSkeleton,
  component: lazyRouteComponent(() => import('../pages/coupons/list.tsx'), 'CouponList'),
})

const couponRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.coupon,
  loader: async ({ context: { queryClient }, params }) => {
    const { definition } = await queryClient.ensureQueryData(couponQuery(params.couponKey))
    return { name: definition.name }
  },
  head: ({ match, loaderData }) => pageTitle(loaderData?.name ?? 'Coupon', match),
  pendingComponent: CouponSkeleton,
  component: lazyRouteComponent(() => import('../pages/coupons/detail.tsx'), 'CouponPage'),
})

export const catalogRoutes = [
  couponsRoute,
  couponRoute,
  plansRoute,
  planRoute,
  planDraftRoute,
  planPublishRoute,
  planMigrateRoute,
  migrationsRoute,
  migrationRoute,
  metersRoute,
  meterRoute,
] as const
