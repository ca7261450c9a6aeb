/**
 * Just enough of PostgreSQL's frontend/backend protocol to let several clients share one single-user backend.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const PARSE = 0x50
const BIND = 0x42
const DESCRIBE = 0x44
const CLOSE = 0x43
const SYNC = 0x53
const QUERY = 0x51
const FLUSH = 0x48
const TERMINATE = 0x58
const READY_FOR_QUERY = 0x5a
const STATEMENT = 0x53

const HEADER_BYTES = 5
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

export type FrontendInput =
  | { readonly kind: 'startup' }
  /** Messages that must run together and in order: everything up to a Sync, a Flush or a simple Query. */
  | { readonly kind: 'unit'; readonly bytes: Uint8Array }
  | { readonly kind: 'terminate' }

/**
 * Cuts one client's byte stream into units. Statement names get the session's prefix, because the backend they end
 * up in knows only one name space for all clients.
 */
export function createFrontendReader(namePrefix: string): (bytes: Buffer) => FrontendInput[] {
  let pending: Buffer = Buffer.alloc(0)
  let unit: Buffer[] = []
  let hasStarted = false

  return (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    const inputs: FrontendInput[] = []
    for (;;) {
      const headerBytes = hasStarted ? HEADER_BYTES : 4
      if (pending.length < headerBytes) return inputs
      const length = pending.readInt32BE(headerBytes - 4) + headerBytes - 4
      if (length < headerBytes || length > MAX_MESSAGE_BYTES) {
        throw new RangeError(`Message of ${length} bytes`)
      }
      if (pending.length < length) return inputs
      const message = pending.subarray(0, length)
      pending = pending.subarray(length)
      if (!hasStarted) {
        hasStarted = true
        inputs.push({ kind: 'startup' })
        continue
      }
      const type = message[0]
      if (type === TERMINATE) {
        inputs.push({ kind: 'terminate' })
        continue
      }
      unit.push(withStatementPrefix(message, namePrefix))
      if (type === SYNC || type === QUERY || type === FLUSH) {
        inputs.push({ kind: 'unit', bytes: new Uint8Array(Buffer.concat(unit)) })
        unit = []
      }
    }
  }
}

/** What the backend says to a client that has just connected: accepted, its settings, ready. */
export function welcome(): Uint8Array {
  const settings: Record<string, string> = {
    server_version: '18.0',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
    TimeZone: 'UTC',
  }
  const authenticated = message(0x52, Buffer.from([0, 0, 0, 0]))
  const status = Object.entries(settings).map(([name, value]) =>
    message(0x53, Buffer.from(`${name}\0${value}\0`)),
  )
  const ready = message(READY_FOR_QUERY, Buffer.from('I'))
  return new Uint8Array(Buffer.concat([authenticated, ...status, ready]))
}

export function simpleQuery(text: string): Uint8Array {
  return new Uint8Array(message(QUERY, Buffer.from(`${text}\0`)))
}

/** An ErrorResponse that ends the session, for a client whose transaction was taken away. */
export function fatalError(text: string): Uint8Array {
  return new Uint8Array(message(0x45, Buffer.from(`SFATAL\0VFATAL\0C57P01\0M${text}\0\0`)))
}

/** The status byte of the last ReadyForQuery: `I` idle, `T` in a transaction, `E` in a failed one. */
export function transactionStatus(response: Buffer): string | undefined {
  let status: string | undefined
  for (let at = 0; at + HEADER_BYTES <= response.length;) {
    if (response[at] === READY_FOR_QUERY)
      status = String.fromCharCode(response[at + HEADER_BYTES] ?? 0)
    at += 1 + response.readInt32BE(at + 1)
  }
  return status
}

function withStatementPrefix(frontend: Buffer, prefix: string): Buffer {
  const body = frontend.subarray(HEADER_BYTES)
  const nameAt = statementNameAt(frontend[0] ?? 0, body)
  if (nameAt === undefined || body[nameAt] === 0) return frontend
  return message(
    frontend[0] ?? 0,
    Buffer.concat([body.subarray(0, nameAt), Buffer.from(prefix), body.subarray(nameAt)]),
  )
}

function statementNameAt(type: number, body: Buffer): number | undefined {
  switch (type) {
    case PARSE:
      return 0
    case BIND:
      return body.indexOf(0) + 1
    case DESCRIBE:
    case CLOSE:
      return body[0] === STATEMENT ? 1 : undefined
    default:
      return undefined
  }
}

function message(type: number, body: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  framed[0] = type
  framed.writeInt32BE(body.length + 4, 1)
  body.copy(framed, HEADER_BYTES)
  return framed
}
