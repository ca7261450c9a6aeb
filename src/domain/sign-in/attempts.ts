import { SECOND_MS } from '../../kit/instant.ts'

interface Rule {
  /** Seconds. */
  readonly window: number
  readonly max: number
}

interface Count {
  count: number
  endsAt: number
}

/** More addresses than ever sign in at once; the oldest go first. */
const MOST_KEYS = 10_000

/**
 * Counts what comes from one address to one path, in windows, for this process: the library's own store is one for all
 * installations in a process.
 */
export function createAttempts(now: () => number): {
  consume(key: string, rule: Rule): Promise<{ allowed: boolean; retryAfter: number | null }>
} {
  const counts = new Map<string, Count>()

  function forget(): void {
    for (const [key, { endsAt }] of counts) {
      if (endsAt > now() && counts.size <= MOST_KEYS) return
      counts.delete(key)
    }
  }

  return {
    consume: (key, { window, max }) => {
      const known = counts.get(key)
      if (known !== undefined && known.endsAt > now()) {
        const allowed = known.count < max
        if (allowed) known.count++
        const retryAfter = allowed ? null : Math.ceil((known.endsAt - now()) / SECOND_MS)
        return Promise.resolve({ allowed, retryAfter })
      }
      // Deleted first, so that the order of the map is the order in which windows began.
      counts.delete(key)
      counts.set(key, { count: 1, endsAt: now() + window * SECOND_MS })
      forget()
      return Promise.resolve({ allowed: true, retryAfter: null })
    },
  }
}
