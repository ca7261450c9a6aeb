import { mkdirSync } from 'node:fs'
import type { AccessSource } from '../domain/entitlements/access-record.ts'
import type { QuotaAuthority } from '../domain/entitlements/quota-authority.service.ts'
import type { RefusedCalls } from '../domain/refusals/service.ts'
import type { Metering } from '../domain/metering/service.ts'
import type { Decisions } from '../domain/entitlements/decision.ts'
import type { RoutingSource } from '../domain/routing/service.ts'
import type { Clock } from '../kit/clock.ts'
import { HOUR_MS, SECOND_MS } from '../kit/instant.ts'
import type { Counters } from '../platform/counters/counters.ts'
import { createMemoryCounters } from '../platform/counters/memory-counters.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { AccessLogSettings } from './access-log.ts'
import { createEngine, type EngineSettings, type EngineStatus, usageFolder } from './engine.ts'
import { createQuotaDesk } from './limits/quota-desk.ts'
import { createObservations } from './observations.ts'
import { startListener } from './listener.ts'
import type { ReplayStore } from './replays/replay-store.ts'
import type { TlsFiles } from './tls.ts'
import type { Tallied } from './tally.ts'
import { createShipper } from './usage/shipper.ts'
import type { Durability } from './usage/usage-log.ts'
import { type PortSharing, startWorkers } from './workers/workers.ts'

export interface GatewayOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Where the usage log lives. It must outlive the process. */
  readonly folder: string
  /** 0 serves in this process; more are child processes that share the port. */
  readonly workers: number
  readonly access: AccessSource
  readonly metering: Pick<Metering, 'applyBatch' | 'lastSequence'>
  readonly routing: RoutingSource
  readonly quotas: QuotaAuthority
  /** Where refusals send people: `http://127.0.0.1:8081/portal`. */
  readonly portalUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Proxies in front of the gateway that may say who is calling: addresses or CIDR ranges. */
  readonly trustedProxies?: readonly string[]
  readonly durability?: Durability
  /** A line for each request; by default none. */
  readonly accessLog?: AccessLogSettings
  /** Speaks TLS on the port, and HTTP/2 with those who want it. */
  readonly tls?: TlsFiles
  /** Rate and concurrency limits shared by several machines; by default each machine counts for itself. */
  readonly counters?: Counters
  /** Told of refused calls about once a second. */
  readonly onRefused?: (refused: readonly RefusedCalls[]) => void
  /** Where answers to calls with an `Idempotency-Key` are kept; without it none are. */
  readonly replays?: ReplayStore
  /** How workers share the port; by default what the system can do. */
  readonly portSharing?: PortSharing
}

export interface Gateway {
  readonly url: string
  isReady(): boolean
  /** About requests that do not pass through here, and about those that did. */
  readonly decisions: Decisions
  /** What works and what does not, asked now. */
  readiness(): Promise<GatewayReadiness>
  /** Everything counted so far is in the database. */
  flush(): Promise<void>
  /** Takes nothing new, finishes what runs, and counts the rest. */
  close(): Promise<void>
}

export interface GatewayReadiness extends Omit<EngineStatus, CountedSince> {
  /** Segments of usage that wait for the database. */
  readonly usageBacklog: number
}

/** What only adds up, for metrics. */
type CountedSince = 'requests' | 'droppedLogLines'

/** The part of a gateway that serves: this process, or its workers. */
interface Service {
  readonly port: number
  readonly decisions: Decisions
  status(): Promise<readonly EngineStatus[]>
  flush(): Promise<void>
  close(): Promise<void>
}

