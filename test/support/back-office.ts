import { Stripe } from 'stripe'
import { loadConfig } from '../../src/config.ts'
import type { Customer } from '../../src/domain/accounts/customer.ts'
import { type Caller, systemCaller } from '../../src/domain/audit/caller.ts'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import type { Subscription } from '../../src/domain/subscriptions/subscription.ts'
import { createTimeTravel } from '../../src/domain/time-travel/service.ts'
import { type Clock, systemClock } from '../../src/kit/clock.ts'
import { type Instant, parseInstant } from '../../src/kit/instant.ts'
import { boundary, parseDuration } from '../../src/kit/period.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { createLog, type Log, type LogLevel } from '../../src/platform/log.ts'
import { createMailboxMailer, listMailbox } from '../../src/platform/mail/mail.ts'
import { createSecrets } from '../../src/platform/secrets.ts'
import { createBackground } from '../../src/start/background.ts'
import { composeDomain, type Domain } from '../../src/start/compose.ts'
import { ensureCatalog } from '../../src/start/first-run.ts'
import { createSimulatedClock } from '../../src/start/simulated-clock.ts'
import type { Simulator } from '../../src/simulator/options.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { testDatabase } from './database.ts'

const GOOD_CARD = 'pm_card_visa'

/**
 * The services on a real database with a simulated Stripe over HTTP, and nobody working by themselves: no gateway, no
 * console, no timers. Tests say when events arrive and when jobs run, so that they can say it in any order.
 */
export interface BackOffice {
  readonly domain: Domain
  readonly database: Database
  /** Stripe as somebody at its dashboard, or on its pages, sees it. */
  readonly stripe: Stripe
  readonly simulatorUrl: string
  readonly caller: Caller
  customer(name: string): Promise<Payer>
  /** A customer who has bought a plan, with everything that follows from it. */
  onPlan(name: string, planKey: string): Promise<Payer>
  /** A customer that is there already. */
  payer(customerId: string): Promise<Payer>
  /** Everything Stripe has to say is heard, everything due is done. */
  settle(): Promise<void>
  /** By a duration such as `P1M`, or to an instant. */
  advance(to: string): Promise<Instant>
  mails(): Promise<string[]>
  close(): Promise<void>
}

export interface Payer {
  readonly id: string
  readonly stripeCustomerId: string
  /** Chooses a plan and pays on Stripe's page; answers the page's status. */
  subscribes(planKey: string, card?: string): Promise<number>
  /** Puts another card in place, as Stripe's portal does. */
  changesCard(card: string): Promise<void>
  customer(): Promise<Customer>
  /** The open one; without one it throws. */
  subscription(): Promise<Subscription>
}

export interface BackOfficeOptions {
  /** Runs the services on another database, or one that misbehaves. */
  readonly database?: Database
  /** A simulated Stripe that outlives this office. */
  readonly simulatorUrl?: string
  /** Stripe's address as the services see it: a wire that misbehaves, say. */
  readonly stripeUrl?: (simulatorUrl: string) => string
  /** How much later than on this machine it is: leases of those who died before have run out. */
  readonly aheadMs?: number
  readonly logLevel?: LogLevel
  readonly log?: Log
}

