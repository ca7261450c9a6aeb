import { writeSync } from 'node:fs'
import { Socket } from 'node:net'

/**
 * Two ways past Node's streams for plain TCP, whose buffers, events and ticks cost more than the request they carry:
 * reading into one buffer that all connections share, and writing at once what the system takes at once. Both need the
 * handle below a socket, which Node does not document (decision 0023), so it is looked at first; where it is not what we
 * know, and on TLS, everything goes the ordinary way.
 */
const READ_BYTES = 65_536

/** What was read is valid until the next read of any connection, so nobody keeps a part of it without copying it. */
export const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BYTES)

/** What we know of the handle of a TCP connection. */
interface TcpHandle {
  /** -1 when it is closed: the number may be somebody else's by then. */
  readonly fd: number
}

function tcpHandleOf(socket: Socket): TcpHandle | null {
  // The handle of TLS has a descriptor too, and what is written to that one is not encrypted.
  if ('encrypted' in socket) return null
  const handle: unknown = '_handle' in socket ? socket._handle : null
  const isKnown =
    typeof handle === 'object' &&
    handle !== null &&
    handle.constructor.name === 'TCP' &&
    'useUserBuffer' in handle &&
    typeof handle.useUserBuffer === 'function' &&
    'fd' in handle &&
    typeof handle.fd === 'number' &&
    handle.fd >= 0
  return isKnown ? (handle as TcpHandle) : null
}

/**
 * The same connection as a socket that calls `read` with the bytes that came, the first `count` of the buffer; false asks
 * for a pause. The one given is an empty shell afterwards. Null when it has to be read the ordinary way. For connections
 * that were just accepted: nothing may have been read from them yet.
 */
export function readDirectly(
  socket: Socket,
  read: (count: number, bytes: Buffer) => boolean,
): Socket | null {
  const handle = tcpHandleOf(socket)
  if (handle === null) return null
  Object.assign(socket, { _handle: null })
  socket.destroy()
  const options = { handle, allowHalfOpen: true, onread: { buffer: READ_BUFFER, callback: read } }
  return new Socket(options as object)
}

/** Writes to a connection, at once when it can. */
export class Outlet {
  readonly #socket: Socket
  readonly #isTls: boolean
  #handle: TcpHandle | null = null
  #hasLooked = false

  constructor(socket: Socket) {
    this.#socket = socket
    this.#isTls = 'encrypted' in socket
  }

  /** The bytes are the caller's again when it returns. False asks for a pause until the socket's `drain`. */
  write(bytes: Buffer, start: number, end: number): boolean {
    const at = start + this.#writeNow(bytes, start, end)
    return at === end || this.#socket.write(Buffer.from(bytes.subarray(at, end)))
  }

  /** How many bytes the system took. */
  #writeNow(bytes: Buffer, start: number, end: number): number {
    const socket = this.#socket
    // What waits goes first, and before it is connected there is nobody to take anything.
    if (this.#isTls || socket.writableLength > 0 || socket.connecting || !socket.writable) return 0
    if (!this.#hasLooked) {
      this.#hasLooked = true
      this.#handle = tcpHandleOf(socket)
    }
    if (this.#handle === null) return 0
    const { fd } = this.#handle
    if (fd < 0) return 0
    try {
      return writeSync(fd, bytes, start, end - start)
    } catch {
      // Full, or broken: the ordinary way waits for the one and reports the other.
      return 0
    }
  }
}
