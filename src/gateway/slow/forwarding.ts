import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../kit/clock.ts'
import type { Log } from '../../platform/log.ts'
import {
  type Exchange,
  type ExchangeOwner,
  PASSED,
  REPLAYED,
  type Verdict,
  WAITING,
} from '../exchange.ts'
import { CostReader } from '../costs/cost-reader.ts'
import { namedInConnection, pairsOf, passesToClient } from '../headers.ts'
import type { Pipeline } from '../pipeline.ts'
import { KeptParts } from '../replays/kept-parts.ts'
import type { ReplayStore } from '../replays/replay-store.ts'
import type { Refusals } from '../refusal.ts'
import type { Meter } from '../stages/meter.ts'
import { MAX_BODY_BYTES } from '../stages/replay.ts'
import {
  chooseTarget,
  gatewayLines,
  isSafe,
  refuseUnavailable,
  upstreamTarget,
} from '../stages/proxy.ts'
import type { Target } from '../upstreams/target.ts'
import type { Recorded } from '../usage/usage-log.ts'
import { answerAndLinger } from './gateway-answer.ts'
import { endToEndHeaders, hasBody } from './read-request.ts'
import { breakOff, isFinished, isGone, writeHead } from './response.ts'
import { isTimeout, refuseByError } from './upstream-errors.ts'

export interface ForwardingDeps {
  readonly pipeline: Pipeline
  readonly meter: Meter
  readonly refusals: Refusals
  readonly log: Log
  readonly replays: ReplayStore | null
  readonly clock: Clock
}

class ClientLeft extends Error {
  override readonly name = 'ClientLeft'
}

/** One request in the slow lane, from its head to the last byte of its answer. */
export class Forwarding implements ExchangeOwner, Dispatcher.DispatchHandler, Recorded {
  readonly #deps: ForwardingDeps
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly exchange: Exchange
  readonly #tried: Target[] = []
  #attempts = 0
  #target: Target | null = null
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  /** Bytes of the body still to come; -1 when only its end will tell. */
  #missing = -1
  /** The end of a body of known length: as soon as the client has it, it has the whole answer. */
  #lastPart: Buffer | null = null
  #trailers: IncomingHttpHeaders = {}
  /** What the answer costs, where that depends on it. */
  #costs: CostReader | null = null
  /** The body, where it had to be read before anything was decided. */
  #body: Buffer | null = null
  /** What is kept for whoever sends the same call again. */
  #kept: KeptParts | null = null
  #hasLeft = false

