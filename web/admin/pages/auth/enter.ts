import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { sessionQuery } from '../../queries.ts'

/** Goes in after the session cookie has changed: asks anew who this is, then opens the page asked for. */
export function useEnter(next: string | undefined): () => Promise<void> {
  const queryClient = useQueryClient()
  const router = useRouter()
  return async () => {
    queryClient.removeQueries({ queryKey: sessionQuery.queryKey })
    await router.navigate({ href: next ?? '/' })
  }
}
