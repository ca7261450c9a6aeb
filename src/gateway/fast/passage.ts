import type { Socket } from 'node:net'
import {
  ELSEWHERE,
  type Exchange,
  type ExchangeOwner,
  PASSED,
  refuse,
  type Verdict,
  WAITING,
} from '../exchange.ts'
import type { KeyAccess } from '../access/key-access.ts'
import type { RouteEntry } from '../routing-table.ts'
import {
  callerLines,
  chooseTarget,
  forwardingLines,
  refuseUnavailable,
  requestIdLine,
  upstreamTarget,
} from '../stages/proxy.ts'
import type { Target } from '../upstreams/target.ts'
import type { Recorded } from '../usage/usage-log.ts'
import type { ClientConnection } from './client-connection.ts'
import type { FastLaneDeps, FastLaneTimes } from './fast-lane.ts'
import type { ResponseHead } from './response-grammar.ts'
import type { UpstreamConnection, UpstreamFailure, UpstreamSink } from './upstream-connection.ts'

/** Up to here head and body go out as one text; beyond, copying costs more than a second piece. */
const JOIN_BYTES = 16_384
const NOT_TRIED: readonly Target[] = []

/** What the lines depend on, and the lines. */
interface UsualLines {
  readonly route: RouteEntry | null
  readonly target: Target | null
  readonly access: KeyAccess | null
  readonly authority: string
  readonly kept: string
  readonly lines: string
}

const NO_LINES: UsualLines = {
  route: null,
  target: null,
  access: null,
  authority: '',
  kept: '',
  lines: '',
}

const DECIDING = 0
const WAITING_FOR_ANSWER = 1
const ANSWERING = 2
/** All but the last bytes of the answer are out; those wait until its usage is recorded. */
const ENDING = 3
const OVER = 4

/**
 * One request's way through the fast lane: decided by the stages, sent to a target, answered. A connection uses the
 * same passage for all its requests.
 */
export class Passage implements ExchangeOwner, UpstreamSink, Recorded {
  readonly exchange: Exchange
  isHead = false
  readonly #lane: FastLaneDeps
  readonly #client: ClientConnection
  readonly #socket: Socket
  #state: number = OVER
  /** When a byte last moved in either direction. */
  #movedAt = 0
  #kept = ''
  #hasBody = false
  /** What came of the body before there was a connection to send it over. */
  #body: Buffer | null = null

  #tried: Target[] = []
  #target: Target | null = null
  #upstream: UpstreamConnection | null = null
  #requestText = ''
  #usual: UsualLines = NO_LINES

  #status = 0
  #last: Buffer | string | null = null
  /** The client reads slower than the upstream writes. */
  #isPaused = false

  constructor(lane: FastLaneDeps, client: ClientConnection) {
    this.#lane = lane
    this.#client = client
    this.#socket = client.socket
    this.exchange = lane.pipeline.newExchange(this)
    this.exchange.isFast = true
  }

  begin(kept: string, body: Buffer | null, hasBody: boolean): void {
    const { exchange } = this
    this.#state = DECIDING
    this.#kept = kept
    this.#body = body
    this.#hasBody = hasBody
    this.isHead = exchange.method === 'HEAD'
    this.#status = 0
    if (this.#tried.length > 0) this.#tried = []
    const verdict = this.#lane.pipeline.decide(exchange)
    this.#movedAt = exchange.at
    if (verdict !== WAITING) this.decided(verdict)
  }

  decided(verdict: Verdict): void {
    if (this.#state !== DECIDING) return
    if (verdict === PASSED) this.#send(NOT_TRIED)
    else if (verdict === ELSEWHERE) {
      this.#state = OVER
      this.#client.handOverRequest()
    } else this.#refuse()
  }

  /** At the end of this turn, together with what else was decided in it. */
  #send(tried: readonly Target[]): void {
    const { exchange } = this
    const target = chooseTarget(exchange, tried)
    if (target === null) {
      refuseUnavailable(exchange)
      return this.#refuse()
    }
    this.#target = target
    this.#state = WAITING_FOR_ANSWER
    this.#requestText =
      `${exchange.method} ${upstreamTarget(exchange, target)} HTTP/1.1\r\n` +
      this.#usualLines(exchange, target) +
      requestIdLine(exchange) +
      '\r\n'
    this.#lane.dispatchLater(this)
  }

  /** All lines but the id: the same as for the request before, when one client asks for one thing after another. */
  #usualLines(exchange: Exchange, target: Target): string {
    const { access, route, authority } = exchange
    if (exchange.forwardedFor !== '' || exchange.scheme === 'https') {
      return this.#kept + callerLines(exchange, target) + forwardingLines(exchange)
    }
    const usual = this.#usual
    const isSame =
      usual.route === route &&
      usual.target === target &&
      usual.access === access &&
      usual.kept === this.#kept &&
      usual.authority === authority
    if (isSame) return usual.lines
    const lines = this.#kept + callerLines(exchange, target) + forwardingLines(exchange)
    this.#usual = { route, target, access, authority, kept: this.#kept, lines: inOnePiece(lines) }
    return this.#usual.lines
  }

