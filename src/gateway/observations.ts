import type { Metrics } from '../platform/metrics.ts'
import type { EngineStatus } from './engine.ts'
import type { GatewayReadiness } from './gateway.ts'

/** What the processes of a gateway report, as Prometheus metrics. */
export function createObservations(
  metrics: Metrics,
): (statuses: readonly EngineStatus[], readiness: GatewayReadiness) => void {
  const requests = metrics.counter(
    'farebox_gateway_requests_total',
    'Requests to the gateway and decisions for other proxies, by what became of them',
    ['route', 'plan', 'outcome', 'code'],
  )
  const dropped = metrics.counter(
    'farebox_gateway_access_log_dropped_total',
    'Lines of the access log that could not be written in time',
  )
  const degraded = metrics.counter(
    'farebox_gateway_degraded_total',
    'Requests that `onMeterFailure` let pass though something could not be decided or recorded at once',
    ['route'],
  )
  const backlog = metrics.gauge(
    'farebox_gateway_usage_backlog',
    'Segments of usage that wait for the database',
  )
  const working = metrics.gauge(
    'farebox_gateway_working',
    'Whether a part works (1) or the gateway does without it (0)',
    ['part'],
  )

  return (statuses, readiness) => {
    for (const { requests: tallied, droppedLogLines } of statuses) {
      if (droppedLogLines > 0) dropped.inc(droppedLogLines)
      for (const { count, degraded: undecided, mode: _, ...labels } of tallied) {
        requests.inc(labels, count)
        if (undecided > 0) degraded.inc({ route: labels.route }, undecided)
      }
    }
    backlog.set(readiness.usageBacklog)
    working.set({ part: 'quota_authority' }, Number(readiness.isQuotaAuthorityReachable))
    working.set({ part: 'counters' }, Number(readiness.areCountersReachable))
    working.set({ part: 'usage_log' }, Number(readiness.isUsageLogWritable))
  }
}
