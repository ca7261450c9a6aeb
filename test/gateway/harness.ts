import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createQuotaAuthority } from '../../src/domain/entitlements/quota-authority.service.ts'
import { createMetering, type Metering } from '../../src/domain/metering/service.ts'
import type { RouteInput, Routing, UpstreamInput } from '../../src/domain/routing/route.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway/gateway.ts'
import { systemClock } from '../../src/kit/clock.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { testDatabase } from '../support/database.ts'
import { AccessBook, aSecret, METERED, totalOf, toRouting } from './world.ts'

export { aBudget, aQuota, aSecret, anAccess, METERED, withQuotas } from './world.ts'

export interface TestUpstream {
  readonly url: string
  readonly port: number
  /** `GET /path`, in the order they came. */
  readonly seen: string[]
  readonly server: http.Server
}

/** A real HTTP server standing for somebody's API; it answers every request with 200 unless told otherwise. */
export async function anUpstream(
  handler: http.RequestListener = (_request, response) => void response.end('ok'),
): Promise<TestUpstream> {
  const seen: string[] = []
  const server = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, seen, server }
}

export interface World {
  readonly gateway: Gateway
  readonly access: AccessBook
  readonly metering: Metering
  readonly database: Database
  readonly folder: string
  readonly logged: string[]
  /** Changes routes while the gateway runs. */
  route(routes: readonly RouteInput[], upstreams?: readonly UpstreamInput[]): void
  /** What is counted of a subscription in the database, once everything is there. */
  counted(n?: number, meterKey?: string): Promise<number>
  restart(): Promise<World>
}

export interface WorldOptions extends Partial<GatewayOptions> {
  readonly upstream?: string
  readonly routes?: readonly RouteInput[]
  readonly upstreams?: readonly UpstreamInput[]
  readonly keepData?: boolean
}

/** A gateway on a real port over a real database. Everything is closed when the test ends. */
export async function aWorld(options: WorldOptions = {}): Promise<World> {
  const database = await testDatabase()
  const metering = createMetering({ database, clock: systemClock })
  return start(options, database, new AccessBook(metering), metering)
}

async function start(
  options: WorldOptions,
  database: Database,
  access: AccessBook,
  metering: Metering,
  folder = mkdtempSync(join(tmpdir(), 'farebox-gateway-')),
): Promise<World> {
  const { upstream, routes = [METERED], upstreams, ...rest } = options
  let routing: Routing = toRouting(routes, upstreams ?? [{ key: 'api', url: upstream ?? '' }])
  const logged: string[] = []
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    folder,
    workers: 0,
    access,
    metering,
    routing: { current: () => Promise.resolve(routing) },
    quotas: createQuotaAuthority({ database, clock: systemClock }),
    portalUrl: 'http://console.test/portal',
    clock: systemClock,
    log: createLog({ level: 'debug', format: 'json', write: (line) => logged.push(line) }),
    metrics: createMetrics(),
    ...rest,
  })
  let isClosed = false
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    await gateway.close()
  }
  onTestFinished(async () => {
    await close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    gateway: { ...gateway, close },
    access,
    metering,
    database,
    folder,
    logged,
    route(next, nextUpstreams) {
      const sources = nextUpstreams ?? upstreams ?? [{ key: 'api', url: upstream ?? '' }]
      routing = toRouting(next, sources)
      access.say({ kind: 'routes' })
    },
    async counted(n = 1, meterKey = 'requests') {
      await gateway.flush()
      return totalOf(metering, n, meterKey)
    },
    async restart() {
      await close()
      return start(options, database, access, metering, folder)
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly text: string
  /** The parsed body of a problem document. */
  readonly problem: Problem
}

export interface Problem {
  readonly type: string
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly requestId: string
  readonly resetAt?: string
  readonly limit?: Record<string, unknown>
  readonly actions: readonly {
    readonly rel: string
    readonly href?: string
    readonly at?: string
  }[]
}

interface CallOptions extends http.RequestOptions {
  readonly key?: string | null
  readonly body?: string | Buffer
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

/** One call with an API key, over a kept connection, read to its end. */
export function call(
  world: { gateway: { url: string } },
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { key = aSecret(), body, headers, ...rest } = options
  const authorization = key === null ? {} : { authorization: `Bearer ${key}` }
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${world.gateway.url}${path}`,
      { agent, ...rest, headers: { ...authorization, ...(headers as http.OutgoingHttpHeaders) } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const isProblem = response.headers['content-type'] === 'application/problem+json'
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            text,
            problem: (isProblem ? JSON.parse(text) : {}) as Problem,
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
