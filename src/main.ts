import { join, resolve } from 'node:path'
import type { Config } from './config.ts'
import { systemClock } from './kit/clock.ts'
import { hmacSha256Hex } from './kit/crypto.ts'
import { createTimeTravel, type TimeTravel } from './domain/time-travel/service.ts'
import { STANDARD_OUTPUT } from './gateway/access-log.ts'
import { createAskedAroundDecisions } from './gateway/decisions/asked-around.ts'
import { type Gateway, startGateway } from './gateway/gateway.ts'
import { createReplayStore } from './gateway/replays/replay-store.ts'
import { openDatabase } from './platform/database/database.ts'
import { migrate } from './platform/database/migrate.ts'
import { createLog, type Log } from './platform/log.ts'
import { createMailboxMailer, createSmtpMailer } from './platform/mail/mail.ts'
import { createMetrics } from './platform/metrics.ts'
import { createSecrets, loadMasterKey } from './platform/secrets.ts'
import { startSimulatorThread } from './simulator/simulator-thread.ts'
import { type Background, createBackground } from './start/background.ts'
import { composeDomain, type Domain } from './start/compose.ts'
import { openConsole } from './start/console.ts'
import { startExampleApi } from './start/example-api.ts'
import {
  ensureCatalog,
  ensureCliToken,
  ensureOperator,
  ensureRoutes,
  ensureSimulatedWebhooks,
  type FirstOperator,
} from './start/first-run.ts'
import { databaseOptions, prepareFolder } from './start/folder.ts'
import { meterForGateway } from './start/meter-for-gateway.ts'
import { refusalsOfGateway } from './start/refusals-of-gateway.ts'
import { choosePorts } from './start/ports.ts'
import { openFleet } from './start/fleet.ts'
import { createSimulatedClock } from './start/simulated-clock.ts'

export interface Running {
  readonly gatewayUrl: string
  readonly consoleUrl: string
  readonly simulatorUrl: string | undefined
  readonly upstreamUrl: string
  readonly operator: FirstOperator | undefined
  readonly domain: Domain
  readonly gateway: Gateway
  readonly timeTravel: TimeTravel
  /** Stops in the order that loses nothing: callers first, the database last. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly log?: Log
  /** Something everything stands on died; the process should end and be started again. */
  readonly onFailure?: (error: Error) => void
}

type Closer = () => Promise<void>

/**
 * Starts all there is to one process, in the order in which things depend on each other. What was started before a
 * failure is stopped again.
 */
