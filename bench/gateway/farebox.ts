/**
 * The gateway under measurement, as one process: real listener, real stages, real usage log, real embedded database.
 * Only where keys come from is in memory, so that a hundred thousand of them need no portal.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RateLimit } from '../../src/domain/catalog/plan.ts'
import { createQuotaAuthority } from '../../src/domain/entitlements/quota-authority.service.ts'
import { createMetering } from '../../src/domain/metering/service.ts'
import { startGateway } from '../../src/gateway/gateway.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import {
  AccessBook,
  anAccess,
  aQuota,
  aSecret,
  METERED,
  toRouting,
  withQuotas,
} from '../../test/gateway/world.ts'

const [port = '', upstream = '', what = '', keys = '1', workers = '0'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'farebox-bench-'))
const database = await openDatabase({
  storage: { kind: 'folder', folder: join(folder, 'database') },
  onFailure: (error) => {
    throw error
  },
})
await migrate(database.db)
const metering = createMetering({ database, clock: systemClock })
const access = new AccessBook(metering)
const rateLimit: RateLimit = {
  name: 'requests',
  limit: 1_000_000,
  windowSeconds: 1,
  burst: null,
  scope: 'key',
}
for (let n = 1; n <= Number(keys); n++) {
  access.put(
    aSecret(n),
    what === 'full'
      ? anAccess(n, { ...withQuotas(aQuota(1_000_000_000)), rateLimits: [rateLimit] })
      : anAccess(n),
  )
}
const route =
  what === 'public'
    ? { ...METERED, policy: { isPublic: true } }
    : what === 'unmetered'
      ? { ...METERED, policy: {} }
      : METERED
const accessLog = process.env['BENCH_ACCESS_LOG']
await startGateway({
  host: '127.0.0.1',
  port: Number(port),
  folder: join(folder, 'gateway'),
  workers: Number(workers),
  access,
  metering,
  routing: { current: () => Promise.resolve(toRouting([route], [{ key: 'api', url: upstream }])) },
  quotas: createQuotaAuthority({ database, clock: systemClock }),
  portalUrl: 'http://console.test/portal',
  clock: systemClock,
  ...(accessLog === undefined ? {} : { accessLog: { target: accessLog, hasQuery: false } }),
  log: createLog({ level: 'error', format: 'json' }),
  metrics: createMetrics(),
})
