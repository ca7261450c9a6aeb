import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { hasStatus, isOutcomeUnknown, toProblem } from './problem.ts'

const STALE_AFTER_MS = 30_000
const MAX_RETRIES = 2

/**
 * What every query of the apps shares. Reads are tried again when there was no answer; what the server refused is not.
 * Writes are never repeated by themselves: the reader decides, and the form keeps its idempotency key.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const watchSession = (error: unknown) => {
    if (hasStatus(error, 401)) onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError: watchSession }),
    mutationCache: new MutationCache({ onError: watchSession }),
    defaultOptions: {
      queries: {
        staleTime: STALE_AFTER_MS,
        retry: isWorthRetrying,
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
      },
      mutations: { retry: false },
    },
  })
}

export function isWorthRetrying(failureCount: number, error: unknown): boolean {
  if (failureCount >= MAX_RETRIES) return false
  return hasStatus(error, 429) || isOutcomeUnknown(toProblem(error))
}
