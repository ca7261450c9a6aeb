import type { Socket } from 'node:net'
import { plainAddress } from '../client-address.ts'
import type { Exchange } from '../exchange.ts'
import { hostName } from '../headers.ts'
import { Outlet, readDirectly } from './direct-socket.ts'
import type { FastLaneDeps, FastLaneTimes } from './fast-lane.ts'
import { PARTIAL, WHOLE } from './grammar.ts'
import { Passage } from './passage.ts'
import { RequestHead } from './request-grammar.ts'

/** A head in more pieces than this is left to the slow lane. */
const MAX_PIECES = 8
const LINGER_BYTES = 262_144

/** What a connection is doing; what may take too long is different in each. */
const IDLE = 0
const READING_HEAD = 1
/** A request is under way: its passage knows more. */
const BUSY = 2
/** The last answer is out; what the client still sends is thrown away. */
const LINGERING = 3
/** Our side has ended; the client's is waited for, but not for ever. */
const CLOSING = 4
const GONE = 5

/**
 * One client connection of the fast lane: requests one after another, each read by the strict grammar and given to the
 * connection's passage. The next request is looked at only when the one before it is finished, so answers come in order.
 */
export class ClientConnection {
  readonly socket: Socket
  readonly outlet: Outlet
  readonly #lane: FastLaneDeps
  readonly #passage: Passage
  readonly #head = new RequestHead()
  readonly #peerAddress: string
  readonly #isTls: boolean
  #state: number = IDLE
  #target = ''
  #path = ''
  #query = ''
  /** When the state began. */
  #since: number
  /** Pieces of a head that is not complete. */
  #pieces: Buffer | null = null
  #pieceCount = 0
  /** The current request as it was read, for handing it over; only while it is decided about where it belongs. */
  #request: Buffer | null = null
  #requestEnd = 0
  /** Bytes of the request's body still to come. */
  #missing = 0
  /** Bytes after the current request: the beginning of the next. */
  #ahead: Buffer | null = null
  #isGoingOn = false
  #isHandedOver = false
  keepAlive = true