  constructor(deps: ForwardingDeps, request: IncomingMessage, response: ServerResponse) {
    this.#deps = deps
    this.#request = request
    this.#response = response
    this.exchange = deps.pipeline.newExchange(this)
    this.exchange.readBody = () => this.#readBody()
    response.on('close', () => this.#closed())
    response.on('drain', () => this.#controller?.resume())
  }

  start(): void {
    const verdict = this.#deps.pipeline.decide(this.exchange)
    if (verdict !== WAITING) this.decided(verdict)
  }

  decided(verdict: Verdict): void {
    if (this.#hasLeft) return
    if (verdict === REPLAYED) return this.#replay()
    if (verdict !== PASSED) return this.refused()
    const { terms, replay } = this.exchange
    if (terms?.hasCosts === true) this.#costs = new CostReader(terms)
    if (replay?.claim.kind === 'claimed') this.#kept = new KeptParts()
    if (this.#body === null) this.#askForBody()
    this.#send()
  }

  #askForBody(): void {
    if (this.#request.headers.expect !== undefined) this.#response.writeContinue()
  }

  async #readBody(): Promise<Buffer | null> {
    this.#askForBody()
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of this.#request.iterator({ destroyOnReturn: false })) {
      bytes += (part as Buffer).length
      if (bytes > MAX_BODY_BYTES) return null
      parts.push(part as Buffer)
    }
    this.#body = Buffer.concat(parts)
    return this.#body
  }

  #send(): void {
    const { exchange } = this
    const target = chooseTarget(exchange, this.#tried)
    if (target === null) {
      refuseUnavailable(exchange)
      return this.refused()
    }
    this.#target = target
    this.#tried.push(target)
    this.#attempts++
    const timeoutMs = exchange.route?.route.policy.timeoutMs ?? 0
    target.pool.dispatch(
      {
        method: exchange.method,
        path: upstreamTarget(exchange, target),
        headers: [
          ...pairsOf(gatewayLines(exchange, target)),
          ...endToEndHeaders(this.#request, exchange, this.#costs?.readsBody),
        ],
        body: this.#bodyToSend(),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      },
      this,
    )
  }

  #bodyToSend(): Buffer | Readable | null {
    if (!hasBody(this.#request)) return null
    if (this.#body !== null) {
      this.#costs?.requestData(this.#body.length)
      return this.#body
    }
    return this.#costs === null ? this.#request : Readable.from(counted(this.#request, this.#costs))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#hasLeft && this.#kept === null) controller.abort(new ClientLeft())
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    reason?: string,
  ): void {
    if (status < 200) return this.#onInterim(status, headers)
    this.#target?.succeeded()
    this.#status = status
    const length = Number(headers['content-length'] ?? Number.NaN)
    const isEmpty = this.exchange.method === 'HEAD' || status === 204 || status === 304
    this.#missing = isEmpty || Number.isNaN(length) ? -1 : length
    this.#response.sendDate = false
    const isChunked =
      headers['transfer-encoding'] !== undefined && this.#request.httpVersion === '1.1'
    this.#costs?.responseHead(headers)
    const own = answerHeaders(controller, headers, isChunked)
    this.#kept?.head(status, reason ?? '', own)
    if (this.#hasLeft) return
    writeHead(this.#response, status, reason ?? '', [...pairsOf(this.exchange.answerLines), ...own])
  }

  #onInterim(status: number, headers: IncomingHttpHeaders): void {
    const link = headers['link']
    if (status === 103 && link !== undefined) this.#response.writeEarlyHints({ link })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#costs?.responseData(chunk)
    this.#kept?.data(chunk)
    if (this.#hasLeft) return
    this.exchange.bytes += chunk.length
    if (this.#missing >= 0) {
      this.#missing -= chunk.length
      if (this.#missing === 0) {
        this.#lastPart = Buffer.from(chunk)
        return
      }
    }
    if (!this.#response.write(chunk)) controller.pause()
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#trailers = trailers
    const costs = this.#costs?.costs(true)
    if (this.#deps.meter.settle(this.exchange, this.#status, true, costs)) {
      this.#deps.meter.afterWrite(this)
    } else this.written()
  }

  /** What was used is in safe hands: the answer may end. */
  written(): void {
    if (this.#kept === null) this.#end()
    // Who has the whole answer may repeat the call; what it gets then must be there.
    else void this.#keep(this.#kept).then(() => this.#end())
  }

  async #keep(kept: KeptParts): Promise<void> {
    const { replay, id: requestId } = this.exchange
    const { replays, log } = this.#deps
    this.#kept = null
    if (replay === null || replays === null) return
    try {
      if (kept.hadEffect()) await replays.keep(replay.call, kept.answer())
      else await replays.release(replay.call)
    } catch (error) {
      log.error('gateway.answer_not_kept', { requestId, error })
    }
  }

  /** Nothing came of it: whoever repeats the call begins anew. */
  #release(): void {
    if (this.#kept !== null || this.exchange.replay?.claim.kind === 'claimed') {
      void this.#keep(new KeptParts())
    }
  }

  #replay(): void {
    const { exchange } = this
    const claim = exchange.replay?.claim
    if (claim?.kind !== 'answered') throw new Error('A replayed request has an answer')
    const { status, reason, fields, body } = claim.answer
    const bytes = Buffer.from(body ?? '', 'base64')
    exchange.bytes = bytes.length
    this.#deps.meter.settle(exchange, status, true)
    this.#response.sendDate = false
    writeHead(this.#response, status, reason, [
      ...pairsOf(exchange.answerLines),
      'Idempotent-Replayed',
      'true',
      ...fields,
    ])
    this.#response.end(bytes)
  }

  #end(): void {
    if (this.#hasLeft) return
    const response = this.#response
    if (this.#lastPart !== null) response.write(this.#lastPart)
    if (Object.keys(this.#trailers).length > 0) {
      response.addTrailers(this.#trailers)
    }
    response.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#hasLeft || isGone(this.#response) || this.#request.errored !== null) {
      this.#target?.undecided()
      if (this.#hasLeft) this.#settleUnfinished()
      this.#release()
      return
    }
    const { exchange } = this
    this.#target?.failed(exchange.at)
    if (this.#response.headersSent) {
      // The client must not take half an answer for a whole one.
      this.#settleUnfinished()
      breakOff(this.#response)
      return
    }
    const retries = exchange.route?.upstream.upstream.policy.retries ?? 0
    const mayRetry = isSafe(exchange.method) && !hasBody(this.#request) && !isTimeout(error)
    if (mayRetry && this.#attempts <= retries) return this.#send()
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
    this.#release()
    answerAndLinger(this.#request, this.#response, answer)
  }

  #closed(): void {
    if (isFinished(this.#response)) return
    this.#hasLeft = true
    // The answer is for whoever repeats the call: it is waited for, kept and billed, once.
    if (this.#kept !== null && this.#target !== null) {
      this.#controller?.resume()
      return
    }
    this.#settleUnfinished()
    this.#release()
    this.#controller?.abort(new ClientLeft())
  }

  #settleUnfinished(): void {
    this.#deps.meter.settle(this.exchange, this.#status, false, this.#costs?.costs(false))
  }
}

async function* counted(request: IncomingMessage, costs: CostReader): AsyncGenerator<Buffer> {
  for await (const part of request) {
    costs.requestData((part as Buffer).length)
    yield part as Buffer
  }
}

function answerHeaders(
  controller: Dispatcher.DispatchController,
  headers: IncomingHttpHeaders,
  mayHaveTrailers: boolean,
): string[] {
  const named = namedInConnection(headers.connection)
  const raw = (controller.rawHeaders ?? []) as (Buffer | string)[]
  const passed: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = String(raw[i])
    const name = field.toLowerCase()
    if (name === 'trailer' && !mayHaveTrailers) continue
    if (passesToClient(name) && named?.has(name) !== true) {
      passed.push(field, toText(raw[i + 1]))
    }
  }
  return passed
}

function toText(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '')
}