const PRUNE_INTERVAL_MS = HOUR_MS
const STATUS_INTERVAL_MS = SECOND_MS

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { metering, quotas, log, folder, host } = options
  mkdirSync(folder, { recursive: true })
  const shipper = createShipper({ folder: usageFolder(folder), metering, quotas, log })
  // What an earlier process counted and could not hand over counts before anything new is decided.
  await shipper.recover()
  const ship = (): void => void shipper.ship().catch(() => undefined)
  const service = await startService(options, {
    onSealed: ship,
    onDeath: () => void shipper.recover(),
  })
  const observe = createObservations(options.metrics)
  let status = await look()
  const timers = [
    setInterval(() => void refreshStatus(), STATUS_INTERVAL_MS),
    setInterval(() => void prune(), PRUNE_INTERVAL_MS),
  ]
  for (const timer of timers) timer.unref()

  async function look(): Promise<GatewayReadiness> {
    const statuses = await service.status()
    const ofProcesses = worst(statuses)
    const readiness = {
      ...ofProcesses,
      // A process knows what became of its last question; before any, the connection is all there is to look at.
      areCountersReachable:
        ofProcesses.areCountersReachable && (options.counters?.isReachable() ?? true),
      usageBacklog: shipper.backlog(),
    }
    observe(statuses, readiness)
    options.onRefused?.(statuses.flatMap(({ requests }) => requests.flatMap(refusedOf)))
    return readiness
  }

  async function refreshStatus(): Promise<void> {
    try {
      status = await look()
    } catch (error) {
      log.warn('gateway.status_failed', { error })
    }
  }

  async function prune(): Promise<void> {
    try {
      await quotas.prune()
    } catch (error) {
      log.warn('quota.prune_failed', { error })
    }
  }

  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${service.port}`,
    isReady: () => status.isUsageLogWritable,
    decisions: service.decisions,
    readiness: look,
    async flush() {
      await service.flush()
      await shipper.ship()
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      await service.close()
      await shipper.close()
    },
  }
}

interface ServiceEvents {
  readonly onSealed: (producerId: string) => void
  readonly onDeath: (producerId: string) => void
}

async function startService(options: GatewayOptions, events: ServiceEvents): Promise<Service> {
  const { host, port, access, routing, quotas, clock, log } = options
  const settings: EngineSettings = {
    folder: options.folder,
    portalUrl: options.portalUrl,
    trustedProxies: options.trustedProxies ?? [],
    durability: options.durability ?? 'process',
    accessLog: options.accessLog ?? null,
  }
  const desk = createQuotaDesk({ authority: quotas, access })
  if (options.workers > 0) {
    const counters = options.counters ?? createMemoryCounters({ clock })
    const { workers: count, portSharing: sharing } = options
    return startWorkers({
      tls: options.tls ?? null,
      replays: options.replays ?? null,
      count,
      host,
      port,
      settings,
      access,
      routing,
      desk,
      counters,
      log,
      ...(sharing === undefined ? {} : { sharing }),
      ...events,
    })
  }
  const sources = {
    access,
    routing,
    desk,
    counters: options.counters ?? null,
    replays: options.replays ?? null,
    ...events,
  }
  const engine = await createEngine(sources, settings, { clock, log })
  const listener = await startListener(engine, {
    host,
    port,
    reusePort: false,
    tls: options.tls ?? null,
  })
  return {
    port: listener.port,
    decisions: engine.decisions,
    status: () => Promise.resolve([engine.status()]),
    flush: () => engine.flush(),
    async close() {
      await listener.close()
      await engine.close()
    },
  }
}

/** What is wrong anywhere is wrong. */
/** Strangers have no mode, and are nobody's refused calls. */
function refusedOf({ mode, code, count }: Tallied): RefusedCalls[] {
  return mode === undefined || code === '' ? [] : [{ mode, code, count }]
}

function worst(statuses: readonly EngineStatus[]): Omit<EngineStatus, CountedSince> {
  return {
    hasRoutes: statuses.every(({ hasRoutes }) => hasRoutes),
    isQuotaAuthorityReachable: statuses.every((s) => s.isQuotaAuthorityReachable),
    areCountersReachable: statuses.every((s) => s.areCountersReachable),
    isUsageLogWritable: statuses.length > 0 && statuses.every((s) => s.isUsageLogWritable),
  }
}
