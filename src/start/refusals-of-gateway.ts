import type { RefusedCalls, Refusals } from '../domain/refusals/service.ts'
import type { Log } from '../platform/log.ts'

/**
 * Takes what a gateway refused, and writes one count at a time: while the database does not answer, counts add up here
 * instead of waiting in line.
 */
export function refusalsOfGateway(
  refusals: Refusals,
  log: Log,
): (refused: readonly RefusedCalls[]) => void {
  const waiting = new Map<string, RefusedCalls>()
  let isWriting = false

  async function write(): Promise<void> {
    if (isWriting || waiting.size === 0) return
    isWriting = true
    const taken = [...waiting.values()]
    waiting.clear()
    try {
      await refusals.note(taken)
    } catch (error) {
      taken.forEach(keep)
      log.warn('gateway.refusals_not_counted', { error })
    } finally {
      isWriting = false
    }
  }

  function keep({ mode, code, count }: RefusedCalls): void {
    const key = `${mode} ${code}`
    waiting.set(key, { mode, code, count: count + (waiting.get(key)?.count ?? 0) })
  }

  return (refused) => {
    refused.forEach(keep)
    void write()
  }
}
