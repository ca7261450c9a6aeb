import { Stripe } from 'stripe'
import { invariant } from '../kit/assert.ts'
import { fromUnixSeconds, type Instant, toUnixSeconds } from '../kit/instant.ts'
import type { Mode } from '../kit/mode.ts'
import { callStripe, findInStripe, fromStripe } from './errors.ts'

export type Events = ReturnType<typeof createEvents>

/** What is kept of an event: where it points to. The object's current state is fetched, never taken from here. */
export interface StripeEvent {
  readonly id: string
  readonly mode: Mode
  /** A connected account it happened in; null in one's own, as it should be. */
  readonly connectedAccount: string | null
  readonly type: string
  readonly objectKind: string
  readonly objectId: string | null
  readonly stripeCustomerId: string | null
  readonly apiVersion: string | null
  readonly occurredAt: Instant
  /** As received, for the operator to read and for what is gone when we look. JSON text. */
  readonly body: string
}

/** An alert somebody set up in Stripe, gone off for one customer. */
export interface StripeAlert {
  readonly alertId: string
  readonly title: string
  readonly stripeCustomerId: string
  readonly value: string
}

/** The version whose shapes we read; endpoints are made with it. */
export const STRIPE_VERSION: string = Stripe.API_VERSION

/** Old signatures are refused after this; Stripe signs each attempt afresh. */
const SIGNATURE_TOLERANCE_SECONDS = 300
const PAGE_SIZE = 100
const THIN = 'v2.core.event'

export function createEvents(stripe: Stripe) {
  return {
    /**
     * Events since an instant, newest first, in pages of a hundred: how what webhooks missed is found. Stripe keeps them
     * for 30 days.
     */
    async *pagesSince(since: Instant): AsyncGenerator<StripeEvent[]> {
      let after: string | undefined
      for (;;) {
        const page = await callStripe(() =>
          stripe.events.list({
            created: { gte: toUnixSeconds(since) },
            limit: PAGE_SIZE,
            ...(after !== undefined && { starting_after: after }),
          }),
        )
        yield page.data.map((event) => fromSnapshot(event, JSON.stringify(event)))
        after = page.data.at(-1)?.id
        if (!page.has_more || after === undefined) return
      }
    },

    /** The same of events that exist only as thin ones, which the other list does not have. */
    async *thinPagesSince(since: Instant, types: readonly string[]): AsyncGenerator<StripeEvent[]> {
      const query = { types: [...types], limit: PAGE_SIZE }
      let page: StripeEvent[] = []
      try {
        for await (const event of stripe.v2.core.events.list(query)) {
          if (Date.parse(event.created) < since) break
          page.push(fromThin(event, JSON.stringify(event)))
          if (page.length < PAGE_SIZE) continue
          yield page
          page = []
        }
      } catch (error) {
        throw fromStripe(error)
      }
      yield page
    },

    /** What set off an alert; it is no object of its own, so the event is all there is. */
    async findAlert(eventId: string): Promise<StripeAlert | undefined> {
      const event = await findInStripe(() => stripe.events.retrieve(eventId))
      if (event?.type !== 'billing.alert.triggered') return undefined
      const { alert, customer, value } = event.data.object
      return {
        alertId: alert.id,
        title: alert.title,
        stripeCustomerId: customer,
        value: String(value),
      }
    },

    async createWebhookEndpoint(
      url: string,
      types: readonly string[],
    ): Promise<{ id: string; secret: string }> {
      const endpoint = await callStripe(() =>
        stripe.webhookEndpoints.create({
          url,
          enabled_events: types as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
          api_version: Stripe.API_VERSION,
        }),
      )
      return { id: endpoint.id, secret: endpoint.secret ?? '' }
    },

    async hasWebhookEndpoint(url: string): Promise<boolean> {
      const { data } = await callStripe(() => stripe.webhookEndpoints.list({ limit: 100 }))
      return data.some((endpoint) => endpoint.url === url && endpoint.status === 'enabled')
    },

    /** Where events go that exist only as thin ones, such as those about usage Stripe could not take. */
    async createThinDestination(
      url: string,
      types: readonly string[],
    ): Promise<{ id: string; secret: string }> {
      const destination = await callStripe(() =>
        stripe.v2.core.eventDestinations.create({
          name: 'Farebox',
          type: 'webhook_endpoint',
          event_payload: 'thin',
          enabled_events: [...types],
          webhook_endpoint: { url },
          include: ['webhook_endpoint.signing_secret'],
        }),
      )
      return {
        id: destination.id,
        secret: destination.webhook_endpoint?.signing_secret ?? '',
      }
    },
  }
}

/**
 * Reads a webhook if any of the secrets signed it; undefined otherwise. `payload` is the exact bytes received: parsed
 * and serialized again they no longer match.
 */
export function verifyWebhook(
  payload: Buffer,
  signature: string,
  secrets: readonly string[],
): StripeEvent | undefined {
  const signatures = Stripe.webhooks.signature
  invariant(signatures !== null, 'The SDK can check signatures')
  for (const secret of secrets) {
    try {
      signatures.verifyHeader(payload, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
    } catch {
      // Another secret may fit: during a rotation two are valid.
      continue
    }
    const body = payload.toString('utf8')
    const event = JSON.parse(body) as Stripe.Event | Stripe.V2.Core.EventNotification
    return event.object === THIN ? fromThin(event, body) : fromSnapshot(event, body)
  }
  return undefined
}

function fromSnapshot(event: Stripe.Event, body: string): StripeEvent {
  const object = event.data.object as { id?: string; object: string; customer?: unknown }
  const customer = object.object === 'customer' ? object.id : object.customer
  return {
    id: event.id,
    mode: event.livemode ? 'live' : 'test',
    connectedAccount: event.account ?? null,
    type: event.type,
    objectKind: object.object,
    objectId: object.id ?? null,
    stripeCustomerId: typeof customer === 'string' ? customer : null,
    apiVersion: event.api_version,
    occurredAt: fromUnixSeconds(event.created),
    body,
  }
}

/** Its object is the event itself: what it says has to be fetched. */
function fromThin(event: Thin, body: string): StripeEvent {
  return {
    id: event.id,
    mode: event.livemode ? 'live' : 'test',
    connectedAccount: contextOf(event),
    type: event.type,
    objectKind: THIN,
    objectId: event.id,
    stripeCustomerId: null,
    apiVersion: null,
    occurredAt: Date.parse(event.created),
    body,
  }
}

type Thin = Pick<Stripe.V2.Core.EventBase, 'id' | 'livemode' | 'type' | 'created'> & {
  readonly context?: string | { toString(): string } | null
}

/** Null or absent for one's own account; text when it was received, an object when the SDK has read it. */
function contextOf({ context }: Thin): string | null {
  if (context === null || context === undefined) return null
  return typeof context === 'string' ? context : context.toString()
}
