import type {
  Event,
  V2CoreEvent,
  V2CoreEventDestination,
  WebhookEndpoint,
} from '../stripe.generated.ts'

export type EventDocument = Omit<Event, 'pending_webhooks' | 'data'> & {
  readonly data: {
    readonly object: unknown
    readonly previous_attributes?: Readonly<Record<string, unknown>>
  }
  readonly inner: {
    readonly objectId: string | null
    /** The realm's time when it happened there; events are kept for 30 days of it. */
    readonly recordedAt: number
  }
}

export type ThinEventDocument = V2CoreEvent & {
  readonly data?: unknown
  readonly inner: { readonly recordedAt: number }
}

export interface Secret {
  readonly value: string
  /** The realm's time until which it still signs; null for the current one. */
  readonly expiresAt: number | null
}

export type EventDestinationDocument = Omit<V2CoreEventDestination, 'webhook_endpoint'> & {
  readonly inner: { readonly url: string; readonly secrets: readonly Secret[] }
}

export type WebhookEndpointDocument = Omit<WebhookEndpoint, 'secret'> & {
  readonly inner: {
    /** Newest first; an older one stays valid until its time while a secret is being rolled. */
    readonly secrets: readonly Secret[]
  }
}

export interface DeliveryAttempt {
  /** Real time, as webhooks are sent in real time. */
  readonly at: string
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
  readonly answer: string
}

/** One event on its way to one endpoint. */
export interface DeliveryDocument {
  readonly id: string
  readonly event: string
  readonly eventKind: 'event' | 'v2.core.event'
  readonly endpoint: string
  /** A listener is Stripe's CLI, connected now; it is no document. */
  readonly endpointKind: 'webhook_endpoint' | 'v2.core.event_destination' | 'listener'
  readonly url: string
  readonly state: 'pending' | 'delivered' | 'failed' | 'dropped'
  readonly attempts: readonly DeliveryAttempt[]
  /** The realm's time of the next attempt; null when there will be none. */
  readonly nextAttemptAt: number | null
}
