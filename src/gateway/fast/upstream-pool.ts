import type { Target } from '../upstreams/target.ts'
import { ResponseHead } from './response-grammar.ts'
import { UpstreamConnection, type UpstreamSink } from './upstream-connection.ts'

/** Upstreams that do not say how long they keep connections get them back unused for so long. */
const KEEP_MS = 4_000
const LONGEST_KEEP_MS = 600_000
/** A connection is given up this long before its upstream would close it, so that no request meets the end of it. */
const EARLY_MS = 1_000
const MAX_WAITING = 10_000

/** The connections to one target. The one used last is used next, so that the others grow old and are closed. */
export class UpstreamPool {
  readonly keepMs = KEEP_MS
  readonly #target: Target
  readonly #idle: UpstreamConnection[] = []
  readonly #all = new Set<UpstreamConnection>()
  readonly #waiting: UpstreamSink[] = []
  readonly #cooling: UpstreamConnection[] = []
  readonly #head = new ResponseHead()
  #now: number
  #isClosing = false

  constructor(target: Target, now: number) {
    this.#target = target
    this.#now = now
  }

  keepMsFor(seconds: number): number {
    return Math.min(Math.max(seconds * 1_000 - EARLY_MS, 0), LONGEST_KEEP_MS)
  }

  /** Sends a request over an idle connection, a new one, or, when there are too many, the next to become free. */
  start(sink: UpstreamSink): void {
    const idle = this.#idle.pop()
    if (idle !== undefined) idle.begin(sink)
    else if (this.#all.size < this.#target.maxConnections) {
      const connection = new UpstreamConnection(this, this.#target, this.#head, this.#now)
      this.#all.add(connection)
      connection.begin(sink)
    } else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(sink)
    else sink.failed('unreachable')
  }

  /** Whoever waited for a connection has left. */
  cancel(sink: UpstreamSink): void {
    const index = this.#waiting.indexOf(sink)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  /**
   * A finished connection is offered again only after the event loop has polled once more, so that bytes or an end that
   * came with the answer are seen first.
   */
  release(connection: UpstreamConnection): void {
    this.#cooling.push(connection)
    if (this.#cooling.length === 1) setImmediate(() => this.#offer())
  }

  #offer(): void {
    for (const connection of this.#cooling.splice(0)) {
      if (connection.isDead) continue
      const next = this.#waiting.shift()
      if (next !== undefined) connection.begin(next)
      else if (this.#isClosing) connection.destroy()
      else {
        connection.since = this.#now
        this.#idle.push(connection)
      }
    }
  }

  left(connection: UpstreamConnection): void {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#waiting.shift()
    if (next !== undefined) setImmediate(() => this.start(next))
  }

  sweep(now: number): void {
    this.#now = now
    for (const connection of this.#idle.slice()) {
      if (now - connection.since > connection.keepMs) connection.destroy()
    }
    for (const connection of this.#all) {
      const isLate = now - connection.since > this.#target.connectTimeoutMs
      if (!connection.isConnected && isLate) connection.timeOut()
    }
  }

  /** Idle connections end now, the others with their exchange. */
  close(): void {
    this.#isClosing = true
    for (const connection of this.#idle.slice()) connection.destroy()
  }
}
