import { join } from 'node:path'
import { createAuthentication } from '../../src/api/http/authenticate.ts'
import { createApp } from '../../src/api/http/app.ts'
import { loadAssets } from '../../src/api/http/assets.ts'
import { loadErrorPages } from '../../src/api/http/error-pages.ts'
import { implementations } from '../../src/api/implementations.ts'
import { createWebhookReceiver } from '../../src/api/webhooks/stripe-webhooks.ts'
import { loadConfig } from '../../src/config.ts'
import type { Decisions } from '../../src/domain/entitlements/decision.ts'
import { createTimeTravel } from '../../src/domain/time-travel/service.ts'
import { AppError } from '../../src/errors.ts'
import type { Role } from '../../src/domain/operators/operator.ts'
import { createManualClock } from '../../src/kit/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMailboxMailer, listMailbox } from '../../src/platform/mail/mail.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createSecrets } from '../../src/platform/secrets.ts'
import { composeDomain } from '../../src/start/compose.ts'
import { testDatabase } from './database.ts'

const CONSOLE_URL = 'http://console.test'
const START = Date.UTC(2026, 2, 1)

export type TestConsole = Awaited<ReturnType<typeof openTestConsole>>

interface TestConsoleOptions {
  readonly startsAt?: number
  /** A simulated Stripe to be connected to. */
  readonly simulatorUrl?: string
}

/** The console on a real database, without gateway and, by default, without Stripe: what can be asked of the API alone. */
export async function openTestConsole(options: TestConsoleOptions = {}) {
  const database = await testDatabase()
  const clock = createManualClock(options.startsAt ?? START)
  const log = createLog({ level: 'silent', format: 'json' })
  const mailer = createMailboxMailer(database.db, clock)
  const domain = await composeDomain({
    config: loadConfig({ env: {}, folder: '/nonexistent' }),
    database,
    systemClock: clock,
    log,
    mailer,
    secrets: createSecrets(Buffer.alloc(32, 1)),
    sessionSecret: 'a test secret that is long enough',
    consoleUrl: CONSOLE_URL,
    simulatorUrl: options.simulatorUrl,
  })
  const timeTravel = createTimeTravel({
    ...domain,
    simulatedClock: undefined,
    flushUsage: () => Promise.resolve(),
    nextDue: () => Promise.resolve(undefined),
    runDue: () => Promise.resolve(),
  })
  /** There is no gateway here, and so nobody who decides. */
  const decisions: Decisions = {
    decide: () => Promise.reject(new AppError('access_unavailable', { retryAfter: 1 })),
    explain: () => Promise.resolve(undefined),
  }
  const app = createApp({
    database,
    clock,
    log,
    metrics: createMetrics(),
    signIn: domain.signIn,
    authenticate: createAuthentication({ ...domain, publicUrl: CONSOLE_URL }),
    implementations: implementations({
      ...domain,
      decisions,
      timeTravel,
      surroundings: {
        version: '0.0.0',
        consoleUrl: CONSOLE_URL,
        gatewayUrl: 'http://gateway.test',
        examplePath: '/',
        publicMode: domain.publicMode,
        mailbox: () => listMailbox(database.db, 50),
      },
    }),
    assets: loadAssets('/nonexistent'),
    errorPages: loadErrorPages(join(import.meta.dirname, '../../docs/errors')),
    publicUrl: CONSOLE_URL,
    version: '0.0.0',
    forwardAuth: { decisions, operators: domain.operators, clock },
    receiveWebhook: createWebhookReceiver(domain.inbox),
    gatewayState: () =>
      Promise.resolve({
        isQuotaAuthorityReachable: true,
        areCountersReachable: true,
        isUsageLogWritable: true,
        usageBacklog: 0,
      }),
    isReady: () => Promise.resolve({ database: true }),
  })

  async function send(method: string, path: string, request: SendOptions = {}): Promise<Answer> {
    const { body, headers = {}, as } = request
    const isText = typeof body === 'string'
    const address = request.address ?? '198.51.100.1'
    const response = await app.request(
      `${CONSOLE_URL}${path}`,
      {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...as?.headers,
          ...headers,
        },
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      },
      { incoming: { socket: { remoteAddress: address } } },
    )
    const text = await response.text()
    const json = text === '' || !text.startsWith('{') ? {} : (JSON.parse(text) as Answer['json'])
    return { status: response.status, headers: response.headers, text, json }
  }

  return {
    app,
    clock,
    database,
    domain,
    send,

    /** An operator with one role, asking with a token. */
    async operator(role: Role): Promise<Person> {
      const email = `${role}@example.com`
      const id = await domain.operators.create({
        name: role,
        email,
        password: 'a long password',
        role,
      })
      const { secret } = await domain.operators.issueToken(id, 'test', null)
      return { id, headers: { authorization: `Bearer ${secret}` } }
    },

    /** A portal user who signed up and owns an account, asking as a browser does. */
    async member(name: string): Promise<Person & { readonly customerId: string }> {
      const credentials = {
        name,
        email: `${name.toLowerCase()}@example.com`,
        password: 'a long password',
      }
      const signUp = await send('POST', '/api/v1/auth/portal/sign-up/email', {
        body: credentials,
        headers: { origin: CONSOLE_URL },
        address: `203.0.113.${Math.floor(Math.random() * 250)}`,
      })
      const cookie = signUp.headers
        .getSetCookie()
        .map((entry) => entry.split(';')[0])
        .join('; ')
      const headers = { cookie, origin: CONSOLE_URL, 'farebox-csrf': '1' }
      const account = await send('POST', '/api/v1/portal/account', {
        body: { name },
        as: { id: '', headers },
      })
      return {
        id: signUp.json['user'].id as string,
        customerId: account.json['id'] as string,
        headers,
      }
    },
  }
}

export interface Person {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
}

interface SendOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly as?: Person
  readonly address?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /* oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers freely; the contract types them elsewhere */
  readonly json: Record<string, any>
}
