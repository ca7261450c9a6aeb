import type { IncomingMessage, ServerResponse } from 'node:http'
import { pairsOf } from '../headers.ts'
import type { GatewayAnswer } from '../refusal.ts'
import { breakOff, isGone, LINGER_MS, writeHead } from './response.ts'

const LINGER_BYTES = 256 * 1024

/**
 * Sends an answer of the gateway's own. When the client is still sending a body, the connection ends, but not at once:
 * closing it on bytes under way would reset it, and the client would never read the answer.
 */
export function answerAndLinger(
  request: IncomingMessage,
  response: ServerResponse,
  { status, reason, headerLines, body }: GatewayAnswer,
): void {
  if (response.headersSent || isGone(response)) {
    breakOff(response)
    return
  }
  const isReading = !request.complete
  const headers = [...pairsOf(headerLines), 'Content-Length', String(Buffer.byteLength(body))]
  if (isReading && request.httpVersionMajor === 1) headers.push('Connection', 'close')
  writeHead(response, status, reason, headers)
  response.end(request.method === 'HEAD' ? undefined : body)
  if (isReading) linger(request)
}

function linger(request: IncomingMessage): void {
  const stop = (): void => void request.destroy()
  const timer = setTimeout(stop, LINGER_MS)
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) stop()
  })
  request.on('close', () => clearTimeout(timer))
}
