import { invalidRequest } from './errors.ts'

type Metadata = Readonly<Record<string, string>>

const MAX_KEYS = 50
const MAX_KEY_LENGTH = 40
const MAX_VALUE_LENGTH = 500

/**
 * Stripe's merge: given keys are set, '' deletes a key, '' for the whole hash (null here) deletes all, what is not
 * mentioned stays.
 */
export function mergeMetadata(current: Metadata, change: Metadata | null | undefined): Metadata {
  if (change === undefined) return current
  if (change === null) return {}
  const merged: Record<string, string> = { ...current }
  for (const [key, value] of Object.entries(change)) {
    if (value === '') {
      delete merged[key]
      continue
    }
    checkKey(key)
    if (value.length > MAX_VALUE_LENGTH) {
      throw invalidRequest({
        message: `Invalid string: ${value.slice(0, 10)}...; must be at most ${MAX_VALUE_LENGTH} characters`,
        param: `metadata[${key}]`,
      })
    }
    merged[key] = value
  }
  if (Object.keys(merged).length > MAX_KEYS) {
    throw invalidRequest({
      message: `Metadata can have at most ${MAX_KEYS} keys.`,
      param: 'metadata',
    })
  }
  return merged
}

export function newMetadata(given: Metadata | null | undefined): Metadata {
  return mergeMetadata({}, given ?? {})
}

function checkKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH) {
    throw invalidRequest({
      message: `Metadata keys can be at most ${MAX_KEY_LENGTH} characters long; '${key.slice(0, MAX_KEY_LENGTH)}…' is longer.`,
      param: 'metadata',
    })
  }
  if (/[[\]]/.test(key)) {
    throw invalidRequest({
      message: `Metadata keys cannot contain square brackets; got '${key}'.`,
      param: 'metadata',
    })
  }
}
