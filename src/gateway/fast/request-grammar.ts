import type { CredentialKind } from '../exchange.ts'
import {
  byteAt,
  COLON,
  CR,
  DASH,
  endOf,
  Gaps,
  LF,
  MAX_FIELDS,
  MAX_HEAD_BYTES,
  PARTIAL,
  type Parsed,
  PLAIN_NAME,
  readLength,
  SLASH,
  SPACE,
  spells,
  STRANGE,
  TAB,
  TARGET,
  VALUE,
  WHOLE,
} from './grammar.ts'
import {
  AUTHORIZATION,
  BEARER,
  CLOSE,
  CONNECTION,
  CONTENT_LENGTH,
  EXPECT,
  FORWARDED,
  HOST,
  IDEMPOTENCY_KEY,
  KEEP_ALIVE,
  PROXY_AUTHENTICATE,
  PROXY_AUTHORIZATION,
  PROXY_CONNECTION,
  TE,
  TRAILER,
  TRANSFER_ENCODING,
  UPGRADE,
  X_API_KEY,
  X_CUSTOMER_ID,
  X_ENTITLEMENT,
  X_FORWARDED_FOR,
  X_FORWARDED_HOST,
  X_FORWARDED_PORT,
  X_FORWARDED_PROTO,
  X_REAL_IP,
  X_REQUEST_ID,
  X_SUBSCRIPTION_ID,
  X_USER_ID,
  X_USER_PLAN,
} from './words.ts'

const SHORTEST_HEAD_BYTES = 18
/** `GET / HTTP/1.1` and CRLF. A line that ends sooner has no version: more bytes will not make a head of it. */
const SHORTEST_LINE_BYTES = 16
const LETTER_X = 0x78
/** Longer fields are read anew each time: what is remembered is held for as long as the connection is open. */
const MAX_KNOWN_BYTES = 2_048
const NOTHING = Buffer.alloc(0)

/** One head is read at a time, so one list is enough for all connections. */
const gaps = new Gaps()

/**
 * The head of a plain request: a common method, an origin-form target, HTTP/1.1, CRLF, at most one Content-Length, no
 * Transfer-Encoding, Expect, Upgrade or Trailer, one Host, one credential, no name with an underscore. One object reads the heads of one connection,
 * one after another. Clients repeat their fields: fields that are byte for byte those of the head before have the same
 * meaning and are not read again.
 */
export class RequestHead {
  method = ''
  target = ''
  /** The Host value as the client wrote it. */
  authority = ''
  credentialKind: CredentialKind = 'none'
  credential = ''
  forwardedFor = ''
  forwardedProto = ''
  hasIdempotencyKey = false
  /** The credential came in `Authorization`, which a public route would pass on. */
  hasAuthorization = false
  keepAlive = true
  /** Bytes of the body; 0 when there is none. */
  length = 0
  /** The lines that are passed on, each ended by CRLF. */
  kept = ''
  /** Where the body starts. */
  end = 0

  /** The fields these results were read from, up to the end of the head. */
  #known: Buffer = NOTHING
  #hosts = 0
  #connections = 0
  #length = -1
  #hostStart = 0
  #hostEnd = 0
  #keyStart = 0
  #keyEnd = 0
  #forStart = 0
  #forEnd = 0
  #protoStart = 0
  #protoEnd = 0

