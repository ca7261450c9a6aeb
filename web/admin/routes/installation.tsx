import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search, textParam } from '../../ui/search-params.ts'
import { AuditListSkeleton } from '../pages/audit/skeleton.tsx'
import { OperatorsSkeleton } from '../pages/operators/skeleton.tsx'
import { SettingsSkeleton } from '../pages/settings/skeleton.tsx'
import { SystemSkeleton } from '../pages/system/skeleton.tsx'
import { paths } from '../paths.ts'
import {
  ACTOR_KINDS,
  auditQuery,
  healthQuery,
  operatorsQuery,
  settingsQuery,
  statusQuery,
  tokensQuery,
} from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

const auditRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.audit,
  validateSearch: (search: Search) =>
    compact({
      customerId: textParam(search, 'customerId'),
      targetKind: textParam(search, 'targetKind'),
      targetId: textParam(search, 'targetId'),
      actorKind: choiceParam(search, 'actorKind', ACTOR_KINDS),
      action: textParam(search, 'action'),
      cursor: textParam(search, 'cursor'),
      entry: textParam(search, 'entry'),
    }),
  loaderDeps: ({ search }) => {
    const { entry: _, ...question } = search
    return question
  },
  loader: ({ context, deps }) => context.queryClient.ensureQueryData(auditQuery(deps)),
  head: ({ match }) => pageTitle('Audit log', match),
  pendingComponent: AuditListSkeleton,
  component: lazyRouteComponent(() => import('../pages/audit/list.tsx'), 'AuditList'),
})

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.settings,
  head: ({ match }) => pageTitle('Settings', match),
  loader: ({ context }) => context.queryClient.ensureQueryData(settingsQuery),
  pendingComponent: SettingsSkeleton,
  component: lazyRouteComponent(() => import('../pages/settings/page.tsx'), 'SettingsPage'),
})

const operatorsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.operators,
  validateSearch: (search: Search) => compact({ act: choiceParam(search, 'act', ['issue']) }),
  head: ({ match }) => pageTitle('Operators & tokens', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(operatorsQuery),
      queryClient.ensureQueryData(tokensQuery),
    ]),
  pendingComponent: OperatorsSkeleton,
  component: lazyRouteComponent(() => import('../pages/operators/page.tsx'), 'OperatorsPage'),
})

const systemRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.system,
  head: ({ match }) => pageTitle('System', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(statusQuery),
      queryClient.ensureQueryData(healthQuery),
    ]),
  pendingComponent: SystemSkeleton,
  component: lazyRouteComponent(() => import('../pages/system/page.tsx'), 'SystemPage'),
})

export const installationRoutes = [auditRoute, settingsRoute, operatorsRoute, systemRoute] as const
