import type { IncomingHttpHeaders } from 'node:http'

/** A request that has arrived completely. */
export interface Incoming {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Cuts the connection instead of answering: the caller cannot know whether the call took effect. */
  readonly isLost?: boolean
}

/** Stripe indents its JSON, in answers and in webhooks. Whoever re-serializes a webhook breaks its signature. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

export function headerOf(incoming: Incoming, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value[0] : value
}
