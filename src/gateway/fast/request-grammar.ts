import type { CredentialKind } from '../exchange.ts'
import {
  byteAt,
  COLON,
  CR,
  DASH,
  Gaps,
  LF,
  MAX_FIELDS,
  MAX_HEAD_BYTES,
  PARTIAL,
  type Parsed,
  readLength,
  SLASH,
  SPACE,
  spells,
  STRANGE,
  TAB,
  TARGET,
  TOKEN,
  VALUE,
  WHOLE,
} from './grammar.ts'

const SHORTEST_HEAD_BYTES = 18
const LETTER_X = 0x78
const BEARER = 'bearer'

/**
 * The head of a plain request: a common method, an origin-form target, HTTP/1.1, CRLF, at most one Content-Length, no
 * Transfer-Encoding, Expect, Upgrade or Trailer, one Host, one credential. One object reads one head after another.
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

  readonly #gaps = new Gaps()
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
    if (end - start < SHORTEST_HEAD_BYTES) return PARTIAL
    const limit = Math.min(end, start + MAX_HEAD_BYTES)
    const isCut = limit < end
    const methodEnd = this.#readMethod(bytes, start)
    if (methodEnd === 0 || byteAt(bytes, methodEnd) !== SLASH) return STRANGE

    let i = methodEnd
    while (i < limit && TARGET[byteAt(bytes, i)] === 1) i++
    if (i + 11 > limit) return isCut ? STRANGE : PARTIAL
    const targetEnd = i
    if (!isVersion(bytes, i)) return STRANGE
    i += 11
    const fieldsStart = i
    this.#begin()

    for (let fields = 0; ; fields++) {
      if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
      if (byteAt(bytes, i) === CR) {
        if (byteAt(bytes, i + 1) !== LF) return STRANGE
        break
      }
      if (fields === MAX_FIELDS) return STRANGE
      const nameStart = i
      while (i < limit && TOKEN[byteAt(bytes, i)] === 1) i++
      if (i >= limit) return isCut ? STRANGE : PARTIAL
      const nameLength = i - nameStart
      if (nameLength === 0 || byteAt(bytes, i) !== COLON) return STRANGE
      i++
      while (i < limit && isBlank(byteAt(bytes, i))) i++
      const valueStart = i
      while (i < limit && VALUE[byteAt(bytes, i)] === 1) i++
      if (i + 1 >= limit) return isCut ? STRANGE : PARTIAL
      if (byteAt(bytes, i) !== CR || byteAt(bytes, i + 1) !== LF) return STRANGE
      const valueEnd = i
      i += 2
      const meaning = this.#readField(bytes, nameStart, nameLength, valueStart, valueEnd)
      if (meaning === UNKNOWN) return STRANGE
      if (meaning === DROPPED) this.#gaps.add(nameStart, i)
    }
    return this.#finish(bytes, start, methodEnd, targetEnd, fieldsStart, i)
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
    this.#gaps.clear()
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
        return spells(bytes, nameStart, 'te') ? DROPPED : KEPT
      case 4:
        if (!spells(bytes, nameStart, 'host')) return KEPT
        this.#hostStart = valueStart
        this.#hostEnd = trimmedEnd(bytes, valueStart, valueEnd)
        return ++this.#hosts > 1 || this.#hostEnd === valueStart ? UNKNOWN : DROPPED
      case 6:
        return spells(bytes, nameStart, 'expect') ? UNKNOWN : KEPT
      case 7:
        return spells(bytes, nameStart, 'upgrade') || spells(bytes, nameStart, 'trailer')
          ? UNKNOWN
          : KEPT
      case 9:
        return spells(bytes, nameStart, 'forwarded') ? DROPPED : KEPT
      case 10:
        if (spells(bytes, nameStart, 'connection')) {
          return this.#readConnection(bytes, valueStart, valueEnd)
        }
        return spells(bytes, nameStart, 'keep-alive') ? DROPPED : KEPT
      case 13:
        return spells(bytes, nameStart, 'authorization')
          ? this.#readAuthorization(bytes, valueStart, valueEnd)
          : KEPT
      case 14:
        if (!spells(bytes, nameStart, 'content-length')) return KEPT
        if (this.#length !== -1) return UNKNOWN
        this.#length = readLength(bytes, valueStart, valueEnd)
        return this.#length === -1 ? UNKNOWN : KEPT
      case 15:
        if (spells(bytes, nameStart, 'idempotency-key')) this.hasIdempotencyKey = true
        return KEPT
      case 16:
        return spells(bytes, nameStart, 'proxy-connection') ? DROPPED : KEPT
      case 17:
        return spells(bytes, nameStart, 'transfer-encoding') ? UNKNOWN : KEPT
      case 18:
        return spells(bytes, nameStart, 'proxy-authenticate') ? DROPPED : KEPT
      case 19:
        return spells(bytes, nameStart, 'proxy-authorization') ? DROPPED : KEPT
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
        if (spells(bytes, nameStart, 'x-api-key')) return this.#readKey(bytes, valueStart, valueEnd)
        return spells(bytes, nameStart, 'x-user-id') || spells(bytes, nameStart, 'x-real-ip')
          ? DROPPED
          : KEPT
      case 11:
        return spells(bytes, nameStart, 'x-user-plan') ? DROPPED : KEPT
      case 12:
        return spells(bytes, nameStart, 'x-request-id') ? DROPPED : KEPT
      case 13:
        return spells(bytes, nameStart, 'x-customer-id') ? DROPPED : KEPT
      case 15:
        if (!spells(bytes, nameStart, 'x-forwarded-for')) break
        if (this.#forEnd > 0) return UNKNOWN
        this.#forStart = valueStart
        this.#forEnd = valueEnd
        return DROPPED
      case 16:
        if (spells(bytes, nameStart, 'x-forwarded-host')) return DROPPED
        if (spells(bytes, nameStart, 'x-forwarded-port')) return DROPPED
        break
      case 17:
        if (spells(bytes, nameStart, 'x-subscription-id')) return DROPPED
        if (!spells(bytes, nameStart, 'x-forwarded-proto')) break
        if (this.#protoEnd > 0) return UNKNOWN
        this.#protoStart = valueStart
        this.#protoEnd = valueEnd
        return DROPPED
      default:
    }
    return nameLength >= 14 && spells(bytes, nameStart, 'x-entitlement-') ? DROPPED : KEPT
  }

  #readConnection(bytes: Buffer, start: number, end: number): Meaning {
    if (++this.#connections > 1) return UNKNOWN
    if (end - start === 10 && spells(bytes, start, 'keep-alive')) return DROPPED
    if (end - start !== 5 || !spells(bytes, start, 'close')) return UNKNOWN
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

  #finish(
    bytes: Buffer,
    start: number,
    targetStart: number,
    targetEnd: number,
    fieldsStart: number,
    end: number,
  ): Parsed {
    if (this.#hosts !== 1) return STRANGE
    const length = Math.max(this.#length, 0)
    // A body where none is expected has too many readings in the world behind us.
    if (length > 0 && this.method !== 'POST' && this.method !== 'PUT' && this.method !== 'PATCH') {
      return STRANGE
    }
    const text = bytes.toString('latin1', start, end)
    this.target = text.slice(targetStart - start, targetEnd - start)
    this.authority = text.slice(this.#hostStart - start, this.#hostEnd - start)
    this.credential =
      this.#keyEnd === 0 ? '' : text.slice(this.#keyStart - start, this.#keyEnd - start)
    this.forwardedFor =
      this.#forEnd === 0 ? '' : text.slice(this.#forStart - start, this.#forEnd - start)
    this.forwardedProto =
      this.#protoEnd === 0 ? '' : text.slice(this.#protoStart - start, this.#protoEnd - start)
    this.kept = this.#gaps.keep(text, start, fieldsStart, end)
    this.length = length
    this.end = end + 2
    return WHOLE
  }
}

type Meaning = typeof KEPT | typeof DROPPED | typeof UNKNOWN
const KEPT = 0
const DROPPED = 1
const UNKNOWN = 2

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

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let i = end
  while (i > start && isBlank(byteAt(bytes, i - 1))) i--
  return i
}
