import type { AddressInfo } from 'node:net'
import { type Access, createDirectory, type Directory } from './accounts/directory.ts'
import { NO_FAULT } from './control/call-faults.ts'
import { clockControl } from './control/clock.ts'
import { createControl } from './control/control.ts'
import { faultControl } from './control/faults.ts'
import { keyControl } from './control/keys.ts'
import { paymentControl } from './control/payments.ts'
import { snapshotControl } from './control/snapshots.ts'
import { stateControl } from './control/state.ts'
import { webhookControl } from './control/webhooks.ts'
import { createDashboard } from './dashboard/dashboard.ts'
import { closeIdleConnections } from './events/send.ts'
import { includables } from './includables.ts'
import { operations, unlistedOperations } from './operations.ts'
import { seedOf, type Simulator, type SimulatorOptions } from './options.ts'
import { createOwnCalls } from './own-calls.ts'
import { challengePages } from './pages/challenge-page.ts'
import { checkoutPages } from './pages/checkout-page.ts'
import { invoicePages } from './pages/invoice-page.ts'
import { createPages } from './pages/pages.ts'
import { portalPages } from './pages/portal-page.ts'
import { receiptPages } from './pages/receipt-page.ts'
import { rulesFor } from './rules.ts'
import type { RunningRealm } from './running-realm.ts'
import { deriveToken } from './store/ids.ts'
import { realmIdOf } from './store/realm.ts'
import { openSqliteStorage } from './store/sqlite.ts'
import { startRealm } from './start-realm.ts'
import { stripeCliOperations } from './stripe-cli/operations.ts'
import { acceptCliConnections } from './stripe-cli/socket.ts'
import { createApi } from './wire/api.ts'
import { presentedText } from './wire/authenticate.ts'
import type { Answer, Incoming } from './wire/http.ts'
import { translateLegacy } from './wire/legacy.ts'
import { createRateLimiter } from './wire/rate-limit.ts'
import { permissionResources } from './wire/permissions.ts'
import { createRouter, type Router } from './wire/router.ts'
import { createServer, type Surface } from './wire/server.ts'

export type { Simulator, SimulatorOptions } from './options.ts'

/** Starts a local Stripe. Everything it knows lives in this process, and in a folder if it is given one. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const seed = seedOf(options)
  const storage = options.data === 'memory' ? undefined : openSqliteStorage(options.data.folder)
  const surfaces: Surface[] = []
  const report = (error: unknown): void => {
    process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`)
  }
  const server = createServer(surfaces, report)
  const url = await listen(server, options).catch((error: unknown) => {
    storage?.close()
    throw error
  })

  const directory = createDirectory({
    rules: rulesFor({ checksShapes: options.checksShapes ?? false }),
    seed,
    isSeeded: options.seed !== undefined,
    storage,
    baseUrl: url,
  })
  const running = new Map<string, RunningRealm>()
  directory.onRealm((realm) => {
    running.set(realm.id, startRealm(realm, { options, seed, report }))
  })
  const cliConnections = acceptCliConnections(server, () =>
    [...running.values()].map(({ listeners }) => listeners),
  )
  const runningOf = (realm: { readonly id: string }): RunningRealm => {
    const found = running.get(realm.id)
    if (found === undefined) throw new Error(`${realm.id} is not running`)
    return found
  }
  const snapshots = snapshotControl(directory, (accountId, isLive) =>
    runningOf({ id: realmIdOf(accountId, isLive) }),
  )

  const control = createControl({
    directory,
    running: runningOf,
    host: options.host,
    handlers: [
      clockControl,
      faultControl,
      keyControl(directory),
      paymentControl,
      snapshots,
      stateControl,
      webhookControl,
    ],
  })
  const router = createRouter(operations, [
    ...unlistedOperations,
    stripeCliOperations(
      ({ accountId, isLive }) => runningOf({ id: realmIdOf(accountId, isLive) }).listeners,
    ),
  ])
  const own = createOwnCalls()
  const answerCall = api(options, { directory, router, own, url, report, runningOf })

  surfaces.push(
    control.surface,
    (incoming) => (/^\/v[12]\//.test(incoming.path) ? answerCall(incoming) : undefined),
    createPages(directory, runningOf, [
      ...challengePages,
      ...checkoutPages,
      ...invoicePages,
      ...portalPages,
      ...receiptPages,
    ]),
    createDashboard({
      directory,
      running: runningOf,
      control: control.perform,
      api: own.through(answerCall),
      resources: permissionResources(router),
      host: options.host,
      url,
    }),
  )

  return {
    url,
    async close() {
      for (const realm of running.values()) realm.close()
      cliConnections.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      closeIdleConnections()
      storage?.close()
    },
  }
}

async function listen(
  server: ReturnType<typeof createServer>,
  { host, port }: SimulatorOptions,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  return `http://${name === '0.0.0.0' ? 'localhost' : name}:${address.port}`
}

interface ApiParts {
  readonly directory: Directory
  readonly router: Router
  readonly own: ReturnType<typeof createOwnCalls>
  readonly url: string
  readonly report: (error: unknown) => void
  readonly runningOf: (realm: { readonly id: string }) => RunningRealm
}

function api(
  options: SimulatorOptions,
  { directory, router, own, url, report, runningOf }: ApiParts,
): (incoming: Incoming) => Promise<Answer> {
  let strangers = 0
  return createApi({
    directory,
    router,
    includables,
    nextFault: ({ realm, isOwn }, method, path) =>
      isOwn === true ? NO_FAULT : runningOf(realm).callFaults.next(method, path),
    baseUrl: url,
    checksShapes: options.checksShapes ?? false,
    isAlwaysLegacy: options.isLegacy ?? false,
    newRequestId(realm) {
      if (realm !== undefined) return runningOf(realm).newRequestId()
      strangers += 1
      return `req_${deriveToken(`${url}:${strangers}`, 14)}`
    },
    translateLegacy,
    limitRate: createRateLimiter(),
    log(call) {
      if (call.realm !== undefined) {
        const { requests, listeners } = runningOf(call.realm)
        requests.add(call)
        listeners.logged(call)
      }
      if (call.cause !== undefined) report(call.cause)
    },
    authenticateOther: (incoming) =>
      own.authenticate(incoming) ?? meterSession(directory, incoming),
  })
}

/** The stream of meter events has its own short-lived credential, which names its account. */
function meterSession(directory: Directory, incoming: Incoming): Access | undefined {
  if (incoming.path !== '/v2/billing/meter_event_stream') return undefined
  const token = presentedText(incoming) ?? ''
  const [accountId = '', mode] = token.split('.')
  const realm = directory.findRealm(accountId, mode === 'live')
  const [session] = realm?.tables.meter_session.where('token', token) ?? []
  const now = realm?.transact((tx) => tx.now(null)) ?? 0
  if (realm === undefined || session === undefined || session.expiresAt <= now) return undefined
  return { realm, permissions: null }
}
