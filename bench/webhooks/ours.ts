/**
 * Our inbox under measurement, as one process: webhooks over HTTP, verified and stored, then applied by the worker. It counts
 * what it took; the database says what is applied.
 */
import { createServer } from 'node:http'
import { createWebhookReceiver } from '../../src/api/webhooks/stripe-webhooks.ts'
import { loadConfig } from '../../src/config.ts'
import { systemCaller } from '../../src/domain/audit/caller.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMailboxMailer } from '../../src/platform/mail/mail.ts'
import { createSecrets } from '../../src/platform/secrets.ts'
import { composeDomain } from '../../src/start/compose.ts'

const [port = '', databaseUrl = '', simulatorUrl = '', secret = '', customers = '1'] =
  process.argv.slice(2)
const database = await openDatabase({
  url: databaseUrl,
})
await migrate(database.db)
const domain = await composeDomain({
  config: loadConfig({ env: {}, folder: '/nonexistent' }),
  database,
  systemClock,
  log: createLog({ level: 'error', format: 'text' }),
  mailer: createMailboxMailer(database.db, systemClock),
  secrets: createSecrets(Buffer.alloc(32, 1)),
  sessionSecret: 'a bench secret that is long enough',
  consoleUrl: 'http://console.bench',
  simulatorUrl,
})
const caller = systemCaller('test')
await domain.settings.set(caller, 'payment.stripe.webhook_secret', secret)
for (let n = 0; n < Number(customers); n++) {
  await domain.accounts.create(caller, { name: `Customer ${n}`, email: `c${n}@example.com` })
}
await domain.jobs.drain()
domain.inbox.start()

const receive = createWebhookReceiver(domain.inbox)
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    receive(
      '/webhooks/stripe/test',
      Buffer.concat(chunks),
      String(request.headers['stripe-signature']),
    )
      .then(() => response.writeHead(200).end('{"received":true}'))
      .catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
})
server.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
