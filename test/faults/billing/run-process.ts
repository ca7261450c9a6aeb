/**
 * The services on a database and a Stripe elsewhere, in a process that can be killed: it does the jobs there are, billing
 * runs among them. Started again it finds leases that have run out, because its clock is later.
 */
import { loadConfig } from '../../../src/config.ts'
import type { Clock } from '../../../src/kit/clock.ts'
import { openDatabase } from '../../../src/platform/database/database.ts'
import { createLog } from '../../../src/platform/log.ts'
import { createMailboxMailer } from '../../../src/platform/mail/mail.ts'
import { createSecrets } from '../../../src/platform/secrets.ts'
import { composeDomain } from '../../../src/start/compose.ts'

const [place = '{}', stripeUrl = '', runId = '', aheadMs = '0'] = process.argv.slice(2)
const systemClock: Clock = { now: () => Date.now() + Number(aheadMs) }
const database = await openDatabase({
  ...(JSON.parse(place) as { url: string } | { storage: { kind: 'folder'; folder: string } }),
  onFailure: (error) => {
    throw error
  },
})
const domain = await composeDomain({
  config: loadConfig({ env: {}, folder: '/nonexistent' }),
  database,
  systemClock,
  log: createLog({ level: 'silent', format: 'text' }),
  mailer: createMailboxMailer(database.db, systemClock),
  secrets: createSecrets(Buffer.alloc(32, 1)),
  sessionSecret: 'a test secret that is long enough',
  consoleUrl: 'http://console.test',
  simulatorUrl: stripeUrl,
})
process.send?.('working')
await domain.jobs.drain()
const { data } = await domain.billing.list('test', {}, { limit: 200 })
const invoices = data.map(({ customerId, state, totalMinor }) => {
  return { customerId, state, totalMinor: String(totalMinor) }
})
await domain.inbox.drain()
process.send?.({ run: await domain.billingRuns.get('test', runId), invoices })
process.disconnect()
domain.clocks.close()
await database.close()
