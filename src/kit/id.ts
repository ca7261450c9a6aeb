import type { Instant } from './instant.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_LENGTH = 10
const RANDOM_LENGTH = 16

/**
 * `customer_01k9…`: a full-word prefix, then 48 bits of time and 80 random bits in Crockford's base 32.
 * Ids sort by creation, so they are also the tie-breaker of every listing.
 */
export function newId(prefix: string, at: Instant = Date.now()): string {
  let time = ''
  let rest = at
  for (let i = 0; i < TIME_LENGTH; i++) {
    time = ALPHABET[rest % 32] + time
    rest = Math.floor(rest / 32)
  }
  let random = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH)))
    random += ALPHABET[byte & 31]
  return `${prefix}_${time}${random}`
}

export function isId(prefix: string, text: string): boolean {
  return (
    text.length === prefix.length + 1 + TIME_LENGTH + RANDOM_LENGTH &&
    text.startsWith(`${prefix}_`) &&
    /^[0-9a-hjkmnp-tv-z]+$/.test(text.slice(prefix.length + 1))
  )
}
