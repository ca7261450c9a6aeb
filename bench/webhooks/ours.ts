/**
 * Our inbox under measurement, as one process: webhooks over HTTP, verified and stored, then applied by the worker; the
 * database says what is applied. Before it listens, its customers have bought a plan. To a GET it answers with the types
 * an endpoint in Stripe is told to send.
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
import { ensureCatalog } from '../../src/start/first-run.ts'
import { payOnPage } from '../../test/support/back-office.ts'

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
await ensureCatalog(domain)
for (let n = 0; n < Number(customers); n++) await buy(n)
await domain.inbox.drain()
domain.inbox.start()

async function buy(n: number): Promise<void> {
  const customer = { name: `Customer ${n}`, email: `c${n}@example.com` }
  const { id: customerId } = await domain.accounts.create(caller, customer)
  const page = await domain.subscriptions.subscribe(caller, {
    customerId,
    planKey: 'pro',
    successUrl: 'http://console.bench/done',
    cancelUrl: 'http://console.bench/plans',
  })
  if (page.kind === 'active') throw new Error('The plan costs nothing')
  const status = await payOnPage(simulatorUrl, page.url, 'pm_card_visa')
  if (status !== 200) throw new Error(`The payment page answered ${status}`)
}

const receive = createWebhookReceiver(domain.inbox)
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(domain.inbox.eventTypes()))
    return
  }
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
