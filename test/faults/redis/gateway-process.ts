/**
 * One gateway of a fleet in a process of its own, for tests that kill it. Started with a folder, an upstream, a limit and
 * what it has in common with others, a PostgreSQL and a Redis; says where it listens, and answers `count` with what is
 * counted.
 */
import { join } from 'node:path'
import { loadConfig } from '../../../src/config.ts'
import { createQuotaAuthority } from '../../../src/domain/entitlements/quota-authority.service.ts'
import { createMetering } from '../../../src/domain/metering/service.ts'
import { startGateway } from '../../../src/gateway/gateway.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { openDatabase } from '../../../src/platform/database/database.ts'
import { createLog } from '../../../src/platform/log.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import { openFleet } from '../../../src/start/fleet.ts'
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

const [folder = '', upstream = '', limit = '', databaseUrl = '', redisUrl = ''] =
  process.argv.slice(2)

const database = await openDatabase({ url: databaseUrl })
const metering = createMetering({ database, clock: systemClock })
const access = new AccessBook(metering)
access.put(aSecret(), anAccess(1, withQuotas(aQuota(Number(limit)))))
const log = createLog({ level: 'warn', format: 'json' })
const config = loadConfig({ env: { REDIS_URL: redisUrl }, folder })
const quotas = createQuotaAuthority({ database, clock: systemClock })
const fleet = openFleet(config, { database, quotas, clock: systemClock, log })
const deny = { ...METERED, policy: { ...METERED.policy, onMeterFailure: 'deny' as const } }
const gateway = await startGateway({
  host: '127.0.0.1',
  port: 0,
  folder: join(folder, 'gateway'),
  workers: 0,
  access,
  metering,
  routing: {
    current: () => Promise.resolve(toRouting([deny], [{ key: 'api', url: upstream }])),
  },
  ...fleet!,
  portalUrl: 'http://console.test/portal',
  clock: systemClock,
  log,
  metrics: createMetrics(),
})

process.on('message', (message) => {
  if (message !== 'count') return
  void gateway.flush().then(async () => process.send?.({ counted: await totalOf(metering) }))
})
process.send?.({ url: gateway.url })
