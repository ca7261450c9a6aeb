import type { KeyAccess } from '../access/key-access.ts'
import type { Exchange } from '../exchange.ts'
import { HeaderLines } from '../header-lines.ts'
import { ID_LINE_BYTES } from '../request-id.ts'
import type { RouteEntry } from '../routing-table.ts'
import type { Outlet } from './direct-socket.ts'
import { callerLines, forwardingLines, upstreamTarget } from '../stages/proxy.ts'
import type { Target } from '../upstreams/target.ts'

/** Up to here head and body go out as one; beyond, copying costs more than a second piece. */
const JOIN_BYTES = 16_384
const CRLF = Buffer.from('\r\n')
const joined = Buffer.allocUnsafeSlow(JOIN_BYTES)

/**
 * What is sent upstream for the requests of one connection. Clients ask for one thing after another in the same way, and
 * then only the id is written anew.
 */
export class UpstreamRequest {
  readonly #head = new HeaderLines()
  #body: Buffer | null = null

  // What the head depends on, except for the id.
  #method = ''
  #path = ''
  #query = ''
  #route: RouteEntry | null = null
  #target: Target | null = null
  #access: KeyAccess | null = null
  #authority = ''
  #kept = ''
  #forwardedFor = ''
  #scheme = ''

  /** `kept` are the client's lines that are passed on, `body` what came of its body with them. */
  write(exchange: Exchange, target: Target, kept: string, body: Buffer | null): void {
    this.#body = body
    if (this.#isUsual(exchange, target, kept)) {
      const { bytes, length } = this.#head
      exchange.lines.bytes.copy(bytes, length - CRLF.length - ID_LINE_BYTES, 0, ID_LINE_BYTES)
    } else this.#writeHead(exchange, target, kept)
  }

  send(outlet: Outlet): void {
    const head = this.#head
    const body = this.#body
    this.#body = null
    if (body !== null && head.length + body.length <= joined.length) {
      const end = head.copyTo(joined, 0)
      outlet.write(joined, 0, end + body.copy(joined, end))
    } else {
      outlet.write(head.bytes, 0, head.length)
      if (body !== null) outlet.write(body, 0, body.length)
    }
  }

  #isUsual(exchange: Exchange, target: Target, kept: string): boolean {
    return (
      this.#target === target &&
      this.#route === exchange.route &&
      this.#access === exchange.access &&
      this.#kept === kept &&
      this.#path === exchange.upstreamPath &&
      this.#query === exchange.query &&
      this.#method === exchange.method &&
      this.#authority === exchange.authority &&
      this.#forwardedFor === exchange.forwardedFor &&
      this.#scheme === exchange.scheme
    )
  }

  #writeHead(exchange: Exchange, target: Target, kept: string): void {
    const head = this.#head
    this.#target = target
    this.#route = exchange.route
    this.#access = exchange.access
    this.#kept = kept
    this.#path = exchange.upstreamPath
    this.#query = exchange.query
    this.#method = exchange.method
    this.#authority = exchange.authority
    this.#forwardedFor = exchange.forwardedFor
    this.#scheme = exchange.scheme
    head.length = 0
    head.addText(`${exchange.method} ${upstreamTarget(exchange, target)} HTTP/1.1\r\n`)
    head.addText(kept + callerLines(exchange, target) + forwardingLines(exchange))
    head.add(exchange.lines.bytes.subarray(0, ID_LINE_BYTES))
    head.add(CRLF)
  }
}
