import type { AccessChange } from '../../domain/entitlements/access-changes.ts'
import type { AccessRecord, AccessSource } from '../../domain/entitlements/access-record.ts'
import { hashSecret, modeOfSecret } from '../../domain/keys/api-key.ts'
import type { Clock } from '../../kit/clock.ts'
import { type Instant, MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Log } from '../../platform/log.ts'
import type { LimitBook } from '../limits/limit-book.ts'
import { KeyAccess } from './key-access.ts'

/**
 * The API keys this process knows. A key is asked for once; afterwards news keep it current, and a slow refresh makes
 * up for news that were lost. While the source is down, known keys keep working.
 */
export interface KeyDirectory {
  /** Null: there is no such key. Undefined: it has to be looked up. */
  peek(secret: string, at: Instant): KeyAccess | null | undefined
  lookUp(secret: string, address: string, done: (result: LookUpResult) => void): void
  hear(change: AccessChange): void
  size(): number
}

export type LookUpResult =
  | { readonly kind: 'found'; readonly access: KeyAccess }
  | { readonly kind: 'unknown' }
  /** The source does not answer. */
  | { readonly kind: 'unavailable' }
  /** Too many look-ups at once. */
  | { readonly kind: 'busy' }
  /** This address has tried too many keys that do not exist. */
  | { readonly kind: 'too_many_unknown'; readonly retryAfterMs: number }

interface DirectoryOptions {
  readonly source: Pick<AccessSource, 'find'>
  readonly limits: LimitBook
  readonly clock: Clock
  readonly log: Log
  readonly maxKeys?: number
}

const MAX_KEYS = 200_000
const MAX_UNKNOWN = 50_000
const REMEMBER_UNKNOWN_MS = 30 * SECOND_MS
const REFRESH_AFTER_MS = MINUTE_MS
const REFRESH_RETRY_MS = 5 * SECOND_MS
const MAX_LOOKUPS = 64
const MAX_QUEUED = 10_000
const MAX_REPEATS = 5
const EVICTION_LOOKS = 64
const EVERYBODY = '*'
/** A client with a wrong key is told so; one that tries many wrong keys is searching. */
const UNKNOWN_KEYS = { name: 'unknown_keys', limit: 60, windowSeconds: 60, burst: 30 }

/** A key's place in the directory; its access comes and goes. */
interface Entry {
  readonly hash: string
  readonly customer: string
  /** Null after news about its customer: it has to be looked up again before it is used. */
  access: KeyAccess | null
  refreshAt: Instant
  wasUsed: boolean
}

interface LookUp {
  readonly hash: string
  readonly waiting: ((result: LookUpResult) => void)[]
  /** Customers that changed while the source was asked: what it answers may be older than that. */
  readonly changed: Set<string>
}

