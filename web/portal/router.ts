import { createRouter } from '@tanstack/react-router'
import { createQueryClient } from '../ui/query-client.ts'
import { routerOptions } from '../ui/router-options.ts'
import { onUnauthorized } from './api.ts'
import { paths } from './paths.ts'
import { sessionQuery } from './queries.ts'
import { routeTree } from './routes.tsx'

export const queryClient = createQueryClient(leaveEndedSession)

export const router = createRouter({
  ...routerOptions,
  routeTree,
  basepath: '/portal',
  context: { queryClient },
})

onUnauthorized(leaveEndedSession)

/** The session has ended elsewhere, or by its age: to sign in and come back to where the reader was. */
function leaveEndedSession(): void {
  // To somebody who was never signed in the guards say so; only what ended needs an explanation.
  const session = queryClient.getQueryData(sessionQuery.queryKey)
  if (session === null || session === undefined) return
  queryClient.setQueryData(sessionQuery.queryKey, null)
  const next = router.latestLocation.href
  void router.navigate({ to: paths.signIn, search: { next, notice: 'ended' } })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
