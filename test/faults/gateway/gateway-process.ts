/**
 * A whole gateway with its own embedded database in one process, for tests that kill it. Started with a folder and an
 * upstream; says where it listens, and answers `count` with what is counted. With `dies` it ends by its own hand where a
 * call was recorded and its answer is about to be kept; with `later` it lives a day's half later.
 */
import { join } from 'node:path'
import { createQuotaAuthority } from '../../../src/domain/entitlements/quota-authority.service.ts'
import { createMetering } from '../../../src/domain/metering/service.ts'
import { startGateway } from '../../../src/gateway/gateway.ts'
import { createReplayStore } from '../../../src/gateway/replays/replay-store.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { openDatabase } from '../../../src/platform/database/database.ts'
import { migrate } from '../../../src/platform/database/migrate.ts'
import { createLog } from '../../../src/platform/log.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import {
  AccessBook,
  aSecret,
  anAccess,
  aQuota,
  METERED,
  toRouting,
  totalOf,
  withQuotas,
} from '../../gateway/world.ts'

const [folder = '', upstream = '', number = '', limit = '', how = ''] = process.argv.slice(2)
const n = Number(number)

const database = await openDatabase({
  storage: { kind: 'folder', folder: join(folder, 'database') },
  onFailure: (error) => {
    throw error
  },
})
await migrate(database.db)
const metering = createMetering({ database, clock: systemClock })
const access = new AccessBook(metering)
access.put(aSecret(n), anAccess(n, withQuotas(aQuota(Number(limit)))))
const HALF_A_DAY_MS = 12 * 60 * 60 * 1_000
const clock = { now: () => systemClock.now() + (how === 'later' ? HALF_A_DAY_MS : 0) }
const replays = createReplayStore({ database, clock })
const once = { ...METERED, policy: { ...METERED.policy, idempotency: 'once' as const } }

/** It does not come back. */
function die(): Promise<void> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

const gateway = await startGateway({
  host: '127.0.0.1',
  port: 0,
  folder: join(folder, 'gateway'),
  workers: 0,
  access,
  metering,
  routing: {
    current: () => Promise.resolve(toRouting([once], [{ key: 'api', url: upstream }])),
  },
  quotas: createQuotaAuthority({ database, clock: systemClock }),
  replays: how === 'dies' ? { ...replays, keep: die } : replays,
  portalUrl: 'http://console.test/portal',
  clock: systemClock,
  log: createLog({ level: 'warn', format: 'json' }),
  metrics: createMetrics(),
})

process.on('message', (message) => {
  if (message !== 'count') return
  void gateway.flush().then(async () => process.send?.({ counted: await totalOf(metering, n) }))
})
process.send?.({ url: gateway.url })
