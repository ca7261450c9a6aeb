import { randomToken } from '../kit/crypto.ts'
import type { Instant } from '../kit/instant.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const NODE_LENGTH = 6
const COUNTER_LENGTH = 7
const COUNTERS = 32 ** COUNTER_LENGTH
/** The last two digits of every number. */
const PAIRS = Array.from({ length: 32 ** 2 }, (_, number) => encode(number, 2))

/**
 * `req_` + time + process + counter: sortable like every id, and cheap enough to make for each request. The counter
 * also says where the process remembers its decision.
 */
export interface RequestIds {
  next(at: Instant): string
  /** The counter of the id made last. */
  last(): number
  /** The counter of an id this process made. */
  counterOf(id: string): number | undefined
}

export function createRequestIds(): RequestIds {
  const node = randomToken(NODE_LENGTH).toLowerCase()
  let counter = 0
  let prefixAt = -1
  let prefix = ''
  let leadingNumber = -1
  let leading = ''

  return {
    next(at) {
      if (at !== prefixAt) {
        prefixAt = at
        prefix = `req_${encode(at, 10)}${node}`
      }
      counter = (counter + 1) % COUNTERS
      const number = Math.floor(counter / PAIRS.length)
      if (number !== leadingNumber) {
        leadingNumber = number
        leading = encode(number, COUNTER_LENGTH - 2)
      }
      return prefix + leading + PAIRS[counter % PAIRS.length]
    },
    last: () => counter,
    counterOf(id) {
      const start = 'req_'.length + 10
      if (id.slice(start, start + NODE_LENGTH) !== node) return undefined
      return decode(id.slice(start + NODE_LENGTH))
    },
  }
}

function encode(value: number, length: number): string {
  let text = ''
  for (let rest = value, i = 0; i < length; i++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function decode(text: string): number | undefined {
  let value = 0
  for (const character of text) {
    const digit = ALPHABET.indexOf(character)
    if (digit < 0) return undefined
    value = value * 32 + digit
  }
  return value
}
