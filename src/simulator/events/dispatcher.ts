import { formatInstant } from '../../kit/instant.ts'
import type { Realm } from '../store/realm.ts'
import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import { toJson } from '../wire/http.ts'
import { API_VERSION } from '../wire/stripe-tables.generated.ts'
import type { DeliveryDocument, Secret } from './documents.ts'
import { send, type SendResult } from './send.ts'
import { signatureHeader } from './signature.ts'
import { toNotification } from './thin-events.ts'

/** How deliveries go wrong on purpose; see control/webhook-faults.ts. */
export interface DeliveryFaults {
  isHeld(waiting: number): boolean
  /** Picks which of the next `waiting` deliveries goes first; 0 keeps their order. */
  pick(waiting: number): number
  plan(eventType: string): DeliveryFault
}
export interface DeliveryFault {
  readonly copies: number
  readonly delayMs: number
  readonly isDropped: boolean
  /** How much older than now the signature claims to be. */
  readonly staleSeconds: number
  readonly hasWrongSecret: boolean
}

/** Somebody who gets events: an endpoint, a destination, a CLI that listens. */
export interface DeliveryTarget {
  /** The API version events are shown in; null for the account's. */
  readonly version: string | null
  readonly secrets: readonly Secret[]
  /** What fails is tried again later. */
  readonly isRetried: boolean
  send(
    delivery: DeliveryDocument,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<SendResult>
}

/** Where deliveries go that name no document. */
export interface DeliveryTargets {
  find(id: string): DeliveryTarget | undefined
}

/** Sends a realm's webhooks, in real time, from the outbox its transactions write. */
export interface Dispatcher {
  /** Tries everything that waits, retries of later included, and resolves when nothing is left or on its way. */
  flush(): Promise<void>
  /** Looks again, after what held deliveries back has changed. */
  wake(): void
  whenIdle(): Promise<void>
  readonly inFlight: number
  close(): void
}

/** Stripe gives no order either; starting in order while several are on their way is what happens there as well. */
const MAX_IN_FLIGHT = 8

export function createDispatcher(
  realm: Realm,
  faults: DeliveryFaults,
  listeners: DeliveryTargets,
): Dispatcher {
  const queue: string[] = []
  const queued = new Set<string>()
  let inFlight = 0
  let isClosed = false
  let idleWaiters: (() => void)[] = []

  function enqueue(id: string): void {
    const delivery = realm.tables.delivery.get(id)
    if (delivery?.state !== 'pending' || queued.has(id)) return
    const now = realm.transact((tx) => tx.now(null))
    if (delivery.nextAttemptAt === null || delivery.nextAttemptAt > now) return
    queued.add(id)
    queue.push(id)
  }

  function pump(): void {
    while (canSend()) {
      const [id = ''] = queue.splice(faults.pick(queue.length), 1)
      inFlight += 1
      void attempt(id).finally(() => {
        inFlight -= 1
        queued.delete(id)
        // What was rescheduled for now while it was on its way is due again.
        enqueue(id)
        pump()
      })
    }
    if (isIdle()) {
      const waiters = idleWaiters
      idleWaiters = []
      for (const waiter of waiters) waiter()
    }
  }

  function canSend(): boolean {
    return !isClosed && !faults.isHeld(queue.length) && inFlight < MAX_IN_FLIGHT && queue.length > 0
  }

  function isIdle(): boolean {
    return inFlight === 0 && (queue.length === 0 || faults.isHeld(queue.length) || isClosed)
  }

  async function attempt(id: string): Promise<void> {
    const delivery = realm.tables.delivery.get(id)
    if (delivery?.state !== 'pending') return
    const target = targetOf(delivery)
    const type = realm.tables[delivery.eventKind].get(delivery.event)?.type ?? ''
    const fault = faults.plan(type)
    if (target === undefined || fault.isDropped) {
      realm.transact((tx) => {
        if (tx.find('delivery', id) !== undefined) {
          tx.update('delivery', id, { state: 'dropped', nextAttemptAt: null })
        }
      })
      return
    }
    if (fault.delayMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
      // The account may have been reset meanwhile.
      if (isClosed || realm.tables.delivery.get(id)?.state !== 'pending') return
    }
    const body = realm.transact((tx) => bodyOf(tx, delivery, target.version))
    const startedAt = Date.now()
    const results = await Promise.all(
      Array.from({ length: fault.copies }, () =>
        target.send(delivery, body, headersFor(body, target.secrets, fault)),
      ),
    )
    const [result] = results
    if (result === undefined || isClosed) return
    realm.transact((tx) => recordAttempt(tx, id, startedAt, result, target.isRetried))
  }

  /** Undefined for one that has been disabled, removed or has gone away. */
  function targetOf({
    endpoint: id,
    endpointKind: kind,
  }: DeliveryDocument): DeliveryTarget | undefined {
    if (kind === 'listener') return listeners.find(id)
    const endpoint = realm.tables[kind].get(id)
    if (endpoint?.status !== 'enabled') return undefined
    return {
      version:
        endpoint.object === 'webhook_endpoint'
          ? endpoint.api_version
          : (endpoint.snapshot_api_version ?? null),
      secrets: endpoint.inner.secrets,
      isRetried: true,
      send: ({ url }, body, headers) => send(url, body, headers),
    }
  }

  function headersFor(
    body: string,
    secrets: readonly Secret[],
    fault: DeliveryFault,
  ): Readonly<Record<string, string>> {
    const now = realm.transact((tx) => tx.now(null))
    const valid = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    return {
      'Content-Type': 'application/json; charset=utf-8',
      Accept: '*/*; q=0.5, application/xml',
      'Cache-Control': 'no-cache',
      'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'Stripe-Signature': signatureHeader(body, {
        secrets: fault.hasWrongSecret ? ['whsec_wrong'] : valid.map(({ value }) => value),
        timestamp: Math.floor(Date.now() / 1_000) - fault.staleSeconds,
        isLive: realm.facts.isLive,
      }),
    }
  }

  realm.onCommit((changes) => {
    for (const { kind, id } of changes) if (kind === 'delivery') enqueue(id)
    pump()
  })
  for (const delivery of realm.tables.delivery.where('state', 'pending')) enqueue(delivery.id)
  setImmediate(pump)

  return {
    async flush() {
      realm.transact((tx) => {
        const now = tx.now(null)
        for (const delivery of tx.where('delivery', 'state', 'pending')) {
          if ((delivery.nextAttemptAt ?? 0) > now) {
            tx.update('delivery', delivery.id, { nextAttemptAt: now })
          }
        }
      })
      await this.whenIdle()
    },
    wake: pump,
    whenIdle() {
      if (isIdle()) return Promise.resolve()
      return new Promise((resolve) => idleWaiters.push(resolve))
    },
    get inFlight() {
      return inFlight + queue.length
    },
    close() {
      isClosed = true
      pump()
    },
  }
}

