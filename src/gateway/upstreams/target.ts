import { Pool } from 'undici'
import type { UpstreamPolicy, UpstreamTarget } from '../../domain/routing/route.ts'
import type { Instant } from '../../kit/instant.ts'
import { UpstreamPool } from '../fast/upstream-pool.ts'

/** One origin of an upstream: how to reach it, and how it has been doing. */
export class Target {
  readonly url: URL
  readonly weight: number
  readonly isTls: boolean
  readonly hostname: string
  readonly port: number
  /** The value of Host when the upstream wants its own name. */
  readonly authority: string
  /** Before every path; empty for an origin. */
  readonly basePath: string
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  readonly certificateAuthority: string | null
  /** The Host line it wants, unless it wants the client's. */
  readonly hostLine: string
  readonly policy: UpstreamPolicy
  #pool: Pool | null = null
  #fastPool: UpstreamPool | null = null

  /** Where smooth weighted round robin stands. */
  balance = 0
  /** What active health checks say. */
  isHealthy = true
  #failures = 0
  #closedUntil: Instant = 0
  #isProbing = false

  constructor({ url, weight }: UpstreamTarget, policy: UpstreamPolicy) {
    this.url = new URL(url)
    this.weight = weight
    this.isTls = this.url.protocol === 'https:'
    this.hostname = this.url.hostname.replace(/^\[(.*)\]$/, '$1')
    this.port = Number(this.url.port) || (this.isTls ? 443 : 80)
    this.authority = this.url.host
    this.basePath = this.url.pathname === '/' ? '' : this.url.pathname.replace(/\/$/, '')
    this.hostLine = `Host: ${this.authority}\r\n`
    this.maxConnections = policy.maxConnections
    this.connectTimeoutMs = policy.connectTimeoutMs
    this.certificateAuthority = policy.certificateAuthority
    this.policy = policy
  }

  /** Connections of the slow lane. */
  get pool(): Pool {
    this.#pool ??= new Pool(this.url.origin, {
      connections: this.maxConnections,
      allowH2: false,
      pipelining: 1,
      connect: {
        timeout: this.connectTimeoutMs,
        ...(this.certificateAuthority === null ? {} : { ca: this.certificateAuthority }),
      },
    })
    return this.#pool
  }

  /** Connections of the fast lane. */
  fastPool(now: Instant): UpstreamPool {
    return (this.#fastPool ??= new UpstreamPool(this, now))
  }

  /** Ends what is too old; called every half second. */
  sweep(now: Instant): void {
    this.#fastPool?.sweep(now)
  }

  /** Whether the breaker lets a request through. After its pause one request tries, the others wait for its result. */
  mayTry(at: Instant): boolean {
    const { breaker } = this.policy
    if (breaker === null || this.#failures < breaker.failures) return true
    return at >= this.#closedUntil && !this.#isProbing
  }

  trying(): void {
    const { breaker } = this.policy
    if (breaker !== null && this.#failures >= breaker.failures) this.#isProbing = true
  }

  succeeded(): void {
    this.#failures = 0
    this.#isProbing = false
  }

  failed(at: Instant): void {
    const { breaker } = this.policy
    this.#failures++
    this.#isProbing = false
    if (breaker !== null) this.#closedUntil = at + breaker.openMs
  }

  /** It ended without saying anything about the target, such as a client that left. */
  undecided(): void {
    this.#isProbing = false
  }

  /** Requests under way finish first. */
  async close(): Promise<void> {
    this.#fastPool?.close()
    await this.#pool?.close()
  }

  async destroy(): Promise<void> {
    this.#fastPool?.close()
    await this.#pool?.destroy()
  }
}
