import { QueryClient } from '@tanstack/react-query'
import {
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  useParams,
} from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { createRoot } from 'react-dom/client'
import { AppProviders } from '../ui/app-providers.tsx'
import '../ui/styles.css'
import { RouteNotFound } from '../ui/route-states.tsx'
import { AdminSpecimen } from './admin-specimen.tsx'
import { AuthSpecimen } from './auth-specimen.tsx'
import { Components } from './components.tsx'
import { PortalSpecimen } from './portal-specimen.tsx'

/**
 * Every component with content as it will have, and whole screens put together from them. For looking at, in both
 * themes and at any width; it is neither built nor shipped.
 */
const WORLDS: Record<
  string,
  { readonly basePath: string; readonly Page: ComponentType<WorldProps> }
> = {
  portal: { basePath: '/portal', Page: PortalSpecimen },
  admin: { basePath: '/admin/test', Page: AdminSpecimen },
  auth: { basePath: '/auth', Page: AuthSpecimen },
}

export interface WorldProps {
  /** The address inside the world: `/keys`. */
  readonly path: string
}

const segment = location.pathname.split('/')[1] ?? ''
const world = WORLDS[segment] ?? { basePath: '/', Page: Components }
document.documentElement.dataset['density'] = segment === 'admin' ? 'compact' : 'comfortable'

const rootRoute = createRootRoute({ notFoundComponent: RouteNotFound })
const everything = createRoute({
  getParentRoute: () => rootRoute,
  path: '$',
  component: function World() {
    const { _splat } = useParams({ strict: false })
    return <world.Page path={`/${_splat ?? ''}`} />
  },
})
const router = createRouter({
  basepath: world.basePath,
  routeTree: rootRoute.addChildren([everything]),
})

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <AppProviders queryClient={new QueryClient()}>
    <RouterProvider router={router} />
  </AppProviders>,
)
