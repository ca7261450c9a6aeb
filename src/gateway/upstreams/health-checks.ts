import type { Target } from './target.ts'

/** Asks each target of an upstream how it is, as often as its policy says. */
export interface HealthChecks {
  stop(): void
}

export function startHealthChecks(targets: readonly Target[]): HealthChecks {
  const stops = targets.map(watch)
  return {
    stop() {
      for (const stop of stops) stop()
    },
  }
}

/** One check after another, never two at once. */
function watch(target: Target): () => void {
  const { health } = target.policy
  if (health === null) return () => undefined
  const { path, intervalMs, timeoutMs, unhealthyAfter, healthyAfter } = health
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let inARow = 0

  async function check(): Promise<void> {
    const isWell = await isAnsweredWell(target, path, timeoutMs)
    if (isStopped) return
    inARow = isWell === target.isHealthy ? 0 : inARow + 1
    if (inARow >= (isWell ? healthyAfter : unhealthyAfter)) {
      target.isHealthy = isWell
      inARow = 0
    }
    schedule()
  }

  function schedule(): void {
    timer = setTimeout(() => void check(), intervalMs)
    timer.unref()
  }

  void check()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

async function isAnsweredWell(target: Target, path: string, timeoutMs: number): Promise<boolean> {
  try {
    const { statusCode, body } = await target.pool.request({
      method: 'GET',
      path: target.basePath + path,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    })
    await body.dump()
    return statusCode >= 200 && statusCode < 400
  } catch {
    return false
  }
}
