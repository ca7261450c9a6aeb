import { join } from 'node:path'
import type { AccessChange } from '../domain/entitlements/access-changes.ts'
import type { AccessSource } from '../domain/entitlements/access-record.ts'
import type { Decisions } from '../domain/entitlements/decision.ts'
import type { RoutingSource } from '../domain/routing/service.ts'
import type { Clock } from '../kit/clock.ts'
import { SECOND_MS } from '../kit/instant.ts'
import type { AskedCounters } from '../platform/counters/counters.ts'
import type { Log } from '../platform/log.ts'
import { type AccessLogSettings, createAccessLog } from './access-log.ts'
import { createKeyDirectory } from './access/key-directory.ts'
import { type ClientAddresses, createClientAddresses } from './client-address.ts'
import { createLimitBook } from './limits/limit-book.ts'
import { createQuotaBook } from './limits/quota-book.ts'
import type { QuotaDesk } from './limits/quota-desk.ts'
import { createSharedLimits } from './limits/shared-limits.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'
import { createRefusals, type Refusals } from './refusal.ts'
import { createRequestIds } from './request-id.ts'
import { createRoutingTable, EMPTY_ROUTING, type RoutingTable } from './routing-table.ts'
import { createAdmitStage } from './stages/admit.ts'
import { createAuthenticateStage } from './stages/authenticate.ts'
import { createLimitStage } from './stages/limit.ts'
import { createAskedRouteStage, createDecisions } from './decisions/decisions.ts'
import { createDecisionMemory } from './decisions/memory.ts'
import { createMeter, type Meter } from './stages/meter.ts'
import type { ReplayStore } from './replays/replay-store.ts'
import { createReplayStage } from './stages/replay.ts'
import { createRouteStage } from './stages/route.ts'
import { createTally, type Tallied } from './tally.ts'
import { createUpstreams, type Upstreams } from './upstreams/upstreams.ts'
import { createUsageLog, type Durability } from './usage/usage-log.ts'

/** Where a process of the data plane gets what it knows from; in a worker all of these are its parent. */
export interface EngineSources {
  readonly access: Pick<AccessSource, 'find' | 'subscribe'>
  readonly routing: RoutingSource
  readonly desk: QuotaDesk
  /** Null counts speeds in this process alone. */
  readonly counters: AskedCounters | null
  /** Null keeps no answers: `Idempotency-Key` is the upstream's business alone. */
  readonly replays: ReplayStore | null
  readonly onSealed: (producerId: string) => void
}

/** The same in all processes of a gateway. */
export interface EngineSettings {
  /** Where usage logs live. */
  readonly folder: string
  readonly portalUrl: string
  readonly trustedProxies: readonly string[]
  readonly durability: Durability
  /** Null logs no requests. */
  readonly accessLog: AccessLogSettings | null
}

/** The stages and what they keep in memory: all that one process needs to decide and count requests. */
export interface Engine {
  readonly producerId: string
  readonly pipeline: Pipeline
  readonly meter: Meter
  readonly decisions: Decisions
  readonly refusals: Refusals
  readonly addresses: ClientAddresses
  readonly upstreams: Upstreams
  readonly clock: Clock
  readonly log: Log
  readonly replays: ReplayStore | null
  status(): EngineStatus
  /** Hands over what was counted: debts of quotas to the authority, usage to whoever ships it. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface EngineStatus {
  readonly hasRoutes: boolean
  readonly isQuotaAuthorityReachable: boolean
  readonly areCountersReachable: boolean
  readonly isUsageLogWritable: boolean
  /** Since the status was last asked for. */
  readonly requests: readonly Tallied[]
  /** Of the access log, likewise. */
  readonly droppedLogLines: number
}

const SEAL_INTERVAL_MS = SECOND_MS
const ROUTING_RETRY_MS = SECOND_MS

export async function createEngine(
  sources: EngineSources,
  settings: EngineSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Engine> {
  const usageLog = createUsageLog({
    folder: usageFolder(settings.folder),
    durability: settings.durability,
    sealIntervalMs: SEAL_INTERVAL_MS,
    log,
    onSealed: sources.onSealed,
  })
  const { producerId } = usageLog
  const { counters, desk } = sources
  const shared =
    counters === null ? null : createSharedLimits({ counters, holder: producerId, clock, log })
  const limits = createLimitBook({ clock, shared })
  const quotas = createQuotaBook({ desk, limits, producerId, clock, log })
  const directory = createKeyDirectory({ source: sources.access, limits, clock, log })
  const upstreams = createUpstreams()
  let table: RoutingTable = createRoutingTable(EMPTY_ROUTING, upstreams)
  let loading: Promise<void> | undefined
  let isOutdated = false
  let retryTimer: NodeJS.Timeout | undefined

  async function loadRouting(): Promise<void> {
    do {
      isOutdated = false
      const next = await sources.routing.current()
      upstreams.replace(next.upstreams)
      table = createRoutingTable(next, upstreams)
    } while (isOutdated)
  }

  /** One load at a time; news meanwhile start another, and a source that is down is asked again. */
  function reloadRouting(): void {
    isOutdated = true
    loading ??= loadRouting()
      .catch((error: unknown) => {
        log.error('gateway.routing_unavailable', { error })
        retryTimer = setTimeout(reloadRouting, ROUTING_RETRY_MS)
      })
      .finally(() => {
        loading = undefined
      })
  }

  const stopListening = sources.access.subscribe((change: AccessChange) => {
    directory.hear(change)
    if (change.kind === 'routes' || change.kind === 'everything') reloadRouting()
  })
  await loadRouting()

  const requestIds = createRequestIds()
  const memory = createDecisionMemory(requestIds)
  const tally = createTally()
  const accessLog =
    settings.accessLog === null ? null : createAccessLog({ ...settings.accessLog, clock, log })
  const meter = createMeter(usageLog, memory, tally, accessLog)
  const refusals = createRefusals(settings)
  const pipeline = createPipeline({
    stages: [
      createAskedRouteStage(createRouteStage(() => table)),
      createAuthenticateStage(directory),
      createAdmitStage({ limits, quotas }),
      createReplayStage(sources.replays, log),
      createLimitStage(usageLog, limits),
    ],
    clock,
    requestIds,
  })
  return {
    producerId,
    pipeline,
    meter,
    decisions: createDecisions({ pipeline, meter, refusals, memory }),
    refusals,
    addresses: createClientAddresses(settings.trustedProxies),
    upstreams,
    clock,
    log,
    replays: sources.replays,
    status: () => ({
      hasRoutes: table.size > 0,
      isQuotaAuthorityReachable: quotas.isReachable(),
      areCountersReachable: limits.isReachable(),
      isUsageLogWritable: usageLog.isWritable(),
      requests: tally.take(),
      droppedLogLines: accessLog?.takeDropped() ?? 0,
    }),
    async flush() {
      await quotas.flush()
      await usageLog.seal()
    },
    async close() {
      stopListening()
      clearTimeout(retryTimer)
      await upstreams.close()
      limits.close()
      quotas.close()
      await usageLog.close()
      await accessLog?.close()
    },
  }
}

export function usageFolder(folder: string): string {
  return join(folder, 'usage')
}
