import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Target } from '../upstreams/target.ts'
import { ChunkScanner } from './chunk-scanner.ts'
import { PARTIAL, WHOLE } from './grammar.ts'
import type { ResponseHead } from './response-grammar.ts'
import type { UpstreamPool } from './upstream-pool.ts'

const READ_BYTES = 65_536

/** Who gets the answer. Bytes handed over are valid during the call only, unless `keepBuffer` is called. */
export interface UpstreamSink {
  readonly isHead: boolean
  connected(connection: UpstreamConnection): void
  interim(head: ResponseHead): void
  /** The whole answer, which came in one piece. */
  whole(head: ResponseHead, bytes: Buffer, start: number, end: number): void
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
  #buffer: Buffer | null = null

  constructor(pool: UpstreamPool, target: Target, head: ResponseHead, now: number) {
    this.#pool = pool
    this.#head = head
    this.since = now
    this.keepMs = pool.keepMs
    this.socket = target.isTls ? this.#openTls(target) : this.#openTcp(target)
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
      // One buffer is read into again and again, as long as nobody still needs what is in it.
      onread: {
        buffer: () =>
          (this.#buffer === null
            ? (this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES))
            : null) as Buffer,
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

  begin(sink: UpstreamSink, head: string, body: Buffer | null): void {
    this.#sink = sink
    this.#state = HEAD
    sink.connected(this)
    if (body === null) {
      this.socket.write(head, 'latin1')
      return
    }
    this.socket.cork()
    this.socket.write(head, 'latin1')
    this.socket.write(body)
    this.socket.uncork()
  }

  /** What was handed over last stays valid; the next read goes elsewhere. */
  keepBuffer(): void {
    this.#buffer = null
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
    let bytes = buffer
    let end = count
    let at = 0
    if (this.#sink === null) {
      // Bytes on an idle connection belong to nobody; they must never become somebody's answer.
      this.destroy()
      return false
    }
    if (this.#state === HEAD) {
      if (this.#stash !== null) {
        bytes = Buffer.concat([this.#stash, buffer.subarray(0, count)])
        end = bytes.length
        this.#stash = null
      }
      const headEnd = this.#readHead(this.#sink, bytes, end)
      if (headEnd < 0) return !this.isDead
      at = headEnd
      if (this.#isWhole(end - at)) return this.#finishWhole(this.#sink, bytes, at, end)
      this.#sink.head(this.#head, this.#isUntilClose())
    }
    return this.#readBody(bytes, at, end)
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

  #isWhole(available: number): boolean {
    return this.#state === LENGTH && available >= this.#missing
  }

  #isUntilClose(): boolean {
    return this.#state === UNTIL_CLOSE
  }

  #finishWhole(sink: UpstreamSink, bytes: Buffer, start: number, end: number): boolean {
    const bodyEnd = start + this.#missing
    // Bytes after the answer: whatever they are, this connection cannot be trusted with another request.
    if (bodyEnd < end) this.#isReusable = false
    this.#finish()
    sink.whole(this.#head, bytes, start, bodyEnd)
    return !this.isDead
  }

  #readBody(bytes: Buffer, start: number, end: number): boolean {
    const sink = this.#sink
    if (sink === null) return false
    let bodyEnd = end
    let isLast = false
    if (this.#state === LENGTH) {
      bodyEnd = Math.min(end, start + this.#missing)
      this.#missing -= bodyEnd - start
      isLast = this.#missing === 0
    } else if (this.#state === CHUNKED) {
      bodyEnd = this.#chunks.scan(bytes, start, end)
      if (bodyEnd < 0) {
        this.#fail('broken')
        return false
      }
      isLast = this.#chunks.isDone
    }
    if (bodyEnd < end) this.#isReusable = false
    if (isLast) this.#finish()
    if (bodyEnd === start && !isLast) return true
    return sink.body(bytes, start, bodyEnd, isLast) && !this.isDead
  }

  #finish(): void {
    this.#sink = null
    this.#state = IDLE
    if (this.#isReusable && this.socket.writableLength === 0) this.#pool.release(this)
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

  #fail(failure: UpstreamFailure): void {
    const sink = this.#sink
    this.#sink = null
    this.destroy()
    sink?.failed(failure)
  }
}
