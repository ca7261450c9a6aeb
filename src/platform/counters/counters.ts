/**
 * Short-lived counts that processes share: how far ahead of its speed somebody is, and how many requests run at once.
 * They are asked for in stock, many at a time and for many keys at once, so that no request waits for them. Losing them
 * loses nothing but a moment of strictness; what is billed never stands here.
 */
export interface Counters {
  /**
   * Takes tokens from buckets that fill with time. Answers come in the order of the asks; nothing is kept of a bucket
   * that is full again.
   */
  takeTokens(asks: readonly TokenAsk[]): Promise<TokenAnswer[]>
  /** Tokens that were taken and not used. */
  returnTokens(returned: readonly ReturnedTokens[]): Promise<void>
  /** Takes places for requests under way. `holder` is a process; when it dies its places are free again. */
  takePlaces(holder: string, asks: readonly PlaceAsk[]): Promise<PlaceAnswer[]>
  returnPlaces(holder: string, returned: readonly ReturnedPlaces[]): Promise<void>
  /** Says that a holder is alive; called every few seconds. Without it its places are free after a while. */
  keepAlive(holder: string): Promise<void>
  retire(holder: string): Promise<void>
  /** As of the last question; nothing is asked. */
  isReachable(): boolean
  close(): Promise<void>
}

/** What a process that counts needs of them; a worker asks them through its parent. */
export type AskedCounters = Omit<Counters, 'isReachable'>

export interface TokenAsk {
  readonly key: string
  /** Milliseconds per token. */
  readonly intervalMs: number
  /** What a full bucket is worth in time. */
  readonly bucketMs: number
  /** At most so many, at least one if there is one. */
  readonly want: number
}

export interface TokenAnswer {
  readonly granted: number
  /** How far the bucket is from full, after this. */
  readonly aheadMs: number
}

export interface ReturnedTokens {
  readonly key: string
  readonly intervalMs: number
  readonly count: number
}

export interface PlaceAsk {
  readonly key: string
  readonly limit: number
  readonly want: number
}

export interface PlaceAnswer {
  readonly granted: number
  /** Taken by everybody, after this. */
  readonly taken: number
}

export interface ReturnedPlaces {
  readonly key: string
  readonly count: number
}

/** Nobody takes more than this share of what a bucket holds: the emptier it is, the smaller the takes. */
export const STOCK_SHARE = 8
/** A holder that was silent for so long is dead. */
export const HOLDER_LIFE_MS = 15_000

/** How many of the tokens in a bucket an ask gets. */
export function grantTokens({ intervalMs, bucketMs, want }: TokenAsk, aheadMs: number): number {
  // The sum of many intervals is not exact; a thousandth of a token short is a token.
  const available = Math.floor((bucketMs - aheadMs) / intervalMs + 0.001)
  if (available <= 0) return 0
  return Math.min(available, Math.max(1, Math.min(want, Math.floor(available / STOCK_SHARE))))
}
