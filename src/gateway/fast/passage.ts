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
import { chooseTarget, refuseUnavailable } from '../stages/proxy.ts'
import type { Target } from '../upstreams/target.ts'
import type { Recorded } from '../usage/usage-log.ts'
import type { ClientConnection } from './client-connection.ts'
import type { FastLaneDeps, FastLaneTimes } from './fast-lane.ts'
import { Answer } from './outbox.ts'
import type { ResponseHead } from './response-grammar.ts'
import type { UpstreamConnection, UpstreamFailure, UpstreamSink } from './upstream-connection.ts'
import { UpstreamRequest } from './upstream-request.ts'

const NOT_TRIED: readonly Target[] = []
const CHUNKED = Buffer.from('Transfer-Encoding: chunked\r\n')
const END = Buffer.from('\r\n')
const LAST_END = Buffer.from('Connection: close\r\n\r\n')
const MOST_FRAMING_BYTES = CHUNKED.length + LAST_END.length

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
  /** What came of the body with the head. */
  #body: Buffer | null = null
  /** What came of it since, before there was a connection to send it over. */
  #more: Buffer | null = null

  #tried: Target[] = []
  #target: Target | null = null
  #upstream: UpstreamConnection | null = null
  readonly #request = new UpstreamRequest()

  #status = 0
  /** The answer, or the last bytes of it. */
  readonly #answer = new Answer()
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
    this.#more = null
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
    this.#request.write(exchange, target, this.#kept, this.#body)
    this.#body = null
    this.#lane.dispatchLater(this)
  }

  dispatch(): void {
    if (this.#state !== WAITING_FOR_ANSWER || this.#target === null) return
    this.#target.fastPool(this.exchange.at).start(this)
  }

  // From the client.

  /** False asks for a pause. */
  bodyFromClient(bytes: Buffer, end: number): boolean {
    this.#movedAt = this.#lane.clock.now()
    if (this.#upstream !== null) return this.#upstream.outlet.write(bytes, 0, end)
    // Nobody reads it yet; one more piece may come before the pause takes effect.
    const part = bytes.subarray(0, end)
    this.#more = this.#more === null ? Buffer.from(part) : Buffer.concat([this.#more, part])
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
    this.#request.send(connection.outlet)
    if (this.#more !== null) connection.outlet.write(this.#more, 0, this.#more.length)
    this.#more = null
    if (this.#client.isReceiving()) this.#socket.resume()
  }

  drained(): void {
    if (this.#client.isReceiving()) this.#socket.resume()
  }

  interim({ status, lines }: ResponseHead): void {
    if (status !== 103) return
    const hints = Buffer.concat([lines, END])
    this.#client.outlet.write(hints, 0, hints.length)
  }

  whole(head: ResponseHead, isChunked: boolean, bytes: Buffer, start: number, end: number): void {
    this.#upstream = null
    this.#target?.succeeded()
    this.#status = head.status
    this.exchange.bytes = end - start
    this.#lane.outbox.reserve(this.#headBytes(head) + end - start, this.#answer)
    const answer = this.#answer
    const out = answer.bytes as Buffer
    const bodyAt = this.#writeHead(head, isChunked, out, answer.start)
    answer.end = bodyAt + bytes.copy(out, bodyAt, start, end)
    this.#end()
  }

  head(head: ResponseHead, isUntilClose: boolean): void {
    this.#state = ANSWERING
    this.#movedAt = this.#lane.clock.now()
    this.#target?.succeeded()
    this.#status = head.status
    if (isUntilClose) this.#client.keepAlive = false
    const text = Buffer.allocUnsafe(this.#headBytes(head))
    const length = this.#writeHead(head, head.isChunked, text, 0)
    // Together with what follows in this turn.
    this.#socket.cork()
    this.#socket.write(text.subarray(0, length))
    process.nextTick(uncork, this.#socket)
  }

  body(bytes: Buffer, start: number, end: number, isLast: boolean): boolean {
    this.exchange.bytes += end - start
    if (isLast) {
      this.#upstream = null
      this.#lane.outbox.reserve(end - start, this.#answer)
      this.#answer.end += bytes.copy(this.#answer.bytes as Buffer, this.#answer.start, start, end)
      this.#end()
      return true
    }
    this.#movedAt = this.#lane.clock.now()
    const mayGoOn = this.#client.outlet.write(bytes, start, end)
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

  #headBytes(head: ResponseHead): number {
    return head.lines.length + this.exchange.lines.length + MOST_FRAMING_BYTES
  }

  /** Where the body starts. */
  #writeHead(head: ResponseHead, isChunked: boolean, out: Buffer, start: number): number {
    out.set(head.lines, start)
    let at = this.exchange.lines.copyTo(out, start + head.lines.length)
    if (isChunked) {
      out.set(CHUNKED, at)
      at += CHUNKED.length
    }
    const end = this.#client.keepAlive ? END : LAST_END
    out.set(end, at)
    return at + end.length
  }

  /** The last bytes leave when what was used is in safe hands. */
  #end(): void {
    this.#state = ENDING
    const { meter } = this.#lane
    if (meter.settle(this.exchange, this.#status, true)) meter.afterWrite(this)
    else this.written()
  }

  written(): void {
    const answer = this.#answer
    const isWanted = this.#state === ENDING
    if (answer.bytes !== null) {
      if (isWanted) this.#client.outlet.write(answer.bytes, answer.start, answer.end)
      this.#lane.outbox.release(answer)
    }
    if (!isWanted) return
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
