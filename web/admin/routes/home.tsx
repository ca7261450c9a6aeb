import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { choiceParam, compact, type Search } from '../../ui/search-params.ts'
import { HomeSkeleton } from '../pages/home/skeleton.tsx'
import { paths } from '../paths.ts'
import { clockQuery, plansQuery, summaryQuery } from '../queries.ts'
import { appRoute, pageTitle } from './root.tsx'

export const homeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: paths.home,
  validateSearch: (search: Search) => compact({ act: choiceParam(search, 'act', ['advance']) }),
  head: ({ match }) => pageTitle('Home', match),
  loader: ({ context: { queryClient } }) =>
    Promise.all([
      queryClient.ensureQueryData(summaryQuery),
      queryClient.ensureQueryData(clockQuery),
      queryClient.ensureQueryData(plansQuery),
    ]),
  pendingComponent: HomeSkeleton,
  component: lazyRouteComponent(() => import('../pages/home/page.tsx'), 'HomePage'),
})
