import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { add, type Decimal, decimal, ZERO } from '../../kit/decimal.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import { MessageCounter } from '../costs/message-counter.ts'
import { type Exchange, type ExchangeOwner, PASSED, type Verdict, WAITING } from '../exchange.ts'
import { pairsOf, passesToClient } from '../headers.ts'
import { type GatewayAnswer, statusOf } from '../refusal.ts'
import { chooseTarget, gatewayLines, refuseUnavailable, upstreamTarget } from '../stages/proxy.ts'
import type { Target } from '../upstreams/target.ts'
import type { ForwardingDeps } from './forwarding.ts'
import { endToEndHeaders } from './read-request.ts'
import { endAndLeave, leave } from './response.ts'
import { isTimeout, refuseByError } from './upstream-errors.ts'

const LOOK_EVERY_MS = SECOND_MS
/** Peers that are gone without a word are noticed by the system. */
const KEEP_ALIVE_MS = 30 * SECOND_MS
/** Close frames (RFC 6455, 7.4.1): 1008, a policy is violated; 1001, the server goes away. */
const CLOSE_POLICY = Buffer.from([0x88, 0x02, 0x03, 0xf0])
const CLOSE_GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9])

const TOO_MANY_REQUESTS = 429

class NoAnswerInTime extends Error {
  override readonly name = 'NoAnswerInTime'
  readonly code = 'ETIMEDOUT'
}

/**
 * A connection that asks to switch protocols, such as a WebSocket. It is decided like any request and billed when the
 * upstream agrees; from then on bytes pass both ways untouched until either side closes.
 */
export class Tunnel implements ExchangeOwner {
  readonly exchange: Exchange
  readonly #deps: ForwardingDeps
  readonly #request: IncomingMessage
  readonly #client: Duplex
  readonly #firstBytes: Buffer
  #upstream: http.ClientRequest | null = null
  readonly #tried: Target[] = []
  #target: Target | null = null
  #hasEnded = false
  /** Both directions of a WebSocket whose messages are billed. */
  #messages: readonly MessageCounter[] = []
  /** The upstream's end of it, as long as bytes pass. */
  #peer: Duplex | null = null
  #lookTimer: NodeJS.Timeout | undefined
  #isLooking = false

