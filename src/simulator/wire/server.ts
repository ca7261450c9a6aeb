import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import type { Answer, Incoming } from './http.ts'

/** Answers requests to one part of the simulator; undefined passes them on. */
export type Surface = (incoming: Incoming) => Promise<Answer | undefined> | undefined

const MAX_BODY_BYTES = 4 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 60_000

/** The HTTP side: reads requests completely, asks the surfaces in turn, writes answers or cuts the line. */
export function createServer(
  surfaces: readonly Surface[],
  report: (error: unknown) => void,
): Server {
  const server = createHttpServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (message, response) => {
    void respond(message)
      .catch((error: unknown): Answer => {
        report(error)
        return plain(500, 'The simulator failed; its log says why.')
      })
      .then((answer) => {
        if (answer.isLost === true) {
          message.socket.destroy()
          return
        }
        response.writeHead(answer.status, {
          ...answer.headers,
          'Content-Length': Buffer.byteLength(answer.body),
        })
        response.end(answer.body)
      })
      .catch(report)
  })

  async function respond(message: IncomingMessage): Promise<Answer> {
    const body = await readBody(message)
    if (body === undefined) return plain(413, `Bodies are limited to ${MAX_BODY_BYTES} bytes.`)
    const url = message.url ?? '/'
    const mark = url.indexOf('?')
    const incoming: Incoming = {
      method: message.method ?? 'GET',
      path: mark === -1 ? url : url.slice(0, mark),
      query: mark === -1 ? '' : url.slice(mark + 1),
      headers: message.headers,
      body,
    }
    for (const surface of surfaces) {
      const answer = await surface(incoming)
      if (answer !== undefined) return answer
    }
    return plain(404, 'Nothing here.')
  }

  return server
}

function plain(status: number, text: string): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` }
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  if (message.method === 'GET' || message.method === 'HEAD') {
    message.resume()
    return Buffer.alloc(0)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
