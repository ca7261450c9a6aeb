/** After so long without news the burst is over. News comes at most ten times a second. */
const LULL_MS = 250
/** A burst that does not end is not waited for longer. */
const MAX_WAIT_MS = 1_000

/**
 * When news is acted on: at once after a silence, then when the burst it belongs to is over. A renewal is a dozen events
 * within a second; what is applied together is fetched and written once.
 */
export function createBursts(act: () => void) {
  let lastHeardAt = Number.NEGATIVE_INFINITY
  let waitingSince: number | undefined
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(timer)
    timer = undefined
    waitingSince = undefined
  }

  return {
    hear(): void {
      const now = performance.now()
      const isFirst = now - lastHeardAt > LULL_MS && timer === undefined
      lastHeardAt = now
      if (isFirst) {
        act()
        return
      }
      waitingSince ??= now
      clearTimeout(timer)
      const wait = Math.min(LULL_MS, waitingSince + MAX_WAIT_MS - now)
      timer = setTimeout(() => {
        end()
        act()
      }, wait).unref()
    },

    /** Whether the end of one is waited for. */
    isWaiting: (): boolean => timer !== undefined,

    end,
  }
}
