/**
 * What both strict grammars are made of. They take a small, unambiguous part of HTTP/1.1 and leave the rest to Node's
 * parser: nothing here tries to understand what it could misunderstand.
 */
export type Parsed = typeof WHOLE | typeof PARTIAL | typeof STRANGE
/** A head was read. */
export const WHOLE = 0
/** The head is not complete; what there is of it is fine so far. */
export const PARTIAL = 1
/** Not in the grammar. */
export const STRANGE = 2

export const MAX_HEAD_BYTES = 16_384
export const MAX_FIELDS = 100
/** Lengths beyond this are not exact in a number. */
export const MAX_LENGTH_DIGITS = 15

export const CR = 13
export const LF = 10
export const SPACE = 32
export const TAB = 9
export const COLON = 58
export const SLASH = 47
export const DASH = 45
const UNDERSCORE = 95
const LETTER_A = 97
const LOWER_CASE = 0x20

function tableOf(matches: (code: number) => boolean): Uint8Array {
  return Buffer.from(Array.from({ length: 256 }, (_, code) => (matches(code) ? 1 : 0)))
}

const TOKEN_MARKS = "!#$%&'*+-.^_`|~"

/** Characters of field names (RFC 9110, 5.6.2). */
export const TOKEN = tableOf((code) =>
  /[0-9A-Za-z]/.test(String.fromCharCode(code))
    ? code < 128
    : code < 128 && TOKEN_MARKS.includes(String.fromCharCode(code)),
)
/** Names of a request's fields: many servers read `_` as `-`, so a name with one has two readings. */
export const PLAIN_NAME = tableOf((code) => TOKEN[code] === 1 && code !== UNDERSCORE)
/** Visible ASCII, space and tab. */
export const VALUE = tableOf((code) => (code >= SPACE && code < 127) || code === TAB)
/** Responses may use the upper half too; it is passed on as it came. */
export const OPAQUE_VALUE = tableOf((code) => VALUE[code] === 1 || code >= 128)
/** Visible ASCII without the fragment mark. */
export const TARGET = tableOf((code) => code > SPACE && code < 127 && code !== 35)

/** Where the first byte that is not in the table stands, or the limit. */
export function endOf(table: Uint8Array, bytes: Uint8Array, start: number, limit: number): number {
  let i = start
  while (i < limit && table[bytes[i] as number] === 1) i++
  return i
}

export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number
}

/** The bytes of a word in lower case, for `spells`. */
export function word(lower: string): Uint8Array {
  return Buffer.from(lower, 'latin1')
}

/** Whether the bytes from `start` spell a word, in any case. The length is known to be right. */
export function spells(bytes: Uint8Array, start: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = byteAt(lower, i)
    const byte = byteAt(bytes, start + i)
    // Only letters have a case: `-` with the bit set would match a control character.
    if (byte !== code && (code < LETTER_A || (byte | LOWER_CASE) !== code)) return false
  }
  return true
}

/** A whole number of digits, or -1. */
export function readLength(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > MAX_LENGTH_DIGITS) return -1
  let length = 0
  for (let i = start; i < end; i++) {
    const digit = byteAt(bytes, i) - 48
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

/** Lines of a head that are not passed on, as places in the buffer. */
export class Gaps {
  readonly #edges = new Int32Array(2 * MAX_FIELDS)
  #count = 0

  clear(): void {
    this.#count = 0
  }

  add(start: number, end: number): void {
    const edges = this.#edges
    // Neighbours become one gap, so that what is kept is as few slices as possible.
    if (this.#count > 0 && edges[this.#count - 1] === start) {
      edges[this.#count - 1] = end
      return
    }
    edges[this.#count++] = start
    edges[this.#count++] = end
  }

  /** Copies what lies between `start` and `end` and in no gap; returns where the copy ends. */
  copyKept(bytes: Buffer, start: number, end: number, target: Buffer, at: number): number {
    const edges = this.#edges
    let from = start
    let to = at
    for (let i = 0; i < this.#count; i += 2) {
      const gap = edges[i] as number
      if (gap > from) to += bytes.copy(target, to, from, gap)
      from = edges[i + 1] as number
    }
    return end > from ? to + bytes.copy(target, to, from, end) : to
  }

  /** `text` stands for the bytes from `base` on; what lies between `start` and `end` and in no gap is kept. */
  keep(text: string, base: number, start: number, end: number): string {
    const edges = this.#edges
    let kept = ''
    let from = start
    for (let i = 0; i < this.#count; i += 2) {
      const gap = edges[i] as number
      if (gap > from) kept += text.slice(from - base, gap - base)
      from = edges[i + 1] as number
    }
    if (end > from) kept += text.slice(from - base, end - base)
    return kept
  }
}