  constructor(lane: FastLaneDeps, accepted: Socket, now: number) {
    const direct = readDirectly(accepted, (count, bytes) => this.#onRead(bytes, count))
    const socket = direct ?? accepted
    this.socket = socket
    this.outlet = new Outlet(socket)
    this.#lane = lane
    this.#since = now
    this.#peerAddress = plainAddress(socket.remoteAddress ?? '')
    this.#isTls = 'encrypted' in socket
    this.#passage = new Passage(lane, this)
    if (direct === null) socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
    socket.on('error', this.#onError)
    socket.on('drain', this.#onDrain)
    socket.resume()
  }

  readonly #onData = (bytes: Buffer): void => void this.#onRead(bytes, bytes.length)

  /** The first `count` bytes are the client's, and somebody else's after this call. False asks for a pause. */
  #onRead(bytes: Buffer, count: number): boolean {
    switch (this.#state) {
      case IDLE:
      case READING_HEAD:
        this.#readHead(bytes, count)
        return true
      case BUSY:
        if (this.#missing > 0) this.#readBody(bytes, count)
        else this.#readAhead(bytes, 0, count)
        return true
      case LINGERING:
        this.#missing += count
        if (this.#missing > LINGER_BYTES) this.socket.destroy()
        return true
      default:
        // Whoever has the connection now reads it like any other.
        return !this.#isHandedOver || this.socket.push(copyOf(bytes, 0, count))
    }
  }

  readonly #onEnd = (): void => {
    this.keepAlive = false
    if (this.#state !== BUSY) this.#close()
    // A client that ends its side before it has its answer has left, as nginx and Node see it too.
    else if (!this.#passage.isEnding()) this.socket.destroy()
  }

  readonly #onClose = (): void => {
    if (this.#state === BUSY) this.#passage.abandon()
    this.#state = GONE
    this.#lane.left(this)
  }

  readonly #onError = (): void => {
    // 'close' follows and does what is to be done.
  }

  readonly #onDrain = (): void => {
    if (this.#state === BUSY) this.#passage.drainedToClient()
    else if (this.#state === IDLE && this.#ahead !== null) this.#goOn()
  }

  #readHead(piece: Buffer, count: number): void {
    if (this.#pieces === null) return this.#readHeadIn(piece, count)
    const bytes = Buffer.concat([this.#pieces, piece.subarray(0, count)])
    this.#readHeadIn(bytes, bytes.length)
  }

  #readHeadIn(bytes: Buffer, end: number): void {
    const parsed = this.#head.parse(bytes, 0, end)
    if (parsed === WHOLE) {
      this.#pieces = null
      this.#pieceCount = 0
      this.#begin(bytes, end)
    } else if (parsed === PARTIAL && ++this.#pieceCount < MAX_PIECES) {
      if (this.#state === IDLE) this.#since = this.#lane.clock.now()
      this.#state = READING_HEAD
      this.#pieces = copyOf(bytes, 0, end)
    } else this.#handOver(copyOf(bytes, 0, end))
  }

  #begin(bytes: Buffer, end: number): void {
    const head = this.#head
    const { length } = head
    this.#state = BUSY
    this.keepAlive = head.keepAlive && !this.#lane.isDraining()
    this.#fill(this.#passage.exchange)
    const bodyStart = head.end
    const available = end - bodyStart
    const taken = Math.min(available, length)
    this.#missing = length - taken
    if (available > taken) this.#readAhead(bytes, bodyStart + taken, end)
    else if (length > taken) this.socket.pause()
    this.#request = bytes
    this.#requestEnd = end
    const body = taken > 0 ? copyOf(bytes, bodyStart, bodyStart + taken) : null
    this.#passage.begin(head.kept, body, length > 0)
    this.#request = null
  }

  #fill(exchange: Exchange): void {
    const head = this.#head
    exchange.reset()
    exchange.method = head.method
    if (exchange.authority !== head.authority) {
      exchange.authority = head.authority
      exchange.host = hostName(head.authority)
    }
    if (this.#target !== head.target) this.#readTarget(head.target)
    exchange.path = this.#path
    exchange.query = this.#query
    exchange.credentialKind = head.credentialKind
    exchange.credential = head.credential
    exchange.hasAuthorization = head.hasAuthorization
    exchange.hasIdempotencyKey = head.hasIdempotencyKey
    exchange.peerAddress = this.#peerAddress
    exchange.address = this.#peerAddress
    exchange.scheme = this.#isTls ? 'https' : 'http'
    if (head.forwardedFor !== '' || head.forwardedProto !== '') this.#believeProxy(exchange)
  }

  #readTarget(target: string): void {
    const queryAt = target.indexOf('?')
    this.#target = target
    this.#path = queryAt < 0 ? target : target.slice(0, queryAt)
    this.#query = queryAt < 0 ? '' : target.slice(queryAt)
  }

  #believeProxy(exchange: Exchange): void {
    const head = this.#head
    const { addresses } = this.#lane
    const { address, chain } = addresses.of(this.#peerAddress, head.forwardedFor)
    exchange.address = address
    exchange.forwardedFor = chain
    if (head.forwardedProto === 'https' && addresses.isTrusted(this.#peerAddress)) {
      exchange.scheme = 'https'
    }
  }

  #readAhead(bytes: Buffer, start: number, end: number): void {
    const more = bytes.subarray(start, end)
    this.#ahead = this.#ahead === null ? Buffer.from(more) : Buffer.concat([this.#ahead, more])
    this.socket.pause()
  }

  #readBody(bytes: Buffer, count: number): void {
    const taken = Math.min(count, this.#missing)
    this.#missing -= taken
    if (!this.#passage.bodyFromClient(bytes, taken)) this.socket.pause()
    if (taken < count) this.#readAhead(bytes, taken, count)
  }

  /** The body of the request is not complete. */
  isReceiving(): boolean {
    return this.#missing > 0
  }

  /** The answer is out. */
  finished(): void {
    this.#state = IDLE
    this.#since = this.#lane.clock.now()
    if (!this.keepAlive || this.#missing > 0) this.#end()
    else if (this.#ahead !== null) this.#goOn()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  /**
   * The requests that came together with the last one. A loop, because answers of the gateway's own are finished before
   * `#readHead` returns; and it stops while the client does not take its answers.
   */
  #goOn(): void {
    if (this.#isGoingOn) return
    this.#isGoingOn = true
    while (this.#state === IDLE && this.#ahead !== null && !this.socket.writableNeedDrain) {
      const ahead = this.#ahead
      this.#ahead = null
      this.#readHead(ahead, ahead.length)
    }
    this.#isGoingOn = false
    if (this.#state !== GONE && this.#ahead === null && this.#missing === 0) this.socket.resume()
  }

  /** Not at once while the client is still sending: that would reset the connection under the answer. */
  #end(): void {
    const isSending = this.#missing > 0
    this.#close()
    if (!isSending) return
    this.#missing = 0
    this.#state = LINGERING
  }

  #close(): void {
    this.#state = CLOSING
    this.#since = this.#lane.clock.now()
    this.#ahead = null
    this.socket.end()
    // To hear that the client has ended its side too.
    this.socket.resume()
  }

  /** The route needs more than this lane can do. */
  handOverRequest(): void {
    this.#handOver(this.#request === null ? null : copyOf(this.#request, 0, this.#requestEnd))
  }

  /** Bytes and all: the slow lane reads the request as if it had come there. */
  #handOver(bytes: Buffer | null): void {
    this.#state = GONE
    this.#isHandedOver = true
    this.#lane.left(this)
    const { socket } = this
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('close', this.#onClose)
    socket.off('error', this.#onError)
    socket.off('drain', this.#onDrain)
    socket.pause()
    if (bytes !== null) socket.unshift(bytes)
    this.#lane.handOver(socket)
    socket.resume()
  }

  /** Ends what takes too long; called for all connections every half second. */
  sweep(now: number, times: FastLaneTimes): void {
    const elapsedMs = now - this.#since
    if (this.#state === BUSY) this.#passage.sweep(now, times)
    else if (this.#state === IDLE && elapsedMs > times.keepAliveMs) this.#close()
    else if (this.#state === CLOSING && elapsedMs > this.#patienceMs(times)) this.socket.destroy()
    else if (this.#state === READING_HEAD && elapsedMs > times.headMs) this.#handOver(this.#pieces)
    else if (this.#state === LINGERING && elapsedMs > times.lingerMs) this.socket.destroy()
  }

  /** For a client that has not taken all of its answer, or has not closed its side. */
  #patienceMs({ stallMs, lingerMs }: FastLaneTimes): number {
    return this.socket.writableLength > 0 ? stallMs : lingerMs
  }

  /** Idle connections end at once, the others after what they are doing. */
  drain(): void {
    this.keepAlive = false
    if (this.#state === IDLE) this.#close()
  }
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end))
}
