import { serve } from '@hono/node-server'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Clock } from '../kit/clock.ts'
import { createAuthentication } from '../api/http/authenticate.ts'
import { createApp } from '../api/http/app.ts'
import { loadAssets } from '../api/http/assets.ts'
import { loadErrorPages } from '../api/http/error-pages.ts'
import { implementations } from '../api/implementations.ts'
import { createWebhookReceiver } from '../api/webhooks/stripe-webhooks.ts'
import type { TimeTravel } from '../domain/time-travel/service.ts'
import type { Decisions } from '../domain/entitlements/decision.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type Database, isReachable } from '../platform/database/database.ts'
import type { Log } from '../platform/log.ts'
import { listMailbox, type Mailer } from '../platform/mail/mail.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Domain } from './compose.ts'
import { EXAMPLE_PATH } from './example-api.ts'
import { packageVersion, ROOT } from './folder.ts'

const MAILBOX_SIZE = 50
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1'])
const CLOSE_TIMEOUT_MS = 5_000

interface ConsoleDeps {
  readonly config: Config
  readonly consoleUrl: string
  readonly gatewayUrl: string
  readonly domain: Domain
  readonly timeTravel: TimeTravel
  readonly gateway: Gateway
  readonly decisions: Decisions
  readonly database: Database
  readonly clock: Clock
  readonly mailer: Mailer
  readonly log: Log
  readonly metrics: Metrics
}

/** Opens the console: REST API, sign-in, webhooks, health and the two web apps. Answers what closes it. */
export function openConsole(deps: ConsoleDeps): Promise<() => Promise<void>> {
  const { config, consoleUrl, domain, database, clock, log, metrics, mailer, decisions } = deps
  const version = packageVersion()
  const hasMailbox = LOOPBACK.has(config.host) && mailer.kind === 'mailbox'
  const app = createApp({
    database,
    clock,
    log,
    metrics,
    signIn: domain.signIn,
    authenticate: createAuthentication({ ...domain, publicUrl: consoleUrl }),
    implementations: implementations({
      ...domain,
      decisions,
      timeTravel: deps.timeTravel,
      surroundings: {
        version,
        consoleUrl,
        gatewayUrl: deps.gatewayUrl,
        examplePath: config.upstream === undefined ? EXAMPLE_PATH : '/',
        publicMode: domain.publicMode,
        mailbox: hasMailbox ? () => listMailbox(database.db, MAILBOX_SIZE) : undefined,
      },
    }),
    assets: loadAssets(join(ROOT, 'build', 'web')),
    errorPages: loadErrorPages(join(ROOT, 'docs', 'errors')),
    publicUrl: consoleUrl,
    version,
    forwardAuth: { decisions, operators: domain.operators, clock },
    receiveWebhook: createWebhookReceiver(domain.inbox),
    gatewayState: async () => {
      const { hasRoutes: _hasRoutes, ...state } = await deps.gateway.readiness()
      return state
    },
    isReady: async () => ({
      database: await isReachable(database.db),
      gateway: deps.gateway.isReady(),
    }),
  })
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: app.fetch, hostname: config.host, port: config.console.port },
      () => resolve(close),
    )
    server.once('error', reject)

    /** Lets requests under way finish; what keeps a connection open for nothing is cut off. */
    function close(): Promise<void> {
      return new Promise((done) => {
        const impatient = setTimeout(
          () => 'closeAllConnections' in server && server.closeAllConnections(),
          CLOSE_TIMEOUT_MS,
        )
        server.close(() => {
          clearTimeout(impatient)
          done()
        })
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      })
    }
  })
}