  parse(bytes: Buffer, start: number, end: number): Parsed {
    if (end - start < SHORTEST_HEAD_BYTES) return hasShortLine(bytes, start) ? STRANGE : PARTIAL
    const limit = Math.min(end, start + MAX_HEAD_BYTES)
    const isCut = limit < end
    const methodEnd = this.#readMethod(bytes, start)
    if (methodEnd === 0 || byteAt(bytes, methodEnd) !== SLASH) return STRANGE

    let i = methodEnd
    i = endOf(TARGET, bytes, i, limit)
    if (i < limit && byteAt(bytes, i) !== SPACE) return STRANGE
    if (i + 11 > limit) return isCut ? STRANGE : PARTIAL
    const targetEnd = i
    if (!isVersion(bytes, i)) return STRANGE
    i += 11
    const fieldsStart = i
    if (this.#isKnown(bytes, fieldsStart, limit)) {
      this.end = fieldsStart + this.#known.length
      return this.#finish(bytes, methodEnd, targetEnd)
    }
    this.#begin()

    for (let fields = 0; ; fields++) {
      if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
      if (byteAt(bytes, i) === CR) {
        if (byteAt(bytes, i + 1) !== LF) return STRANGE
        break
      }
      if (fields === MAX_FIELDS) return STRANGE
      const nameStart = i
      i = endOf(PLAIN_NAME, bytes, i, limit)
      if (i >= limit) return isCut ? STRANGE : PARTIAL
      const nameLength = i - nameStart
      if (nameLength === 0 || byteAt(bytes, i) !== COLON) return STRANGE
      i++
      while (i < limit && isBlank(byteAt(bytes, i))) i++
      const valueStart = i
      i = endOf(VALUE, bytes, i, limit)
      if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
      if (byteAt(bytes, i) !== CR || byteAt(bytes, i + 1) !== LF) return STRANGE
      const valueEnd = i
      i += 2
      const meaning = this.#readField(bytes, nameStart, nameLength, valueStart, valueEnd)
      if (meaning === UNKNOWN) return STRANGE
      if (meaning === DROPPED) gaps.add(nameStart, i)
    }
    if (this.#hosts !== 1) return STRANGE
    this.#take(bytes, fieldsStart, i)
    return this.#finish(bytes, methodEnd, targetEnd)
  }

  #isKnown(bytes: Buffer, start: number, limit: number): boolean {
    const { length } = this.#known
    if (length === 0 || start + length > limit) return false
    return this.#known.compare(bytes, start, start + length) === 0
  }

