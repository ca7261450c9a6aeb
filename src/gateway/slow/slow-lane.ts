import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { constants, createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ClientAddresses } from '../client-address.ts'
import { type Exchange, PASSED, refuse } from '../exchange.ts'
import { Forwarding, type ForwardingDeps } from './forwarding.ts'
import { hasBody, isHttp2, readRequest } from './read-request.ts'
import { endAndLeave } from './response.ts'
import { rawAnswer, Tunnel } from './tunnel.ts'

/** Times for what clients do slowly. */
const HEAD_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 75_000
/** For a client that sends nothing more of its body, or takes nothing more of its answer. */
const STALL_MS = 60_000
const CHECK_INTERVAL_MS = 500
const MOST_STREAMS = 128

interface SlowLaneDeps extends ForwardingDeps {
  readonly addresses: ClientAddresses
}

/**
 * The lane for everything: Node's parser reads what clients send, undici speaks to upstreams. It listens nowhere by
 * itself; connections are given to it.
 */
export interface SlowLane {
  readonly take: (socket: Socket) => void
  /** A connection that has agreed on HTTP/2. */
  readonly takeHttp2: (socket: Socket) => void
  /** Resolves when what runs has finished, or the time is over. */
  drain(withinMs: number): Promise<void>
}

export function createSlowLane(deps: SlowLaneDeps): SlowLane {
  const tunnels = new Set<Tunnel>()
  let running = 0
  let isDraining = false

  function handle(request: IncomingMessage, response: ServerResponse): void {
    running++
    if (isDraining) response.shouldKeepAlive = false
    response.once('close', () => running--)
    limitStalls(request, response)
    if (!isHttp2(request)) tellWhenGone(request.socket, response)
    const forwarding = new Forwarding(deps, request, response)
    const verdict = readRequest(request, forwarding.exchange, deps.addresses)
    if (verdict === PASSED) return forwarding.start()
    deps.pipeline.identify(forwarding.exchange)
    forwarding.refused()
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    request.socket.setTimeout(0)
    const tunnel = new Tunnel(deps, request, socket, head)
    tunnels.add(tunnel)
    socket.on('close', () => tunnels.delete(tunnel))
    const verdict = readRequest(request, tunnel.exchange, deps.addresses)
    if (verdict === PASSED && mayUpgrade(request, tunnel.exchange)) return tunnel.start()
    deps.pipeline.identify(tunnel.exchange)
    tunnel.refused()
  }

  const server = createServer({
    headersTimeout: HEAD_TIMEOUT_MS,
    // Bodies may be large; what stalls is ended below.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    noDelay: true,
  })
  server.timeout = STALL_MS
  server.on('request', handle)
  server.on('checkContinue', handle)
  server.on('upgrade', upgrade)
  server.on('connect', (_request, socket: Duplex) => {
    endAndLeave(
      socket,
      'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    )
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    refuseUnreadable(deps, error, socket)
  })
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: MOST_STREAMS } })
  const sessions = new Set<ServerHttp2Session>()
  http2.on('session', (session) => {
    sessions.add(session)
    session.setTimeout(KEEP_ALIVE_MS, () => session.close())
    session.on('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  // Node's compatible requests and answers; what differs is dealt with where it differs.
  http2.on('request', handle as unknown as (...args: unknown[]) => void)
  http2.on('checkContinue', handle as unknown as (...args: unknown[]) => void)
  // A server that never listens starts checking heads for their time only when it is told that it does.
  server.emit('listening')
  return {
    take: (socket) => void server.emit('connection', socket),
    takeHttp2(socket) {
      // Nobody sends half of a session: when the client ends, its streams are over, and so is what they asked for.
      socket.allowHalfOpen = false
      http2.emit('connection', socket)
    },
    async drain(withinMs) {
      isDraining = true
      for (const session of sessions) session.close()
      for (const tunnel of tunnels) tunnel.goAway()
      server.closeIdleConnections()
      const deadline = Date.now() + withinMs
      const isRunning = (): boolean => running + tunnels.size > 0
      while (isRunning() && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        server.closeIdleConnections()
      }
      server.closeAllConnections()
      for (const session of sessions) session.destroy()
      for (const tunnel of tunnels) tunnel.destroy()
    },
  }
}

/** Whatever is not a WebSocket could be requests again, and nobody would look at those. */
function mayUpgrade({ method, headers }: IncomingMessage, exchange: Exchange): boolean {
  const protocol = headers.upgrade ?? ''
  if (method === 'GET' && protocol.toLowerCase() === 'websocket') return true
  refuse(exchange, 'upgrade_refused', { protocol: `${method} ${protocol.slice(0, 50)}` })
  return false
}

/** The answers that are under way on a connection. */
const underWay = new WeakMap<Socket, Set<ServerResponse>>()

/** Node does not tell an answer that waits behind another one that their connection is gone. */
function tellWhenGone(socket: Socket, response: ServerResponse): void {
  let responses = underWay.get(socket)
  if (responses === undefined) {
    const all = new Set<ServerResponse>()
    responses = all
    underWay.set(socket, all)
    socket.on('close', () => setImmediate(() => all.forEach((waiting) => waiting.emit('close'))))
  }
  responses.add(response)
  response.once('close', () => responses.delete(response))
}

/** What neither sends nor takes anything must not hold a place for ever; what waits for the upstream may wait. */
function limitStalls(request: IncomingMessage, response: ServerResponse): void {
  if (isHttp2(request)) {
    const { stream } = request
    stream.setTimeout(STALL_MS, () => {
      const isReceiving = hasBody(request) && !request.complete
      if (isReceiving || stream.writableLength > 0) stream.close(constants.NGHTTP2_CANCEL)
    })
    return
  }
  const { socket } = request
  // With a listener Node leaves the connection alone; without one, between requests, it ends it.
  response.on('timeout', () => {
    if (!request.complete || socket.writableLength > 0) socket.destroy()
  })
}

/** Node's parser did not take it: nobody knows where the next request would begin, so the connection ends. */
function refuseUnreadable(deps: SlowLaneDeps, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const exchange = deps.pipeline.newExchange({ decided: () => undefined })
  deps.pipeline.identify(exchange)
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const reason =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'its head took too long' : readable(error.code)
  const refusal = { code: 'malformed_request', params: { reason }, status } as const
  exchange.refusal = refusal
  const answer = deps.refusals.render(exchange, refusal)
  exchange.bytes = Buffer.byteLength(answer.body)
  deps.meter.settle(exchange, 0, true)
  socket.end(rawAnswer(answer))
}

/** `HPE_INVALID_HEADER_TOKEN` is `invalid header token`. */
function readable(code = ''): string {
  return code.startsWith('HPE_') ? code.slice(4).replaceAll('_', ' ').toLowerCase() : 'unreadable'
}
