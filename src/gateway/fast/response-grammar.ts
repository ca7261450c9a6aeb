import { namedInConnection, passesToClient } from '../headers.ts'
import {
  byteAt,
  COLON,
  CR,
  DASH,
  Gaps,
  LF,
  MAX_FIELDS,
  MAX_HEAD_BYTES,
  endOf,
  OPAQUE_VALUE,
  PARTIAL,
  type Parsed,
  readLength,
  SLASH,
  SPACE,
  spells,
  STRANGE,
  TAB,
  TOKEN,
  WHOLE,
} from './grammar.ts'
import {
  CHUNKED,
  CLOSE,
  CONNECTION,
  CONTENT_LENGTH,
  KEEP_ALIVE,
  PROXY_AUTHENTICATE,
  PROXY_AUTHORIZATION,
  PROXY_CONNECTION,
  RATELIMIT,
  RATELIMIT_POLICY,
  TE,
  TRANSFER_ENCODING,
  UPGRADE,
} from './words.ts'

const SHORTEST_HEAD_BYTES = 17
const LETTER_X = 0x78
const LETTER_R = 0x72
const ONE = 0x31
const MAX_KNOWN_BYTES = 2_048
const NOTHING = Buffer.alloc(0)

/**
 * The head of an upstream's response. What is ambiguous here has no second lane: the exchange ends with 502 and the
 * connection is dropped, because nobody could say where the next response begins.
 */
export class ResponseHead {
  status = 0
  /** The status line and the fields that are passed on, each ended by CRLF; valid until the next head is read. */
  lines: Buffer = NOTHING
  /** -1 when the head does not tell. */
  length = -1
  isChunked = false
  keepAlive = true
  /** Seconds an idle connection is kept by the upstream, if it said so; -1 otherwise. */
  keepAliveSeconds = -1
  /** Where the body starts. */
  end = 0

  readonly #lines = Buffer.allocUnsafeSlow(MAX_HEAD_BYTES)
  /** The head all this was read from: one that is byte for byte the same is not read again. */
  #known: Buffer = NOTHING
  readonly #source = Buffer.allocUnsafeSlow(MAX_KNOWN_BYTES)
  readonly #gaps = new Gaps()
  /** The value of a Connection field that names other fields. */
  #connection = ''

  parse(bytes: Buffer, start: number, end: number): Parsed {
    if (end - start < SHORTEST_HEAD_BYTES) return PARTIAL
    const knownEnd = start + this.#known.length
    if (knownEnd > start && knownEnd <= end && this.#known.compare(bytes, start, knownEnd) === 0) {
      this.end = knownEnd
      return WHOLE
    }
    this.#known = NOTHING
    const limit = Math.min(end, start + MAX_HEAD_BYTES)
    const isCut = limit < end
    if (!this.#readStatus(bytes, start)) return STRANGE

    let i = start + 12
    i = endOf(OPAQUE_VALUE, bytes, i, limit)
    if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
    if (byteAt(bytes, i) !== CR || byteAt(bytes, i + 1) !== LF) return STRANGE
    i += 2
    const fieldsStart = i
    this.#begin(byteAt(bytes, start + 7) === ONE)

    for (let fields = 0; ; fields++) {
      if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
      if (byteAt(bytes, i) === CR) {
        if (byteAt(bytes, i + 1) !== LF) return STRANGE
        break
      }
      if (fields === MAX_FIELDS) return STRANGE
      const nameStart = i
      i = endOf(TOKEN, bytes, i, limit)
      if (i >= limit) return isCut ? STRANGE : PARTIAL
      const nameLength = i - nameStart
      if (nameLength === 0 || byteAt(bytes, i) !== COLON) return STRANGE
      i++
      while (i < limit && isBlank(byteAt(bytes, i))) i++
      const valueStart = i
      i = endOf(OPAQUE_VALUE, bytes, i, limit)
      if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
      if (byteAt(bytes, i) !== CR || byteAt(bytes, i + 1) !== LF) return STRANGE
      const valueEnd = i
      i += 2
      const meaning = this.#readField(bytes, nameStart, nameLength, valueStart, valueEnd)
      if (meaning === UNCLEAR) return STRANGE
      if (meaning === DROPPED) this.#gaps.add(nameStart, i)
    }
    if (this.isChunked && this.length !== -1) return STRANGE
    this.#take(bytes, start, fieldsStart, i)
    this.end = i + 2
    if (this.end - start <= MAX_KNOWN_BYTES) {
      this.#known = this.#source.subarray(0, bytes.copy(this.#source, 0, start, this.end))
    }
    return WHOLE
  }

  #take(bytes: Buffer, start: number, fieldsStart: number, end: number): void {
    const lines = this.#lines
    const fieldsAt = bytes.copy(lines, 0, start, fieldsStart)
    // We speak HTTP/1.1, whatever the upstream speaks.
    lines[7] = ONE
    let linesEnd = this.#gaps.copyKept(bytes, fieldsStart, end, lines, fieldsAt)
    if (this.#connection !== '') {
      const kept = withoutNamed(lines.toString('latin1', fieldsAt, linesEnd), this.#connection)
      linesEnd = fieldsAt + lines.write(kept, fieldsAt, 'latin1')
    }
    this.lines = lines.subarray(0, linesEnd)
  }

  /** `HTTP/1.x 200` and a space or the end of the line. */
  #readStatus(bytes: Buffer, start: number): boolean {
    const minor = byteAt(bytes, start + 7)
    const isHttp =
      byteAt(bytes, start) === 72 &&
      byteAt(bytes, start + 1) === 84 &&
      byteAt(bytes, start + 2) === 84 &&
      byteAt(bytes, start + 3) === 80 &&
      byteAt(bytes, start + 4) === SLASH &&
      byteAt(bytes, start + 5) === 49 &&
      byteAt(bytes, start + 6) === 46 &&
      (minor === 48 || minor === 49) &&
      byteAt(bytes, start + 8) === SPACE
    if (!isHttp) return false
    const hundreds = byteAt(bytes, start + 9) - 48
    const tens = byteAt(bytes, start + 10) - 48
    const ones = byteAt(bytes, start + 11) - 48
    if (hundreds < 1 || hundreds > 5 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return false
    this.status = hundreds * 100 + tens * 10 + ones
    const next = byteAt(bytes, start + 12)
    return next === SPACE || next === CR
  }

  #begin(isPersistent: boolean): void {
    this.#gaps.clear()
    this.#connection = ''
    this.length = -1
    this.isChunked = false
    this.keepAlive = isPersistent
    this.keepAliveSeconds = -1
  }

