import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Target } from '../upstreams/target.ts'
import { ChunkScanner } from './chunk-scanner.ts'
import { Outlet, READ_BUFFER } from './direct-socket.ts'
import { PARTIAL, WHOLE } from './grammar.ts'
import type { ResponseHead } from './response-grammar.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** Who gets the answer. Bytes handed over are valid during the call only. */
export interface UpstreamSink {
  readonly isHead: boolean
  /** Sends the request over the connection. */
  connected(connection: UpstreamConnection): void
  interim(head: ResponseHead): void
  /** The whole answer, which came in one piece. */
  whole(head: ResponseHead, isChunked: boolean, bytes: Buffer, start: number, end: number): void
  head(head: ResponseHead, isUntilClose: boolean): void
  /** False asks for a pause. */
  body(bytes: Buffer, start: number, end: number, isLast: boolean): boolean
  /** An answer that ends with its connection has ended. */
  closed(): void
  drained(): void
  failed(failure: UpstreamFailure): void
}

export type UpstreamFailure = 'unreachable' | 'timed_out' | 'broken'

const IDLE = 0
const HEAD = 1
const LENGTH = 2
const CHUNKED = 3
const UNTIL_CLOSE = 4

/** One connection to a target; one exchange at a time. Whatever is not expected ends it. */
export class UpstreamConnection {
  readonly socket: Socket
  readonly outlet: Outlet
  isDead = false
  isConnected = false
  /** When it was opened, or put aside. */
  since: number
  /** How long the upstream keeps it open unused. */
  keepMs: number
  readonly #pool: UpstreamPool
  readonly #head: ResponseHead
  readonly #chunks = new ChunkScanner()
  #sink: UpstreamSink | null = null
  #state = IDLE
  #missing = 0
  #stash: Buffer | null = null
  #isReusable = true
  /** The bytes looked at last end the answer. */
  #isLast = false

  constructor(pool: UpstreamPool, target: Target, head: ResponseHead, now: number) {
    this.#pool = pool
    this.#head = head
    this.since = now
    this.keepMs = pool.keepMs
    this.socket = target.isTls ? this.#openTls(target) : this.#openTcp(target)
    this.outlet = new Outlet(this.socket)
    this.socket.on(target.isTls ? 'secureConnect' : 'connect', () => (this.isConnected = true))
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.#broken(error))
    this.socket.on('end', () => this.#ended())
    this.socket.on('close', () => this.#broken(null))
    this.socket.on('drain', () => this.#sink?.drained())
  }

  #openTcp({ hostname: host, port }: Target): Socket {
    const socket = connectTcp({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (count, buffer) => this.#read(buffer as Buffer, count),
      },
    })
    socket.resume()
    return socket
  }

  #openTls({ hostname: host, port, certificateAuthority }: Target): Socket {
    const socket = connectTls({
      host,
      port,
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      ALPNProtocols: ['http/1.1'],
      ...(certificateAuthority === null ? {} : { ca: certificateAuthority }),
    })
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => {
      if (!this.#read(bytes, bytes.length)) socket.pause()
    })
    return socket
  }

