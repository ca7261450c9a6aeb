import type { Instant } from '../../kit/instant.ts'

/** A speed: `limit` per window, `burst` at once. */
export interface RateLimitRule {
  readonly name: string
  readonly limit: number
  readonly windowSeconds: number
  readonly burst: number | null
}

/** What `limit` asks of a rate limit, whether one process counts it or many share it. */
export interface SpeedLimit {
  readonly rule: RateLimitRule
  readonly scope: string
  /** `"default";q=100;w=60`. */
  readonly policy: string
  /** The book has dropped it; whoever holds it must get it anew. */
  isForgotten: boolean
  /** A new speed counts at once; what was taken stays taken. */
  setRule(rule: RateLimitRule): void
  /** Milliseconds until a request may come; 0 when it may come now, `UNDECIDED` when others have to be asked first. */
  waitMs(at: Instant): number
  take(at: Instant): void
  /** After `UNDECIDED`. */
  wait(resume: () => void): void
  remaining(at: Instant): number
  /** Seconds until everything is available again. */
  resetSeconds(at: Instant): number
  isIdle(at: Instant): boolean
}

export interface ConcurrencyRule {
  readonly name: string
  readonly limit: number
}

/** What `limit` asks of a concurrency limit. */
export interface PlaceLimit {
  rule: ConcurrencyRule
  readonly scope: string
  isForgotten: boolean
  /** 0 when there is a place, `NO_PLACE`, or `UNDECIDED` when others have to be asked first. */
  check(at: Instant): number
  enter(): void
  leave(): void
  wait(resume: () => void): void
  isIdle(): boolean
}

export const UNDECIDED = -1
export const NO_PLACE = 1

/** The numbers of the generic cell rate algorithm. */
export interface Cell {
  /** Milliseconds per request. */
  readonly intervalMs: number
  /** What a full bucket is worth in time. */
  readonly bucketMs: number
}

export function cellOf({ limit, windowSeconds, burst }: RateLimitRule): Cell {
  const intervalMs = (windowSeconds * 1_000) / limit
  return { intervalMs, bucketMs: intervalMs * (burst ?? limit) }
}

export function policyOf({ name, limit, windowSeconds }: RateLimitRule): string {
  return `"${name}";q=${limit};w=${windowSeconds}`
}