  constructor(deps: ForwardingDeps, request: IncomingMessage, client: Duplex, firstBytes: Buffer) {
    this.#deps = deps
    this.#request = request
    this.#client = client
    this.#firstBytes = firstBytes
    this.exchange = deps.pipeline.newExchange(this)
    client.on('error', () => this.#end())
    client.on('close', () => this.#end())
  }

  start(): void {
    const verdict = this.#deps.pipeline.decide(this.exchange)
    if (verdict !== WAITING) this.decided(verdict)
  }

  decided(verdict: Verdict): void {
    if (this.#hasEnded) return
    if (verdict !== PASSED) return this.refused()
    this.exchange.isTunnel = true
    this.#connect()
  }

  #connect(): void {
    const { exchange } = this
    const target = chooseTarget(exchange, this.#tried)
    if (target === null) {
      refuseUnavailable(exchange)
      return this.refused()
    }
    this.#target = target
    this.#tried.push(target)
    const { certificateAuthority } = exchange.route?.upstream.upstream.policy ?? {}
    const request = (target.isTls ? https : http).request({
      host: target.hostname,
      port: target.port,
      method: exchange.method,
      path: upstreamTarget(exchange, target),
      headers: [
        ...pairsOf(gatewayLines(exchange, target)),
        ...endToEndHeaders(this.#request, exchange),
        'Connection',
        'Upgrade',
        'Upgrade',
        this.#request.headers.upgrade ?? '',
      ] as unknown as http.OutgoingHttpHeaders,
      agent: false,
      timeout: target.connectTimeoutMs,
      ...(typeof certificateAuthority === 'string' ? { ca: certificateAuthority } : {}),
    })
    this.#upstream = request
    request.on('upgrade', (answer, socket, head) => this.#switched(answer, socket, head))
    request.on('response', (answer) => this.#declined(answer))
    const timeoutMs = exchange.route?.route.policy.timeoutMs ?? 0
    request.on('socket', (socket) => {
      socket.once(target.isTls ? 'secureConnect' : 'connect', () => socket.setTimeout(timeoutMs))
    })
    request.on('timeout', () => request.destroy(new NoAnswerInTime()))
    request.on('error', (error) => this.#failed(error))
    request.end()
  }

  #switched(answer: IncomingMessage, upstream: Duplex, head: Buffer): void {
    this.#target?.succeeded()
    upstream.on('error', () => this.#end())
    upstream.on('close', () => this.#client.destroy())
    this.#client.on('close', () => upstream.destroy())
    for (const socket of [upstream, this.#client] as Socket[]) {
      socket.setTimeout(0)
      socket.setKeepAlive(true, KEEP_ALIVE_MS)
    }
    this.#deps.meter.settle(this.exchange, 101, true)
    this.#deps.meter.afterWrite({
      written: () => {
        this.#client.write(headOf(answer, this.exchange.answerLines), 'latin1')
        if (head.length > 0) this.#client.write(head)
        if (this.#firstBytes.length > 0) upstream.write(this.#firstBytes)
        this.#countMessages(upstream, head)
        upstream.pipe(this.#client)
        this.#client.pipe(upstream)
        this.#peer = upstream
        this.#lookTimer = setInterval(() => this.#look(), LOOK_EVERY_MS)
        this.#lookTimer.unref()
      },
    })
  }

  /** Counted as they pass, so that a connection of days is not billed at its end. */
  #countMessages(upstream: Duplex, head: Buffer): void {
    const charges = this.exchange.terms?.charges ?? []
    const isBilled = charges.some(({ costs }) =>
      costs.some(({ source }) => source.kind === 'websocket_messages'),
    )
    if (!isBilled) return
    const [fromUpstream, fromClient] = [new MessageCounter(), new MessageCounter()]
    fromUpstream.read(head)
    fromClient.read(this.#firstBytes)
    upstream.on('data', (bytes: Buffer) => fromUpstream.read(bytes))
    this.#client.on('data', (bytes: Buffer) => fromClient.read(bytes))
    this.#messages = [fromUpstream, fromClient]
  }

  /** A connection of days has to hear of what became of its key meanwhile, as a request would. */
  #look(): void {
    this.#billMessages()
    const { exchange } = this
    if (this.#peer === null || this.#isLooking || exchange.access === null) return
    this.#isLooking = true
    this.#deps.pipeline.lookAgain(exchange, (refusal) => {
      this.#isLooking = false
      // A key that cannot be looked up just now is known from before.
      if (refusal === null || statusOf(refusal) >= TOO_MANY_REQUESTS) return
      const { code } = refusal
      this.#deps.log.info('gateway.websocket_ended', { requestId: exchange.id, code })
      this.#closeWith(CLOSE_POLICY)
    })
  }

  /** The gateway stops, and the client should come again elsewhere. */
  goAway(): void {
    this.#closeWith(CLOSE_GOING_AWAY)
  }

  destroy(): void {
    this.#client.destroy()
  }

  #closeWith(frame: Buffer): void {
    if (this.#hasEnded || this.#peer === null) return
    // The upstream hears of it by the client's own close.
    this.#peer.unpipe(this.#client)
    this.#peer.resume()
    this.#peer = null
    endAndLeave(this.#client, frame)
  }

  #billMessages(): void {
    const count = this.#messages.reduce((sum, messages) => sum + messages.take(), 0)
    const { exchange } = this
    if (count === 0 || exchange.access === null) return
    exchange.at = this.#deps.clock.now()
    exchange.now = exchange.access.now(exchange.at)
    const units = (exchange.terms?.charges ?? []).map(({ costs }) =>
      costs
        .filter(({ source }) => source.kind === 'websocket_messages')
        .reduce((sum, { factor }) => add(sum, (decimal(factor) * BigInt(count)) as Decimal), ZERO),
    )
    const isWithin = this.#deps.meter.more(exchange, units)
    // What was bought is used up: a policy violation, as RFC 6455 calls it.
    if (!isWithin) this.#closeWith(CLOSE_POLICY)
  }

  /** The upstream answers as to any request: its answer ends the connection. */
  #declined(answer: IncomingMessage): void {
    this.#target?.succeeded()
    this.exchange.isTunnel = false
    this.#deps.meter.settle(this.exchange, answer.statusCode ?? 0, true)
    this.#deps.meter.afterWrite({
      written: () => {
        this.#client.write(
          headOf(answer, `${this.exchange.answerLines}Connection: close\r\n`),
          'latin1',
        )
        answer.pipe(this.#client)
        answer.on('close', () => {
          // What breaks off must not look whole.
          if (!answer.complete) this.#client.destroy()
        })
        this.#client.on('finish', () => leave(this.#client))
      },
    })
  }

  #failed(error: Error): void {
    const { exchange } = this
    if (this.#hasEnded) {
      this.#target?.undecided()
      return
    }
    this.#target?.failed(exchange.at)
    if (exchange.isSettled) return this.#end()
    // Nothing was said yet but that a WebSocket is wanted, so another target may be asked.
    const retries = exchange.route?.upstream.upstream.policy.retries ?? 0
    if (!isTimeout(error) && this.#tried.length <= retries) return this.#connect()
    refuseByError(exchange, error)
    this.#deps.log.warn('gateway.upstream_failed', {
      requestId: exchange.id,
      upstream: exchange.route?.upstream.upstream.key,
      error,
    })
    this.refused()
  }

  refused(): void {
    const { exchange } = this
    if (exchange.refusal === null) throw new Error('A refused request has a refusal')
    const answer = this.#deps.refusals.render(exchange, exchange.refusal)
    exchange.bytes = Buffer.byteLength(answer.body)
    this.#deps.meter.settle(exchange, 0, true)
    this.#deps.meter.leave(exchange)
    endAndLeave(this.#client, rawAnswer(answer))
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearInterval(this.#lookTimer)
    this.#billMessages()
    this.#deps.meter.settle(this.exchange, 0, true)
    this.#deps.meter.leave(this.exchange)
    this.#upstream?.destroy()
    this.#client.destroy()
  }
}

function headOf(answer: IncomingMessage, lines: string): string {
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`
  const isSwitched = answer.statusCode === 101
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i] ?? ''
    const passes = isSwitched && /^(?:connection|upgrade)$/i.test(name)
    if (passes || passesToClient(name.toLowerCase())) {
      head += `${name}: ${answer.rawHeaders[i + 1]}\r\n`
    }
  }
  return `${head}${lines}\r\n`
}

/** For sockets that no longer have a response object. */
export function rawAnswer({ status, reason, headerLines, body }: GatewayAnswer): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${headerLines}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}
