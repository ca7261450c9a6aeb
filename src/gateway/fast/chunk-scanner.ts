import { byteAt, COLON, CR, LF, OPAQUE_VALUE, TOKEN } from './grammar.ts'

const MAX_SIZE_DIGITS = 12
const MAX_TRAILER_BYTES = 8_192

const SIZE = 0
const SIZE_LF = 1
const DATA = 2
const DATA_CR = 3
const DATA_LF = 4
const LINE_START = 5
const NAME = 6
const FIELD_VALUE = 7
const FIELD_LF = 8
const LAST_LF = 9

/**
 * Finds where a chunked body ends without decoding it; the framing goes to the client as it came. Strict: sizes in
 * plain hexadecimal, no chunk extensions, trailer fields by the grammar of fields.
 */
export class ChunkScanner {
  isDone = false
  #state = SIZE
  #left = 0
  #digits = 0
  #trailerBytes = 0

  reset(): void {
    this.isDone = false
    this.#state = SIZE
    this.#left = 0
    this.#digits = 0
    this.#trailerBytes = 0
  }

  /** One past the last byte of the body in `start … end`, or -1 when it is not in the grammar. */
  scan(bytes: Buffer, start: number, end: number): number {
    let i = start
    while (i < end) {
      if (this.#state === DATA) {
        const taken = Math.min(end - i, this.#left)
        this.#left -= taken
        i += taken
        if (this.#left === 0) this.#state = DATA_CR
        continue
      }
      if (!this.#step(byteAt(bytes, i))) return -1
      i++
      if (this.isDone) return i
    }
    return i
  }

  #step(byte: number): boolean {
    switch (this.#state) {
      case SIZE:
        return this.#readSize(byte)
      case SIZE_LF:
        this.#digits = 0
        this.#state = this.#left === 0 ? LINE_START : DATA
        return byte === LF
      case DATA_CR:
        this.#state = DATA_LF
        return byte === CR
      case DATA_LF:
        this.#state = SIZE
        return byte === LF
      default:
        return this.#readTrailer(byte)
    }
  }

  #readSize(byte: number): boolean {
    if (byte === CR) {
      this.#state = SIZE_LF
      return this.#digits > 0
    }
    const digit = hexDigit(byte)
    if (digit < 0 || ++this.#digits > MAX_SIZE_DIGITS) return false
    this.#left = this.#left * 16 + digit
    return true
  }

  #readTrailer(byte: number): boolean {
    if (++this.#trailerBytes > MAX_TRAILER_BYTES) return false
    switch (this.#state) {
      case LINE_START:
        this.#state = byte === CR ? LAST_LF : NAME
        return byte === CR || TOKEN[byte] === 1
      case NAME:
        if (byte === COLON) this.#state = FIELD_VALUE
        return byte === COLON || TOKEN[byte] === 1
      case FIELD_VALUE:
        if (byte === CR) this.#state = FIELD_LF
        return byte === CR || OPAQUE_VALUE[byte] === 1
      case FIELD_LF:
        this.#state = LINE_START
        return byte === LF
      default:
        this.isDone = true
        return byte === LF
    }
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 0x20
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
