import { randomToken } from '../kit/crypto.ts'
import type { Instant } from '../kit/instant.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const DIGITS = Buffer.from(ALPHABET, 'latin1')
const NAME = 'X-Request-Id: '
const KIND = 'req_'
const TIME_LENGTH = 10
const NODE_LENGTH = 6
const COUNTER_LENGTH = 7
const COUNTERS = 32 ** COUNTER_LENGTH

/** Where the id stands in its line. */
export const ID_START = NAME.length
export const ID_END = ID_START + KIND.length + TIME_LENGTH + NODE_LENGTH + COUNTER_LENGTH
export const ID_LINE_BYTES = ID_END + '\r\n'.length

/**
 * `req_` + time + process + counter: sortable like every id, and cheap enough to make for each request. The counter
 * also says where the process remembers its decision.
 */
export interface RequestIds {
  /** `X-Request-Id: …` with the id made last, ended by CRLF. */
  readonly line: Buffer
  /** Makes an id; returns its counter. */
  next(at: Instant): number
  /** The counter of an id this process made. */
  counterOf(id: string): number | undefined
}

export function createRequestIds(): RequestIds {
  const node = randomToken(NODE_LENGTH).toLowerCase()
  const line = Buffer.from(
    `${NAME}${KIND}${'0'.repeat(TIME_LENGTH)}${node}${'0'.repeat(COUNTER_LENGTH)}\r\n`,
    'latin1',
  )
  const timeStart = ID_START + KIND.length
  let counter = 0
  let lineAt = 0

  return {
    line,
    next(at) {
      if (at !== lineAt) {
        lineAt = at
        for (let rest = at, i = timeStart + TIME_LENGTH - 1; i >= timeStart; i--) {
          line[i] = digitAt(rest)
          rest = Math.floor(rest / 32)
        }
      }
      counter = (counter + 1) % COUNTERS
      let i = ID_END - 1
      line[i] = digitAt(counter)
      // The digits before the last one change only when it begins again.
      for (let rest = counter; rest % 32 === 0 && --i >= ID_END - COUNTER_LENGTH;) {
        rest = Math.floor(rest / 32)
        line[i] = digitAt(rest)
      }
      return counter
    },
    counterOf(id) {
      const start = KIND.length + TIME_LENGTH
      if (id.slice(start, start + NODE_LENGTH) !== node) return undefined
      return decode(id.slice(start + NODE_LENGTH))
    },
  }
}

function digitAt(number: number): number {
  return DIGITS[number % 32] as number
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
