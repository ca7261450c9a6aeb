import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { Clock } from '../kit/clock.ts'
import type { QuotaAuthority } from '../domain/entitlements/quota-authority.service.ts'
import { createQuotaBlocks } from '../domain/entitlements/quota-blocks.service.ts'
import { createSharedQuotaAuthority } from '../domain/entitlements/shared-quota-authority.service.ts'
import type { Counters } from '../platform/counters/counters.ts'
import { createRedisCounters } from '../platform/counters/redis-counters.ts'
import { createRedisStock } from '../platform/counters/redis-stock.ts'
import type { Database } from '../platform/database/database.ts'
import type { Log } from '../platform/log.ts'
import { openRedis } from '../platform/redis/redis.ts'

/** What the machines of a fleet share through Redis. */
export interface Fleet {
  readonly counters: Counters
  readonly quotas: QuotaAuthority
  close(): Promise<void>
}

interface FleetDeps {
  readonly database: Database
  readonly quotas: QuotaAuthority
  readonly clock: Clock
  readonly log: Log
}

/** Undefined without a Redis: each machine counts speeds for itself, and quotas are leased from the database. */
export function openFleet({ redis: config }: Config, deps: FleetDeps): Fleet | undefined {
  const { url, cluster, ca, ...rest } = config
  if (url === undefined) return undefined
  const urls = url.split(',').map((one) => one.trim())
  const authority = ca === undefined ? undefined : readFileSync(ca, 'utf8')
  const redis = openRedis({ ...rest, urls, isCluster: cluster, ca: authority }, deps)
  const quotas = createSharedQuotaAuthority({
    authority: deps.quotas,
    blocks: createQuotaBlocks(deps),
    stock: createRedisStock(redis),
    log: deps.log,
  })
  return {
    counters: createRedisCounters(redis),
    quotas,
    async close() {
      await quotas.close()
      await redis.close()
    },
  }
}
