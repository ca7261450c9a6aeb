import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { add, type Decimal, decimal, ZERO } from '../../kit/decimal.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import { MessageCounter } from '../costs/message-counter.ts'
import {
  type Exchange,
  type ExchangeOwner,
  PASSED,
  refuse,
  type Verdict,
  WAITING,
} from '../exchange.ts'
import { pairsOf } from '../headers.ts'
import type { GatewayAnswer } from '../refusal.ts'
import { chooseTarget, gatewayLines, refuseUnavailable, upstreamTarget } from '../stages/proxy.ts'
import type { Target } from '../upstreams/target.ts'
import type { ForwardingDeps } from './forwarding.ts'
import { endToEndHeaders } from './read-request.ts'

const BILL_EVERY_MS = SECOND_MS
/** A close frame with the code 1008. */
const CLOSE_POLICY = Buffer.from([0x88, 0x02, 0x03, 0xf0])

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
  #target: Target | null = null
  #hasEnded = false
  /** Both directions of a WebSocket whose messages are billed. */
  #messages: readonly MessageCounter[] = []
  #countTimer: NodeJS.Timeout | undefined

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
    const target = chooseTarget(exchange, [])
    if (target === null) {
      refuseUnavailable(exchange)
      return this.refused()
    }
    this.#target = target
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
      timeout: exchange.route?.route.policy.timeoutMs ?? 0,
      ...(typeof certificateAuthority === 'string' ? { ca: certificateAuthority } : {}),
    })
    this.#upstream = request
    request.on('upgrade', (answer, socket, head) => this.#switched(answer, socket, head))
    request.on('response', (answer) => this.#declined(answer))
    request.on('timeout', () => request.destroy(new Error('No answer in time')))
    request.on('error', () => this.#failed())
    request.end()
  }

  #switched(answer: IncomingMessage, upstream: Duplex, head: Buffer): void {
    this.#target?.succeeded()
    upstream.on('error', () => this.#end())
    upstream.on('close', () => this.#client.destroy())
    this.#client.on('close', () => upstream.destroy())
    if ('setTimeout' in upstream) (upstream as { setTimeout(ms: number): void }).setTimeout(0)
    this.#deps.meter.settle(this.exchange, 101, true)
    this.#deps.meter.afterWrite({
      written: () => {
        this.#client.write(headOf(answer, this.exchange.answerLines), 'latin1')
        if (head.length > 0) this.#client.write(head)
        if (this.#firstBytes.length > 0) upstream.write(this.#firstBytes)
        this.#countMessages(upstream, head)
        upstream.pipe(this.#client)
        this.#client.pipe(upstream)
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
    this.#countTimer = setInterval(() => this.#billMessages(), BILL_EVERY_MS)
    this.#countTimer.unref()
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
    if (!isWithin && !this.#hasEnded) this.#client.end(CLOSE_POLICY)
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
      },
    })
  }

  #failed(): void {
    if (this.#hasEnded) return
    this.#target?.failed(this.exchange.at)
    if (this.exchange.isSettled) return this.#end()
    refuse(this.exchange, 'upstream_failed', {})
    this.refused()
  }

  refused(): void {
    const { exchange } = this
    if (exchange.refusal === null) throw new Error('A refused request has a refusal')
    const answer = this.#deps.refusals.render(exchange, exchange.refusal)
    exchange.bytes = Buffer.byteLength(answer.body)
    this.#deps.meter.settle(exchange, 0, true)
    this.#deps.meter.leave(exchange)
    this.#client.end(rawAnswer(answer))
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearInterval(this.#countTimer)
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
    const isHopByHop = /^(?:connection|transfer-encoding|keep-alive)$/i.test(name)
    if (isSwitched || !isHopByHop) head += `${name}: ${answer.rawHeaders[i + 1]}\r\n`
  }
  return `${head}${lines}\r\n`
}

/** For sockets that no longer have a response object. */
export function rawAnswer({ status, reason, headerLines, body }: GatewayAnswer): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${headerLines}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}