  begin(sink: UpstreamSink): void {
    this.#sink = sink
    this.#state = HEAD
    sink.connected(this)
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** Nobody wants the answer any more. */
  abort(): void {
    this.#sink = null
    this.destroy()
  }

  timeOut(): void {
    this.#fail('timed_out')
  }

  destroy(): void {
    if (!this.isDead) {
      this.isDead = true
      this.#pool.left(this)
    }
    this.socket.destroy()
  }

  /** Whether to go on reading. */
  #read(buffer: Buffer, count: number): boolean {
    if (this.#sink === null) {
      // Bytes on an idle connection belong to nobody; they must never become somebody's answer.
      this.destroy()
      return false
    }
    if (this.#state !== HEAD) return this.#readBody(this.#sink, buffer, 0, count)
    if (this.#stash === null) return this.#readAnswer(this.#sink, buffer, count)
    const bytes = Buffer.concat([this.#stash, buffer.subarray(0, count)])
    this.#stash = null
    return this.#readAnswer(this.#sink, bytes, bytes.length)
  }

  /** The head, and what came of the body with it. */
  #readAnswer(sink: UpstreamSink, bytes: Buffer, end: number): boolean {
    const start = this.#readHead(sink, bytes, end)
    if (start < 0) return !this.isDead
    const isChunked = this.#state === CHUNKED
    const bodyEnd = this.#scan(bytes, start, end)
    if (bodyEnd < 0) return this.#fail('broken')
    if (this.#isLast) {
      this.#finish(bodyEnd < end)
      sink.whole(this.#head, isChunked, bytes, start, bodyEnd)
      return !this.isDead
    }
    sink.head(this.#head, this.#state === UNTIL_CLOSE)
    if (bodyEnd === start) return !this.isDead
    return sink.body(bytes, start, bodyEnd, false) && !this.isDead
  }

  /** Where the body starts, or -1 when there is nothing more to read. */
  #readHead(sink: UpstreamSink, bytes: Buffer, end: number): number {
    const head = this.#head
    let at = 0
    for (;;) {
      const parsed = head.parse(bytes, at, end)
      if (parsed === PARTIAL) {
        this.#stash = Buffer.from(bytes.subarray(at, end))
        return -1
      }
      if (parsed !== WHOLE || head.status === 101) {
        this.#fail('broken')
        return -1
      }
      at = head.end
      if (head.status >= 200) break
      sink.interim(head)
    }
    this.#isReusable = head.keepAlive
    if (head.keepAliveSeconds >= 0) this.keepMs = this.#pool.keepMsFor(head.keepAliveSeconds)
    this.#missing = 0
    if (sink.isHead || head.status === 204 || head.status === 304) this.#state = LENGTH
    else if (head.isChunked) {
      this.#state = CHUNKED
      this.#chunks.reset()
    } else if (head.length >= 0) {
      this.#state = LENGTH
      this.#missing = head.length
    } else {
      this.#state = UNTIL_CLOSE
      this.#isReusable = false
    }
    return at
  }

  #readBody(sink: UpstreamSink, bytes: Buffer, start: number, end: number): boolean {
    const bodyEnd = this.#scan(bytes, start, end)
    if (bodyEnd < 0) return this.#fail('broken')
    if (this.#isLast) this.#finish(bodyEnd < end)
    return sink.body(bytes, start, bodyEnd, this.#isLast) && !this.isDead
  }

  /** Where the body ends in these bytes, or -1 when it is not in the grammar; tells whether that is the end of it. */
  #scan(bytes: Buffer, start: number, end: number): number {
    this.#isLast = false
    if (this.#state === UNTIL_CLOSE) return end
    if (this.#state === CHUNKED) {
      const bodyEnd = this.#chunks.scan(bytes, start, end)
      this.#isLast = this.#chunks.isDone
      return bodyEnd
    }
    const bodyEnd = Math.min(end, start + this.#missing)
    this.#missing -= bodyEnd - start
    this.#isLast = this.#missing === 0
    return bodyEnd
  }

  /** Bytes after the answer: whatever they are, this connection cannot be trusted with another request. */
  #finish(hasMore: boolean): void {
    this.#sink = null
    this.#state = IDLE
    const isReusable = this.#isReusable && !hasMore && this.socket.writableLength === 0
    if (isReusable) this.#pool.release(this)
    else this.destroy()
  }

  #ended(): void {
    if (this.#state === UNTIL_CLOSE && this.#sink !== null) {
      const sink = this.#sink
      this.#sink = null
      this.destroy()
      sink.closed()
    } else this.#fail('broken')
  }

  #broken(error: NodeJS.ErrnoException | null): void {
    this.#fail(this.isConnected || error === null ? 'broken' : 'unreachable')
  }

  /** Always false: there is nothing more to read. */
  #fail(failure: UpstreamFailure): false {
    const sink = this.#sink
    this.#sink = null
    this.destroy()
    sink?.failed(failure)
    return false
  }
}
