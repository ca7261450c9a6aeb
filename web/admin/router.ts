import { createRouter } from '@tanstack/react-router'
import { createQueryClient } from '../ui/query-client.ts'
import { routerOptions } from '../ui/router-options.ts'
import { mode } from './api.ts'
import { basePathOf } from './mode.ts'
import { sessionQuery } from './queries.ts'
import { routeTree } from './routes.tsx'

export const queryClient = createQueryClient(() => {
  // The session has ended elsewhere; every guard asks again and leads to signing in.
  queryClient.setQueryData(sessionQuery.queryKey, null)
  void router.invalidate()
})

export const router = createRouter({
  ...routerOptions,
  routeTree,
  basepath: basePathOf(mode),
  context: { queryClient },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
