import { sha256Hex } from '../../kit/crypto.ts'
import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Transaction } from '../store/transaction.ts'
import type { IdempotencyRecord } from './documents.ts'
import { invalidRequest, StripeError } from './errors.ts'
import type { Raw } from './form.ts'

const MAX_KEY_LENGTH = 255
/** Stripe promises at least 24 hours on v1 and 30 days on v2. */
const LIFETIME_SECONDS = { v1: DAY_MS / SECOND_MS, v2: (30 * DAY_MS) / SECOND_MS }

export function checkIdempotencyKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH) {
    throw invalidRequest({
      message: `Idempotency keys can be at most ${MAX_KEY_LENGTH} characters long; this one has ${key.length}.`,
    })
  }
}

/** Equal for the same call with the same parameters, in whatever order they came. */
export function fingerprintOf(method: string, path: string, raw: Raw): string {
  return sha256Hex(`${method} ${path}\n${canonical(raw)}`)
}

function canonical(raw: Raw): string {
  if (Array.isArray(raw)) return `[${(raw as readonly Raw[]).map(canonical).join(',')}]`
  if (typeof raw !== 'object' || raw === null) return JSON.stringify(raw)
  const entries = Object.entries(raw).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`).join(',')}}`
}

/** The first result of this key, or undefined when the call is new. Refuses the key for other parameters. */
export function findFirstResult(
  tx: Transaction,
  id: string,
  fingerprint: string,
): IdempotencyRecord | undefined {
  const record = tx.find('idempotency', id)
  if (record === undefined) return undefined
  const lifetime = id.startsWith('v2:') ? LIFETIME_SECONDS.v2 : LIFETIME_SECONDS.v1
  if (tx.now(null) >= record.createdAt + lifetime) {
    tx.remove('idempotency', id)
    return undefined
  }
  if (record.fingerprint === fingerprint) return record
  throw new StripeError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${id.slice(3)}' if you meant to execute a different request.`,
  })
}

/** Records beyond this many are forgotten, oldest first, so that a long-running simulator stays small. */
const MAX_RECORDS = 20_000

export function keepFirstResult(tx: Transaction, record: IdempotencyRecord): void {
  tx.insert('idempotency', record)
  if (tx.count('idempotency') <= MAX_RECORDS) return
  const oldest = tx.oldestFirst('idempotency').next().value
  if (oldest !== undefined) tx.remove('idempotency', oldest.id)
}

export function keyInUse(key: string): StripeError {
  return new StripeError(
    409,
    {
      type: 'idempotency_error',
      code: 'idempotency_key_in_use',
      message: `There is currently another in-progress request using this Stripe account and Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
    },
    { headers: { 'Stripe-Should-Retry': 'true' } },
  )
}
