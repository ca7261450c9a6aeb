import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'

/** Goes in after the session cookie has changed: forgets what the last person saw, then opens the page asked for. */
export function useEnter(next: string | undefined): () => Promise<void> {
  const queryClient = useQueryClient()
  const router = useRouter()
  return async () => {
    queryClient.clear()
    await router.navigate({ href: next ?? '/' })
  }
}
