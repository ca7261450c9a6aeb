/** What goes over the websocket of Stripe's CLI, by the names the CLI reads and writes. */

/** The protocol both ends agree on while the connection is upgraded. */
export const SUBPROTOCOL = 'stripecli-devproxy-v1'

/** What a CLI may ask to be told: events, thin events, the log of API calls. */
export const FEATURES = ['webhooks', 'v2_events', 'request_logs'] as const
export type Feature = (typeof FEATURES)[number]

interface WebhookEvent {
  readonly type: 'webhook_event'
  /** Null for the account's default version: the form the CLI takes unless it was started with --latest. */
  readonly endpoint: { readonly api_version: string | null }
  readonly event_payload: string
  readonly http_headers: Readonly<Record<string, string>>
  readonly webhook_conversation_id: string
  readonly webhook_id: string
}

interface ThinEvent {
  readonly type: 'v2_event'
  readonly payload: string
  readonly http_headers: Readonly<Record<string, string>>
  readonly destination_id: string
}

interface RequestLogEvent {
  readonly type: 'request_log_event'
  readonly event_payload: string
  readonly request_log_id: string
}

export type OutgoingMessage = WebhookEvent | ThinEvent | RequestLogEvent

export type IncomingMessage =
  /** The event has arrived at the CLI; whether it forwards it depends on the flags it was started with. */
  | { readonly type: 'event_ack'; readonly delivery: string }
  /** What the address the CLI forwards to has answered. */
  | {
      readonly type: 'webhook_response'
      readonly delivery: string
      readonly status: number
      readonly body: string
    }

/** Undefined for what is no message, or one nobody here has a use for. */
export function readMessage(text: string): IncomingMessage | undefined {
  const fields = readObject(text)
  const delivery = fields['webhook_id']
  if (typeof delivery !== 'string') return undefined
  if (fields['type'] === 'event_ack') return { type: 'event_ack', delivery }
  if (fields['type'] !== 'webhook_response') return undefined
  const { status, body } = fields
  if (typeof status !== 'number') return undefined
  return { type: 'webhook_response', delivery, status, body: typeof body === 'string' ? body : '' }
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : {}
  } catch {
    return {}
  }
}
