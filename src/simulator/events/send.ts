import { request as httpRequest, Agent as HttpAgent } from 'node:http'
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https'

export interface SendResult {
  /** Null when nothing came back. */
  readonly status: number | null
  readonly error: string | null
  readonly answer: string
  readonly durationMs: number
}

const TIMEOUT_MS = 20_000
/** Enough of an answer to see what went wrong. */
const MAX_ANSWER_BYTES = 4_096

const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 32 })
const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 32 })

/** POSTs a body and reports what became of it; never throws. Redirects are not followed: to Stripe they are failures. */
export function send(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<SendResult> {
  const startedAt = Date.now()
  const finished = (status: number | null, error: string | null, answer = ''): SendResult => ({
    status,
    error,
    answer,
    durationMs: Date.now() - startedAt,
  })
  return new Promise((resolve) => {
    const isSecure = url.startsWith('https:')
    const outgoing = (isSecure ? httpsRequest : httpRequest)(
      url,
      {
        method: 'POST',
        agent: isSecure ? httpsAgent : httpAgent,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
        timeout: TIMEOUT_MS,
      },
      (incoming) => {
        const chunks: Buffer[] = []
        let size = 0
        incoming.on('data', (chunk: Buffer) => {
          if (size < MAX_ANSWER_BYTES) chunks.push(chunk)
          size += chunk.length
        })
        incoming.on('end', () => {
          const answer = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8')
          resolve(finished(incoming.statusCode ?? null, null, answer))
        })
        incoming.on('error', (error) => resolve(finished(null, error.message)))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`timed out after ${TIMEOUT_MS} ms`)))
    outgoing.on('error', (error) => resolve(finished(null, error.message)))
    outgoing.end(body)
  })
}

/** Lets a process end that has sent webhooks: idle connections would keep it alive. */
export function closeIdleConnections(): void {
  httpAgent.destroy()
  httpsAgent.destroy()
}