  dispatch(): void {
    if (this.#state !== WAITING_FOR_ANSWER || this.#target === null) return
    this.#target.fastPool(this.exchange.at).start(this, this.#requestText, this.#body)
  }

  // From the client.

  /** False asks for a pause. */
  bodyFromClient(part: Buffer): boolean {
    this.#movedAt = this.#lane.clock.now()
    if (this.#upstream !== null) return this.#upstream.socket.write(part)
    // Nobody reads it yet; one more piece may come before the pause takes effect.
    this.#body = this.#body === null ? part : Buffer.concat([this.#body, part])
    return false
  }

  drainedToClient(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#upstream?.resume()
  }

  /** The client has left. */
  abandon(): void {
    this.#lane.meter.settle(this.exchange, this.#status, false)
    this.#dropUpstream()
    this.#state = OVER
  }

  /** All but the last bytes of the answer are out. */
  isEnding(): boolean {
    return this.#state === ENDING
  }

  // From the upstream.

  connected(connection: UpstreamConnection): void {
    this.#upstream = connection
    this.#body = null
    if (this.#client.isReceiving()) this.#socket.resume()
  }

  drained(): void {
    if (this.#client.isReceiving()) this.#socket.resume()
  }

  interim(head: ResponseHead): void {
    if (head.status === 103) this.#socket.write(`${head.statusLine}${head.kept}\r\n`, 'latin1')
  }

  whole(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    this.#upstream = null
    this.#target?.succeeded()
    this.#status = head.status
    const text = this.#answerHead(head, false)
    const length = end - start
    this.exchange.bytes = length
    if (length === 0) this.#last = text
    else if (length <= JOIN_BYTES) this.#last = text + bytes.toString('latin1', start, end)
    else {
      this.#socket.write(text, 'latin1')
      this.#last = Buffer.from(bytes.subarray(start, end))
    }
    this.#end()
  }

  head(head: ResponseHead, isUntilClose: boolean): void {
    this.#state = ANSWERING
    this.#movedAt = this.#lane.clock.now()
    this.#target?.succeeded()
    this.#status = head.status
    if (isUntilClose) this.#client.keepAlive = false
    this.#socket.cork()
    this.#socket.write(this.#answerHead(head, head.isChunked), 'latin1')
    process.nextTick(uncork, this.#socket)
  }

  body(bytes: Buffer, start: number, end: number, isLast: boolean): boolean {
    this.exchange.bytes += end - start
    if (isLast) {
      this.#upstream = null
      this.#last = Buffer.from(bytes.subarray(start, end))
      this.#end()
      return true
    }
    this.#movedAt = this.#lane.clock.now()
    const mayGoOn = this.#socket.write(bytes.subarray(start, end))
    if (this.#socket.writableLength > 0) this.#upstream?.keepBuffer()
    this.#isPaused = !mayGoOn
    return mayGoOn
  }

  closed(): void {
    this.#upstream = null
    this.#end()
  }

  failed(failure: UpstreamFailure): void {
    this.#upstream = null
    const { exchange } = this
    this.#target?.failed(exchange.at)
    if (this.#state === ANSWERING) {
      // The client must not take half an answer for a whole one.
      this.#lane.meter.settle(exchange, this.#status, false)
      this.#state = OVER
      this.#socket.destroy()
    } else if (this.#mayRetry(failure)) this.#send(this.#tried)
    else this.#refuseAfter(failure)
  }

  #mayRetry(failure: UpstreamFailure): boolean {
    if (this.#target !== null) this.#tried.push(this.#target)
    const retries = this.exchange.route?.upstream.upstream.policy.retries ?? 0
    const isSafe = this.isHead || this.exchange.method === 'GET'
    return isSafe && !this.#hasBody && failure !== 'timed_out' && this.#tried.length <= retries
  }

  #refuseAfter(failure: UpstreamFailure): void {
    const { exchange } = this
    const { id: requestId, route } = exchange
    const upstream = route?.upstream.upstream.key
    this.#lane.log.warn('gateway.upstream_failed', { requestId, upstream, failure })
    if (failure === 'unreachable') refuseUnavailable(exchange)
    else if (failure === 'broken') refuse(exchange, 'upstream_failed', {})
    else refuse(exchange, 'upstream_timeout', { timeoutMs: this.#timeoutMs() })
    this.#refuse()
  }

  // To the client.

  #answerHead(head: ResponseHead, isChunked: boolean): string {
    const framing = isChunked ? 'Transfer-Encoding: chunked\r\n' : ''
    const end = this.#client.keepAlive ? '\r\n' : 'Connection: close\r\n\r\n'
    return head.statusLine + head.kept + this.exchange.answerLines + framing + end
  }

  /** The last bytes leave when what was used is in safe hands. */
  #end(): void {
    this.#state = ENDING
    const { meter } = this.#lane
    if (meter.settle(this.exchange, this.#status, true)) meter.afterWrite(this)
    else this.written()
  }

  written(): void {
    if (this.#state !== ENDING) return
    const last = this.#last
    this.#last = null
    if (typeof last === 'string') this.#socket.write(last, 'latin1')
    else if (last !== null) this.#socket.write(last)
    this.#state = OVER
    this.#client.finished()
  }

  #refuse(): void {
    const { exchange } = this
    const { refusal } = exchange
    if (refusal === null) throw new Error('A refused request has a refusal')
    const { status, reason, headerLines, body } = this.#lane.refusals.render(exchange, refusal)
    exchange.bytes = Buffer.byteLength(body)
    this.#lane.meter.settle(exchange, 0, true)
    this.#dropUpstream()
    this.#state = OVER
    const mayStay = this.#client.keepAlive && !this.#client.isReceiving()
    const length = `Content-Length: ${exchange.bytes}\r\n`
    const end = mayStay ? '\r\n' : 'Connection: close\r\n\r\n'
    const text = `HTTP/1.1 ${status} ${reason}\r\n${headerLines}${length}${end}`
    this.#socket.write(this.isHead ? text : text + body)
    this.#client.finished()
  }

  #dropUpstream(): void {
    if (this.#upstream !== null) this.#upstream.abort()
    else if (this.#state === WAITING_FOR_ANSWER) {
      this.#target?.fastPool(this.exchange.at).cancel(this)
    }
    this.#upstream = null
    if (this.#state === WAITING_FOR_ANSWER) this.#target?.undecided()
  }

  #timeoutMs(): number {
    return this.exchange.route?.route.policy.timeoutMs ?? 0
  }

  sweep(now: number, { stallMs }: FastLaneTimes): void {
    const stillMs = now - this.#movedAt
    if (this.#state === WAITING_FOR_ANSWER) {
      if (this.#client.isReceiving()) {
        if (stillMs > stallMs) this.#socket.destroy()
      } else if (stillMs > this.#timeoutMs()) this.#timeOut()
    } else if (this.#state === ANSWERING) {
      const isLate = this.#isPaused ? stillMs > stallMs : stillMs > this.#timeoutMs()
      if (isLate) this.#socket.destroy()
    }
  }

  #timeOut(): void {
    if (this.#upstream !== null) return this.#upstream.timeOut()
    this.#target?.fastPool(this.exchange.at).cancel(this)
    this.failed('timed_out')
  }
}

function uncork(socket: Socket): void {
  socket.uncork()
}

/** A text that was put together is a tree of its pieces until it is written; one that is written often is made flat. */
function inOnePiece(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