export function createKeyDirectory(options: DirectoryOptions): KeyDirectory {
  const { source, limits, clock, log, maxKeys = MAX_KEYS } = options
  const bySecret = new Map<string, Entry>()
  const byHash = new Map<string, Entry>()
  const byCustomer = new Map<string, Set<Entry>>()
  const unknown = new Map<string, Instant>()
  const lookUps = new Map<string, LookUp>()
  const queue: LookUp[] = []
  let running = 0

  function peek(secret: string, at: Instant): KeyAccess | null | undefined {
    const entry = bySecret.get(secret)
    if (entry !== undefined && entry.access !== null) {
      entry.wasUsed = true
      if (at >= entry.refreshAt) refresh(entry, at)
      return entry.access
    }
    if (modeOfSecret(secret) === undefined) return null
    if (unknown.size === 0) return undefined
    const until = unknown.get(hashSecret(secret))
    return until !== undefined && at < until ? null : undefined
  }

  function lookUp(secret: string, address: string, done: (result: LookUpResult) => void): void {
    const hash = hashSecret(secret)
    const tries = limits.ownRate(`address ${address} unknown_keys`, UNKNOWN_KEYS, 'address')
    const retryAfterMs = tries.waitMs(clock.now())
    if (retryAfterMs > 0 && !byHash.has(hash)) {
      done({ kind: 'too_many_unknown', retryAfterMs })
      return
    }
    start(hash, (result) => {
      const entry = byHash.get(hash)
      // A string of its own: a slice would keep the whole head of a request alive.
      if (entry !== undefined) bySecret.set(Buffer.from(secret, 'latin1').toString('latin1'), entry)
      if (result.kind === 'unknown') tries.take(clock.now())
      done(result)
    })
  }

  function start(hash: string, done: (result: LookUpResult) => void): void {
    const known = lookUps.get(hash)
    if (known !== undefined) {
      known.waiting.push(done)
      return
    }
    if (queue.length >= MAX_QUEUED) return done({ kind: 'busy' })
    const entry: LookUp = { hash, waiting: [done], changed: new Set() }
    lookUps.set(hash, entry)
    queue.push(entry)
    next()
  }

  function next(): void {
    while (running < MAX_LOOKUPS) {
      const entry = queue.shift()
      if (entry === undefined) return
      running++
      void serve(entry)
    }
  }

  async function serve(entry: LookUp): Promise<void> {
    const result = await run(entry)
    running--
    lookUps.delete(entry.hash)
    for (const done of entry.waiting) done(result)
    next()
  }

  async function run({ hash, changed }: LookUp): Promise<LookUpResult> {
    try {
      for (let i = 0; i < MAX_REPEATS; i++) {
        changed.clear()
        const record = await source.find(hash)
        if (record === undefined) {
          forget(hash)
          if (changed.size === 0) rememberUnknown(hash)
          return { kind: 'unknown' }
        }
        if (!changed.has(EVERYBODY) && !changed.has(customerOf(record)))
          return { kind: 'found', access: keep(hash, record) }
      }
      throw new Error('The access record changed whenever it was read')
    } catch (error) {
      log.warn('access.lookup_failed', { error })
      return { kind: 'unavailable' }
    }
  }

  function keep(hash: string, record: AccessRecord): KeyAccess {
    const access = new KeyAccess(hash, record)
    const refreshAt = clock.now() + REFRESH_AFTER_MS
    const known = byHash.get(hash)
    if (known !== undefined) {
      known.access = access
      known.refreshAt = refreshAt
      return access
    }
    if (byHash.size >= maxKeys) evict()
    const customer = customerOf(record)
    const entry: Entry = { hash, customer, access, refreshAt, wasUsed: true }
    byHash.set(hash, entry)
    const siblings = byCustomer.get(customer)
    if (siblings === undefined) byCustomer.set(customer, new Set([entry]))
    else siblings.add(entry)
    return access
  }

  function forget(hash: string): void {
    const entry = byHash.get(hash)
    if (entry === undefined) return
    byHash.delete(hash)
    const siblings = byCustomer.get(entry.customer)
    siblings?.delete(entry)
    if (siblings?.size === 0) byCustomer.delete(entry.customer)
    entry.access = null
  }

  /** Second chance: keys that were used since the last look stay, others make room. */
  function evict(): void {
    let looked = 0
    for (const [hash, entry] of byHash) {
      if (entry.wasUsed && ++looked < EVICTION_LOOKS) {
        entry.wasUsed = false
        byHash.delete(hash)
        byHash.set(hash, entry)
      } else {
        forget(hash)
        break
      }
    }
    if (bySecret.size < 2 * maxKeys) return
    for (const [secret, entry] of bySecret) if (entry.access === null) bySecret.delete(secret)
  }

  function rememberUnknown(hash: string): void {
    if (unknown.size >= MAX_UNKNOWN) unknown.clear()
    unknown.set(hash, clock.now() + REMEMBER_UNKNOWN_MS)
  }

  /** In the background: the old record serves until the new one is there, and while the source is down. */
  function refresh(entry: Entry, at: Instant): void {
    entry.refreshAt = at + REFRESH_RETRY_MS
    start(entry.hash, () => undefined)
  }

  function hear(change: AccessChange): void {
    if (change.kind === 'routes') return
    unknown.clear()
    const customer = change.kind === 'customer' ? `${change.mode} ${change.customerId}` : null
    for (const { changed } of lookUps.values()) changed.add(customer ?? EVERYBODY)
    if (customer !== null) {
      for (const entry of byCustomer.get(customer) ?? []) entry.access = null
      return
    }
    for (const entry of byHash.values()) {
      entry.refreshAt = 0
      // Test mode's time may have been moved; what is decided in the old time is wrong.
      if (change.kind === 'everything' && entry.access?.record.mode === 'test') entry.access = null
    }
  }

  return { peek, lookUp, hear, size: () => byHash.size }
}

function customerOf({ mode, customerId }: AccessRecord): string {
  return `${mode} ${customerId}`
}