  #readField(
    bytes: Buffer,
    nameStart: number,
    nameLength: number,
    valueStart: number,
    valueEnd: number,
  ): Meaning {
    const first = byteAt(bytes, nameStart) | 0x20
    if (first === LETTER_X && byteAt(bytes, nameStart + 1) === DASH) {
      return this.#isOurs(bytes, nameStart, nameLength) ? DROPPED : KEPT
    }
    if (first === LETTER_R && (nameLength === 9 || nameLength === 16)) {
      return spells(bytes, nameStart, nameLength === 9 ? RATELIMIT : RATELIMIT_POLICY)
        ? DROPPED
        : KEPT
    }
    switch (nameLength) {
      case 2:
        return spells(bytes, nameStart, TE) ? DROPPED : KEPT
      case 7:
        return spells(bytes, nameStart, UPGRADE) ? DROPPED : KEPT
      case 10:
        if (spells(bytes, nameStart, CONNECTION)) {
          return this.#readConnection(bytes, valueStart, valueEnd)
        }
        if (!spells(bytes, nameStart, KEEP_ALIVE)) return KEPT
        this.#readKeepAlive(bytes, valueStart, valueEnd)
        return DROPPED
      case 14:
        if (!spells(bytes, nameStart, CONTENT_LENGTH)) return KEPT
        if (this.length !== -1) return UNCLEAR
        this.length = readLength(bytes, valueStart, valueEnd)
        return this.length === -1 ? UNCLEAR : KEPT
      case 16:
        return spells(bytes, nameStart, PROXY_CONNECTION) ? DROPPED : KEPT
      case 17:
        if (!spells(bytes, nameStart, TRANSFER_ENCODING)) return KEPT
        if (this.isChunked || valueEnd - valueStart !== 7) return UNCLEAR
        if (!spells(bytes, valueStart, CHUNKED)) return UNCLEAR
        this.isChunked = true
        return DROPPED
      case 18:
        return spells(bytes, nameStart, PROXY_AUTHENTICATE) ? DROPPED : KEPT
      case 19:
        return spells(bytes, nameStart, PROXY_AUTHORIZATION) ? DROPPED : KEPT
      default:
        return KEPT
    }
  }

  /** Fields only the gateway may say to clients. */
  #isOurs(bytes: Buffer, nameStart: number, nameLength: number): boolean {
    const second = byteAt(bytes, nameStart + 2) | 0x20
    // x-request-id, x-ratelimit-…, x-quota-…, x-billing-…, x-metering-…
    const isCandidate = second === LETTER_R || second === 0x71 || second === 0x62 || second === 0x6d
    if (!isCandidate || nameLength < 12 || nameLength > 21) return false
    const name = bytes.toString('latin1', nameStart, nameStart + nameLength).toLowerCase()
    return !passesToClient(name)
  }

  #readConnection(bytes: Buffer, start: number, end: number): Meaning {
    if (end - start === 5 && spells(bytes, start, CLOSE)) this.keepAlive = false
    else if (end - start === 10 && spells(bytes, start, KEEP_ALIVE)) this.keepAlive = true
    else {
      const value = bytes.toString('latin1', start, end)
      this.#connection = this.#connection === '' ? value : `${this.#connection},${value}`
      if (/(?:^|[,\s])close(?:$|[,\s])/i.test(value)) this.keepAlive = false
    }
    return DROPPED
  }

  #readKeepAlive(bytes: Buffer, start: number, end: number): void {
    const seconds = /timeout=(\d{1,6})/.exec(bytes.toString('latin1', start, end))?.[1]
    if (seconds !== undefined) this.keepAliveSeconds = Number(seconds)
  }
}

type Meaning = typeof KEPT | typeof DROPPED | typeof UNCLEAR
const KEPT = 0
const DROPPED = 1
const UNCLEAR = 2

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

function withoutNamed(lines: string, connection: string): string {
  const named = namedInConnection(connection)
  return lines
    .split('\r\n')
    .filter((line) => line !== '' && !named?.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('')
}