export async function start(config: Config, options: StartOptions = {}): Promise<Running> {
  const closers: Closer[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer()
  }
  try {
    return { ...(await open(config, options, closers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  given: Config,
  options: StartOptions,
  closers: Closer[],
): Promise<Omit<Running, 'close'>> {
  const log = options.log ?? createLog(given.log)
  const onFailure = options.onFailure ?? ((error: Error) => log.error('process.failed', { error }))
  const wants = { simulator: isSimulated(given), example: given.upstream === undefined }
  prepareFolder(given.data)
  const config = await choosePorts(given, wants)
  const { host, data } = config
  const metrics = createMetrics()
  const masterKey = loadMasterKey(data, config.secretKey)

  const database = await openDatabase(databaseOptions(config, onFailure))
  closers.push(() => database.close())
  await migrate(database.db)

  const surroundings = await openSurroundings(config, wants, closers)
  const { simulatorUrl, upstreamUrl } = surroundings
  const consoleUrl = config.console.publicUrl ?? `http://${host}:${config.console.port}`
  const mailer =
    config.mail.url === undefined
      ? createMailboxMailer(database.db, systemClock)
      : createSmtpMailer({ url: config.mail.url, from: config.mail.from })
  const domain = await composeDomain({
    config,
    database,
    systemClock,
    log,
    mailer,
    secrets: createSecrets(masterKey),
    sessionSecret: hmacSha256Hex(masterKey.toString('base64'), 'sessions'),
    consoleUrl,
    simulatorUrl,
  })
  closers.push(() => Promise.resolve(domain.clocks.close()))
  const background = createBackground({ database, clock: systemClock, log, domain })

  const fleet = openFleet(config, { database, quotas: domain.quotas, clock: systemClock, log })
  closers.push(async () => fleet?.close())

  await ensureRoutes(domain, upstreamUrl, config.upstream !== undefined)
  const gateway = await startGateway({
    host,
    port: config.gateway.port,
    folder: join(data, 'gateway'),
    workers: config.gateway.workers,
    trustedProxies: config.gateway.trustedProxies,
    durability: config.gateway.durability,
    ...accessLogOf(config),
    ...(config.gateway.tls === undefined ? {} : { tls: config.gateway.tls }),
    access: domain.access,
    metering: meterForGateway(domain, systemClock),
    routing: domain.routing,
    quotas: fleet?.quotas ?? domain.quotas,
    ...(fleet === undefined ? {} : { counters: fleet.counters }),
    replays: createReplayStore({ database, clock: systemClock }),
    portalUrl: `${consoleUrl}/portal`,
    onRefused: refusalsOfGateway(domain.refusals, log),
    clock: systemClock,
    log,
    metrics,
  })
  closers.push(() => gateway.close())
  const decisions = createAskedAroundDecisions({ own: gateway.decisions, database, log })
  closers.push(() => Promise.resolve(decisions.close()))

  const timeTravel = createTimeTravel({
    ...domain,
    simulatedClock: simulatorUrl === undefined ? undefined : createSimulatedClock(simulatorUrl),
    flushUsage: () => gateway.flush(),
    nextDue: (after) => domain.moneyDue.nextDue('test', after),
    runDue: () => background.runDue('test'),
  })
  const gatewayUrl = config.gateway.publicUrl ?? gateway.url
  const shared = {
    config,
    consoleUrl,
    gatewayUrl,
    domain,
    timeTravel,
    gateway,
    decisions,
    database,
    mailer,
    log,
    metrics,
  }
  closers.push(await openConsole({ ...shared, clock: systemClock }))

  await timeTravel.catchUp()
  startWork(domain, background, closers)
  const operator = await ensureOperator(domain, data)
  await ensureCliToken(domain, data, consoleUrl)
  if (simulatorUrl !== undefined) {
    await ensureSimulatedWebhooks(domain, consoleUrl)
    await ensureCatalog(domain)
  }
  log.info('process.started', { gatewayUrl, consoleUrl, simulatorUrl })
  return {
    gatewayUrl,
    consoleUrl,
    simulatorUrl,
    upstreamUrl,
    operator,
    domain,
    gateway,
    timeTravel,
  }
}

/** What stands around us while there is no real Stripe and no real API. */
async function openSurroundings(
  config: Config,
  wants: { readonly simulator: boolean },
  closers: Closer[],
): Promise<{ simulatorUrl: string | undefined; upstreamUrl: string }> {
  const { host } = config
  let simulatorUrl: string | undefined
  if (wants.simulator) {
    const folder = join(config.data, 'simulator')
    const simulator = await startSimulatorThread({
      host,
      port: config.simulator.port,
      data: { folder },
    })
    closers.push(() => simulator.close())
    simulatorUrl = simulator.url
  }
  if (config.upstream !== undefined) return { simulatorUrl, upstreamUrl: config.upstream }
  const example = await startExampleApi(host, config.example.port)
  closers.push(() => example.close())
  return { simulatorUrl, upstreamUrl: example.url }
}

function startWork({ jobs, inbox }: Domain, background: Background, closers: Closer[]): void {
  jobs.start()
  inbox.start()
  background.start()
  closers.push(async () => {
    await background.stop()
    await inbox.stop()
    await jobs.stop()
  })
}

/** Test mode talks to the simulator until it has a key of its own. */
function isSimulated({ simulator, pinned }: Config): boolean {
  return simulator.isEnabled ?? pinned.test['payment.stripe.secret_key'] === undefined
}

/** The gateway's access log; nothing unless it is asked for. */
function accessLogOf({ gateway: { accessLog, accessLogQuery: hasQuery } }: Config) {
  if (accessLog === 'off') return {}
  const target = accessLog === 'stdout' ? STANDARD_OUTPUT : resolve(accessLog)
  return { accessLog: { target, hasQuery } }
}
