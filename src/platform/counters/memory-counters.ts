import type { Clock } from '../../kit/clock.ts'
import { type Counters, grantTokens, HOLDER_LIFE_MS } from './counters.ts'

const SWEEP_MS = 30_000

/** Counters of one machine: in the process that is the parent of those who ask. */
export function createMemoryCounters({ clock }: { readonly clock: Clock }): Counters {
  /** When a bucket will be full again. */
  const fullAt = new Map<string, number>()
  const places = new Map<string, Map<string, number>>()
  const seenAt = new Map<string, number>()
  const timer = setInterval(sweep, SWEEP_MS)
  timer.unref()

  function sweep(): void {
    const now = clock.now()
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key)
    for (const [holder, at] of seenAt) if (now - at > HOLDER_LIFE_MS) forget(holder)
    for (const [key, holders] of places) if (holders.size === 0) places.delete(key)
  }

  function forget(holder: string): void {
    seenAt.delete(holder)
    for (const holders of places.values()) holders.delete(holder)
  }

  function takenOf(holders: ReadonlyMap<string, number>): number {
    const now = clock.now()
    let taken = 0
    for (const [holder, count] of holders) {
      if (now - (seenAt.get(holder) ?? 0) <= HOLDER_LIFE_MS) taken += count
    }
    return taken
  }

  return {
    takeTokens(asks) {
      const now = clock.now()
      return Promise.resolve(
        asks.map((ask) => {
          // A system clock that was set back locks nobody out for longer than a bucket takes to fill.
          const aheadMs = Math.min(Math.max((fullAt.get(ask.key) ?? 0) - now, 0), ask.bucketMs)
          const granted = grantTokens(ask, aheadMs)
          const after = aheadMs + granted * ask.intervalMs
          if (after > 0) fullAt.set(ask.key, now + after)
          return { granted, aheadMs: after }
        }),
      )
    },

    returnTokens(returned) {
      for (const { key, intervalMs, count } of returned) {
        const at = fullAt.get(key)
        if (at !== undefined) fullAt.set(key, at - count * intervalMs)
      }
      return Promise.resolve()
    },

    takePlaces(holder, asks) {
      seenAt.set(holder, clock.now())
      return Promise.resolve(
        asks.map(({ key, limit, want }) => {
          const holders = places.get(key) ?? new Map<string, number>()
          places.set(key, holders)
          const taken = takenOf(holders)
          const granted = Math.max(Math.min(want, limit - taken), 0)
          if (granted > 0) holders.set(holder, (holders.get(holder) ?? 0) + granted)
          return { granted, taken: taken + granted }
        }),
      )
    },

    returnPlaces(holder, returned) {
      for (const { key, count } of returned) {
        const holders = places.get(key)
        const left = (holders?.get(holder) ?? 0) - count
        if (left > 0) holders?.set(holder, left)
        else holders?.delete(holder)
      }
      return Promise.resolve()
    },

    keepAlive(holder) {
      seenAt.set(holder, clock.now())
      return Promise.resolve()
    },

    retire(holder) {
      forget(holder)
      return Promise.resolve()
    },

    isReachable: () => true,

    close() {
      clearInterval(timer)
      return Promise.resolve()
    },
  }
}