  /** Where the target starts, or 0. */
  #readMethod(bytes: Buffer, start: number): number {
    switch (byteAt(bytes, start)) {
      case 71:
        return this.#takeMethod(bytes, start, 'GET')
      case 72:
        return this.#takeMethod(bytes, start, 'HEAD')
      case 68:
        return this.#takeMethod(bytes, start, 'DELETE')
      case 80:
        return (
          this.#takeMethod(bytes, start, 'POST') ||
          this.#takeMethod(bytes, start, 'PUT') ||
          this.#takeMethod(bytes, start, 'PATCH')
        )
      default:
        return 0
    }
  }

  #takeMethod(bytes: Buffer, start: number, method: string): number {
    for (let i = 1; i < method.length; i++) {
      if (byteAt(bytes, start + i) !== method.charCodeAt(i)) return 0
    }
    if (byteAt(bytes, start + method.length) !== SPACE) return 0
    this.method = method
    return start + method.length + 1
  }

  #begin(): void {
    gaps.clear()
    this.#known = NOTHING
    this.#hosts = 0
    this.#connections = 0
    this.#length = -1
    this.#keyEnd = 0
    this.#forEnd = 0
    this.#protoEnd = 0
    this.credentialKind = 'none'
    this.hasIdempotencyKey = false
    this.hasAuthorization = false
    this.keepAlive = true
  }

  #readField(
    bytes: Buffer,
    nameStart: number,
    nameLength: number,
    valueStart: number,
    valueEnd: number,
  ): Meaning {
    if ((byteAt(bytes, nameStart) | 0x20) === LETTER_X && byteAt(bytes, nameStart + 1) === DASH) {
      return this.#readExtension(bytes, nameStart, nameLength, valueStart, valueEnd)
    }
    switch (nameLength) {
      case 2:
        return spells(bytes, nameStart, TE) ? DROPPED : KEPT
      case 4:
        if (!spells(bytes, nameStart, HOST)) return KEPT
        this.#hostStart = valueStart
        this.#hostEnd = trimmedEnd(bytes, valueStart, valueEnd)
        return ++this.#hosts > 1 || this.#hostEnd === valueStart ? UNKNOWN : DROPPED
      case 6:
        return spells(bytes, nameStart, EXPECT) ? UNKNOWN : KEPT
      case 7:
        return spells(bytes, nameStart, UPGRADE) || spells(bytes, nameStart, TRAILER)
          ? UNKNOWN
          : KEPT
      case 9:
        return spells(bytes, nameStart, FORWARDED) ? DROPPED : KEPT
      case 10:
        if (spells(bytes, nameStart, CONNECTION)) {
          return this.#readConnection(bytes, valueStart, valueEnd)
        }
        return spells(bytes, nameStart, KEEP_ALIVE) ? DROPPED : KEPT
      case 13:
        return spells(bytes, nameStart, AUTHORIZATION)
          ? this.#readAuthorization(bytes, valueStart, valueEnd)
          : KEPT
      case 14:
        if (!spells(bytes, nameStart, CONTENT_LENGTH)) return KEPT
        if (this.#length !== -1) return UNKNOWN
        this.#length = readLength(bytes, valueStart, valueEnd)
        return this.#length === -1 ? UNKNOWN : KEPT
      case 15:
        if (spells(bytes, nameStart, IDEMPOTENCY_KEY)) this.hasIdempotencyKey = true
        return KEPT
      case 16:
        return spells(bytes, nameStart, PROXY_CONNECTION) ? DROPPED : KEPT
      case 17:
        return spells(bytes, nameStart, TRANSFER_ENCODING) ? UNKNOWN : KEPT
      case 18:
        return spells(bytes, nameStart, PROXY_AUTHENTICATE) ? DROPPED : KEPT
      case 19:
        return spells(bytes, nameStart, PROXY_AUTHORIZATION) ? DROPPED : KEPT
      default:
        return KEPT
    }
  }

  /** Names that begin with `x-`: the API key, and what only the gateway may say. */
  #readExtension(
    bytes: Buffer,
    nameStart: number,
    nameLength: number,
    valueStart: number,
    valueEnd: number,
  ): Meaning {
    switch (nameLength) {
      case 9:
        if (spells(bytes, nameStart, X_API_KEY)) return this.#readKey(bytes, valueStart, valueEnd)
        return spells(bytes, nameStart, X_USER_ID) || spells(bytes, nameStart, X_REAL_IP)
          ? DROPPED
          : KEPT
      case 11:
        return spells(bytes, nameStart, X_USER_PLAN) ? DROPPED : KEPT
      case 12:
        return spells(bytes, nameStart, X_REQUEST_ID) ? DROPPED : KEPT
      case 13:
        return spells(bytes, nameStart, X_CUSTOMER_ID) ? DROPPED : KEPT
      case 15:
        if (!spells(bytes, nameStart, X_FORWARDED_FOR)) break
        if (this.#forEnd > 0) return UNKNOWN
        this.#forStart = valueStart
        this.#forEnd = valueEnd
        return DROPPED
      case 16:
        if (spells(bytes, nameStart, X_FORWARDED_HOST)) return DROPPED
        if (spells(bytes, nameStart, X_FORWARDED_PORT)) return DROPPED
        break
      case 17:
        if (spells(bytes, nameStart, X_SUBSCRIPTION_ID)) return DROPPED
        if (!spells(bytes, nameStart, X_FORWARDED_PROTO)) break
        if (this.#protoEnd > 0) return UNKNOWN
        this.#protoStart = valueStart
        this.#protoEnd = valueEnd
        return DROPPED
      default:
    }
    return nameLength >= 14 && spells(bytes, nameStart, X_ENTITLEMENT) ? DROPPED : KEPT
  }

  #readConnection(bytes: Buffer, start: number, end: number): Meaning {
    if (++this.#connections > 1) return UNKNOWN
    if (end - start === 10 && spells(bytes, start, KEEP_ALIVE)) return DROPPED
    if (end - start !== 5 || !spells(bytes, start, CLOSE)) return UNKNOWN
    this.keepAlive = false
    return DROPPED
  }

  #readKey(bytes: Buffer, start: number, end: number): Meaning {
    if (this.credentialKind !== 'none') return UNKNOWN
    this.credentialKind = 'key'
    this.#keyStart = start
    this.#keyEnd = trimmedEnd(bytes, start, end)
    return DROPPED
  }

  /** `Bearer`, one space and a word without blanks; every other Authorization is for the slow lane to judge. */
  #readAuthorization(bytes: Buffer, start: number, end: number): Meaning {
    const keyStart = start + BEARER.length + 1
    if (this.credentialKind !== 'none' || end <= keyStart) return UNKNOWN
    if (!spells(bytes, start, BEARER) || byteAt(bytes, keyStart - 1) !== SPACE) return UNKNOWN
    for (let i = keyStart; i < end; i++) if (isBlank(byteAt(bytes, i))) return UNKNOWN
    this.credentialKind = 'key'
    this.hasAuthorization = true
    this.#keyStart = keyStart
    this.#keyEnd = end
    return DROPPED
  }

  /** What the fields say, as strings of their own. */
  #take(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, end)
    const cut = (from: number, to: number): string =>
      to === 0 ? '' : text.slice(from - start, to - start)
    this.authority = cut(this.#hostStart, this.#hostEnd)
    this.credential = cut(this.#keyStart, this.#keyEnd)
    this.forwardedFor = cut(this.#forStart, this.#forEnd)
    this.forwardedProto = cut(this.#protoStart, this.#protoEnd)
    this.kept = gaps.keep(text, start, start, end)
    this.length = Math.max(this.#length, 0)
    this.end = end + 2
    if (this.end - start <= MAX_KNOWN_BYTES) {
      this.#known = Buffer.allocUnsafeSlow(this.end - start)
      bytes.copy(this.#known, 0, start, this.end)
    }
  }

  #finish(bytes: Buffer, targetStart: number, targetEnd: number): Parsed {
    // A body where none is expected has too many readings in the world behind us.
    const { method } = this
    if (this.length > 0 && method !== 'POST' && method !== 'PUT' && method !== 'PATCH') {
      return STRANGE
    }
    if (!isText(bytes, targetStart, targetEnd, this.target)) {
      this.target = bytes.toString('latin1', targetStart, targetEnd)
    }
    return WHOLE
  }
}

type Meaning = typeof KEPT | typeof DROPPED | typeof UNKNOWN
const KEPT = 0
const DROPPED = 1
const UNKNOWN = 2

function hasShortLine(bytes: Buffer, start: number): boolean {
  const lineEnd = bytes.indexOf(LF, start)
  return lineEnd >= 0 && lineEnd + 1 - start < SHORTEST_LINE_BYTES
}

/** ` HTTP/1.1` and CRLF. */
function isVersion(bytes: Buffer, i: number): boolean {
  return (
    byteAt(bytes, i) === SPACE &&
    byteAt(bytes, i + 1) === 72 &&
    byteAt(bytes, i + 2) === 84 &&
    byteAt(bytes, i + 3) === 84 &&
    byteAt(bytes, i + 4) === 80 &&
    byteAt(bytes, i + 5) === SLASH &&
    byteAt(bytes, i + 6) === 49 &&
    byteAt(bytes, i + 7) === 46 &&
    byteAt(bytes, i + 8) === 49 &&
    byteAt(bytes, i + 9) === CR &&
    byteAt(bytes, i + 10) === LF
  )
}

/** Whether the bytes are the characters of `text`. */
function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) {
    if (byteAt(bytes, start + i) !== text.charCodeAt(i)) return false
  }
  return true
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let i = end
  while (i > start && isBlank(byteAt(bytes, i - 1))) i--
  return i
}
