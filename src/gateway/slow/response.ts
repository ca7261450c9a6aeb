import type { ServerResponse } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'

/** How long a client may still send what nobody reads any more, so that it can read its answer in peace. */
export const LINGER_MS = 1_000

/** Node's compatible answer on a stream of HTTP/2: alike, but for what is here. */
type StreamResponse = ServerResponse & { readonly stream: ServerHttp2Stream }

function isStream(response: ServerResponse): response is StreamResponse {
  return 'stream' in response
}

/** `fields` are names and values in turn. HTTP/2 has no reason, and takes repeated fields as lists. */
export function writeHead(
  response: ServerResponse,
  status: number,
  reason: string,
  fields: readonly string[],
): void {
  if (!isStream(response)) {
    response.writeHead(status, reason, [...fields])
    return
  }
  const headers: Record<string, string | string[]> = {}
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = (fields[i] ?? '').toLowerCase()
    const value = fields[i + 1] ?? ''
    const known = headers[name]
    headers[name] = known === undefined ? value : [known, value].flat()
  }
  response.writeHead(status, headers)
}

export function isGone(response: ServerResponse): boolean {
  return isStream(response) ? response.stream.destroyed : response.destroyed
}

export function isFinished(response: ServerResponse): boolean {
  return isStream(response) ? response.writableEnded : response.writableFinished
}

/** So that the client does not take what it has for a whole answer. */
export function breakOff(response: ServerResponse): void {
  if (isStream(response)) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else response.destroy()
}

/** The last word on a connection that is no longer Node's to look after. */
export function endAndLeave(socket: Duplex, last: string | Buffer): void {
  // Who has left meanwhile misses nothing.
  socket.on('error', () => undefined)
  socket.end(last)
  leave(socket)
}

/** Our side has ended: reads on so that the client's end is seen, and does not wait for it for ever. */
export function leave(socket: Duplex): void {
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.on('close', () => clearTimeout(timer))
}