function bodyOf(tx: Transaction, delivery: DeliveryDocument, version: string | null): string {
  if (delivery.eventKind === 'v2.core.event') {
    return toJson(toNotification(tx.get('v2.core.event', delivery.event)))
  }
  const event = tx.present('event', delivery.event) as object
  return toJson({ ...event, api_version: version ?? API_VERSION })
}

function recordAttempt(
  tx: Transaction,
  id: string,
  startedAt: number,
  { status, error, answer, durationMs }: SendResult,
  isRetried: boolean,
): void {
  const delivery = tx.find('delivery', id)
  if (delivery === undefined) return
  const attempt = { at: formatInstant(startedAt), status, error, durationMs, answer }
  const attempts = [...delivery.attempts, attempt]
  const isTaken = status === null ? error === null : status >= 200 && status < 300
  if (isTaken) {
    tx.update('delivery', id, { attempts, state: 'delivered', nextAttemptAt: null })
    return
  }
  const wait = isRetried ? settingsOf(tx).webhookRetrySeconds[delivery.attempts.length] : undefined
  if (wait === undefined) {
    tx.update('delivery', id, { attempts, state: 'failed', nextAttemptAt: null })
    return
  }
  const nextAttemptAt = tx.now(null) + wait
  tx.update('delivery', id, { attempts, nextAttemptAt })
  tx.schedule({
    id: `webhook:${id}`,
    type: 'webhook.retry',
    clock: null,
    dueAt: nextAttemptAt,
    rank: 90,
    subject: id,
  })
}

/** Job: touches the delivery, so that the dispatcher sees it is due. */
export function retryDelivery(tx: Transaction, id: string): void {
  if (tx.find('delivery', id)?.state === 'pending') {
    tx.update('delivery', id, { nextAttemptAt: tx.now(null) })
  }
}
