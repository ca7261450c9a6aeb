import { sha256Hex } from '../../kit/crypto.ts'
import { formatInstant, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

export interface AuditEntry {
  readonly mode: Mode
  readonly id: string
  /** 1 for the first entry of the mode, without gaps. */
  readonly position: number
  /** By the machine's clock. */
  readonly at: Instant
  /** By the clock of the mode, which in test mode may be ahead. */
  readonly happenedAt: Instant
  readonly actorKind: 'operator' | 'member' | 'key' | 'system' | 'stripe'
  readonly actorId: string | null
  readonly actorRole: string | null
  /** `noun.verb`: `plan.published`, `key.revoked`. */
  readonly action: string
  readonly targetKind: string
  readonly targetId: string
  readonly customerId: string | null
  readonly before: unknown
  readonly after: unknown
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
  readonly previousHash: string
  readonly hash: string
}

/** Part of the log: what these nouns do, and these single actions; by these actors. All of it is left open. */
export interface AuditSlice {
  readonly nouns?: readonly string[]
  readonly actions?: readonly string[]
  readonly actorKind?: AuditEntry['actorKind']
}

export const FIRST_HASH = '0'.repeat(64)

/** Covers every field and the entry before: altering, removing or reordering entries breaks the chain. */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>): string {
  const fields = [
    entry.previousHash,
    entry.mode,
    entry.id,
    entry.position,
    formatInstant(entry.at),
    formatInstant(entry.happenedAt),
    entry.actorKind,
    entry.actorId,
    entry.actorRole,
    entry.action,
    entry.targetKind,
    entry.targetId,
    entry.customerId,
    canonical(entry.before),
    canonical(entry.after),
    entry.ip,
    entry.userAgent,
    entry.requestId,
  ]
  return sha256Hex(JSON.stringify(fields))
}

/** The first entry whose hash or link is wrong; undefined when the chain holds. Entries in order of position. */
export function findBreak(
  entries: Iterable<AuditEntry>,
  previousHash = FIRST_HASH,
): AuditEntry | undefined {
  let expected = previousHash
  for (const entry of entries) {
    if (entry.previousHash !== expected || hashEntry(entry) !== entry.hash) return entry
    expected = entry.hash
  }
  return undefined
}

/** JSON with sorted keys: the database does not keep the order of an object's members. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value ?? null
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, canonical(member)]),
  )
}