export async function openBackOffice(options: BackOfficeOptions = {}): Promise<BackOffice> {
  const { aheadMs = 0 } = options
  const clock: Clock = { now: () => systemClock.now() + aheadMs }
  const database = options.database ?? (await testDatabase())
  const own = options.simulatorUrl === undefined ? await openSimulator() : undefined
  const simulatorUrl = options.simulatorUrl ?? own?.url ?? ''
  const log = options.log ?? createLog({ level: options.logLevel ?? 'silent', format: 'text' })
  const domain = await composeDomain({
    config: loadConfig({ env: {}, folder: '/nonexistent' }),
    database,
    systemClock: clock,
    log,
    mailer: createMailboxMailer(database.db, clock),
    secrets: createSecrets(Buffer.alloc(32, 1)),
    sessionSecret: 'a test secret that is long enough',
    consoleUrl: 'http://console.test',
    simulatorUrl: options.stripeUrl?.(simulatorUrl) ?? simulatorUrl,
  })
  const background = createBackground({ database, clock, log, domain })
  const simulated = createSimulatedClock(simulatorUrl)
  const timeTravel = createTimeTravel({
    ...domain,
    simulatedClock: { advanceTo: async (to) => (await simulated.advanceTo(to)) - aheadMs },
    flushUsage: () => Promise.resolve(),
    nextDue: (after) => domain.moneyDue.nextDue('test', after),
    runDue: async () => {
      await domain.jobs.drain()
      await background.runDue('test')
    },
  })
  await timeTravel.catchUp()
  await ensureCatalog(domain)
  const stripe = officialClient(simulatorUrl)
  const caller = systemCaller('test')

  async function settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await domain.inbox.drain()
      await domain.jobs.drain()
      await background.runDue('test')
    }
    await domain.inbox.drain()
    await domain.jobs.drain()
  }

  async function payerOf(id: string): Promise<Payer> {
    const { scope } = await domain.connections.stripe('test')
    const stripeCustomerId = await domain.connections.externalId(scope, 'customer', id)
    if (stripeCustomerId === undefined) throw new Error('The customer is not in Stripe')
    return {
      id,
      stripeCustomerId,
      async subscribes(planKey, card = GOOD_CARD) {
        const result = await domain.subscriptions.subscribe(caller, {
          customerId: id,
          planKey,
          successUrl: 'http://console.test/done',
          cancelUrl: 'http://console.test/plans',
        })
        return result.kind === 'active' ? 200 : payOnPage(simulatorUrl, result.url, card)
      },
      async changesCard(card) {
        const { id: method } = await stripe.paymentMethods.attach(card, {
          customer: stripeCustomerId,
        })
        await stripe.customers.update(stripeCustomerId, {
          invoice_settings: { default_payment_method: method },
        })
        const { data } = await stripe.subscriptions.list({ customer: stripeCustomerId })
        for (const subscription of data) {
          await stripe.subscriptions.update(subscription.id, { default_payment_method: method })
        }
      },
      customer: () => domain.accounts.get('test', id),
      async subscription() {
        const subscription = await domain.subscriptions.findOpen('test', id)
        if (subscription === undefined) throw new Error('There is no subscription')
        return subscription
      },
    }
  }

  async function customer(name: string): Promise<Payer> {
    const email = `${name.toLowerCase()}@example.com`
    const { id } = await domain.accounts.create(caller, { name, email })
    await domain.jobs.drain()
    return payerOf(id)
  }

  return {
    domain,
    database,
    stripe,
    simulatorUrl,
    caller,
    settle,

    payer: payerOf,

    customer,

    async onPlan(name, planKey) {
      const payer = await customer(name)
      const status = await payer.subscribes(planKey)
      if (status !== 200) throw new Error(`The page answered ${status}`)
      await settle()
      return payer
    },

    async advance(to) {
      const length = parseDuration(to)
      const now = domain.clocks.now('test')
      const at = length === undefined ? parseInstant(to) : boundary(now, length, 1)
      if (at === undefined) throw new Error(`Neither a duration nor an instant: ${to}`)
      const arrived = await timeTravel.advance(at)
      await settle()
      return arrived
    },

    async mails() {
      const messages = await listMailbox(database.db, 200)
      return messages.toReversed().map(({ to, subject }) => `${to}: ${subject}`)
    },

    async close() {
      domain.clocks.close()
      await own?.close()
    },
  }
}

/** The simulated Stripe our own tests talk to, in memory and without delays. */
export function openSimulator(): Promise<Simulator> {
  return startSimulator({
    host: '127.0.0.1',
    port: 0,
    data: 'memory',
    settings: { meterLagMs: 0, searchLagMs: 0 },
  })
}

/** What the payment page's form does when it is sent. */
export async function payOnPage(simulatorUrl: string, url: string, card: string): Promise<number> {
  const session = /cs_test_\w+/.exec(url)?.[0] ?? ''
  const { status } = await fetch(`${simulatorUrl}/v1/payment_pages/${session}/confirm`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SIMULATOR_KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ payment_method: card }),
  })
  return status
}

function officialClient(url: string): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe(SIMULATOR_KEY, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
}
