import { hmacSha256Hex, randomToken } from '../../kit/crypto.ts'
import type { DeliveryTarget, DeliveryTargets } from '../events/dispatcher.ts'
import type { DeliveryDocument } from '../events/documents.ts'
import { addDelivery } from '../events/fan-out.ts'
import type { SendResult } from '../events/send.ts'
import type { Realm } from '../store/realm.ts'
import type { Change, Transaction } from '../store/transaction.ts'
import type { LoggedCall } from '../wire/api.ts'
import { API_VERSION } from '../wire/stripe-tables.generated.ts'
import { toLogPayload } from './log-payload.ts'
import type { Feature, IncomingMessage, OutgoingMessage } from './messages.ts'

/** A CLI that has asked to be told what happens, connected or about to be. */
export interface Listener {
  /** The CLI shows it again whenever it connects. */
  readonly id: string
  readonly device: string
  readonly features: readonly Feature[]
  /** Where the CLI forwards events to; null when it only prints them. */
  readonly forwardsTo: string | null
  /** The same for a device each time, so that it can stay in a configuration. */
  readonly secret: string
}

export interface Connection {
  receive(message: IncomingMessage): void
  close(): void
}

/** The CLIs that listen to one realm. They are not part of its state: a reset or a restored snapshot leaves them. */
export interface Listeners extends DeliveryTargets {
  open(wanted: Omit<Listener, 'id' | 'secret'>): Listener
  /** Undefined for an id nobody was given, or one given too long ago. */
  connect(id: string, send: (message: OutgoingMessage) => void): Connection | undefined
  connected(): readonly Listener[]
  /** Sends an event to every CLI that listens, once more if it has had it already; answers how many there are. */
  resend(tx: Transaction, event: string): number
  logged(call: LoggedCall): void
}

interface Session extends Listener {
  send: ((message: OutgoingMessage) => void) | undefined
  /** Deliveries on their way that the CLI has not acknowledged, each as often as it was sent. */
  readonly waiting: Map<string, Set<(result: SendResult) => void>>
}

/** As many as are remembered without being connected: a CLI that quits never says so. */
const MAX_SESSIONS = 50
const ACK_TIMEOUT_MS = 10_000

export function createListeners(realm: Realm): Listeners {
  const sessions = new Map<string, Session>()

  function listening(feature: Feature): readonly Session[] {
    return [...sessions.values()].filter(
      ({ send, features }) => send !== undefined && features.includes(feature),
    )
  }

  function deliver(tx: Transaction, session: Session, change: Pick<Change, 'kind' | 'id'>): void {
    const given = {
      event: change.id,
      eventKind: change.kind === 'event' ? change.kind : ('v2.core.event' as const),
      endpoint: session.id,
      endpointKind: 'listener' as const,
      url: session.forwardsTo ?? `stripe listen on ${session.device}`,
    }
    // Ids that follow from the seed must not depend on whether somebody listens.
    addDelivery(tx, given, `whd_${randomToken(24)}`)
  }

  realm.onCommit((changes) => {
    const news = changes.flatMap((change) => {
      if (!change.isNew || change.isRestored === true) return []
      if (change.kind !== 'event' && change.kind !== 'v2.core.event') return []
      // What a rule took back while it worked was never there.
      if (realm.tables[change.kind].get(change.id) === undefined) return []
      const feature = change.kind === 'event' ? 'webhooks' : 'v2_events'
      return listening(feature).map((session) => ({ change, session }))
    })
    if (news.length === 0) return
    realm.transact((tx) => {
      for (const { change, session } of news) deliver(tx, session, change)
    })
  })

  function targetOf(session: Session): DeliveryTarget {
    return {
      version: null,
      secrets: [{ value: session.secret, expiresAt: null }],
      isRetried: false,
      send(delivery, body, headers) {
        const { send } = session
        if (send === undefined) return Promise.resolve(failed('the CLI is gone'))
        return new Promise((resolve) => {
          const timer = setTimeout(() => {
            settle(session, delivery.id, failed(`not acknowledged within ${ACK_TIMEOUT_MS} ms`))
          }, ACK_TIMEOUT_MS).unref()
          const waiting = session.waiting.get(delivery.id) ?? new Set()
          session.waiting.set(
            delivery.id,
            waiting.add((result) => {
              clearTimeout(timer)
              resolve(result)
            }),
          )
          for (const message of messagesFor(delivery, body, headers)) send(message)
        })
      },
    }
  }

  /** False when nothing waits: it was acknowledged before. */
  function settle({ waiting }: Session, delivery: string, result: SendResult): boolean {
    const found = waiting.get(delivery)
    waiting.delete(delivery)
    for (const resolve of found ?? []) resolve(result)
    return found !== undefined
  }

  return {
    open({ device, ...wanted }) {
      const session: Session = {
        ...wanted,
        id: `cliws_${randomToken(24)}`,
        device,
        secret: `whsec_${hmacSha256Hex(realm.id, `stripe listen on ${device}`)}`,
        send: undefined,
        waiting: new Map(),
      }
      const idle = [...sessions.values()].filter(({ send }) => send === undefined)
      for (const { id } of idle.slice(0, Math.max(0, sessions.size + 1 - MAX_SESSIONS))) {
        sessions.delete(id)
      }
      sessions.set(session.id, session)
      return session
    },

    connect(id, send) {
      const session = sessions.get(id)
      if (session === undefined) return undefined
      session.send = send
      return {
        receive(message) {
          const { type, delivery } = message
          if (type === 'event_ack') {
            // The answer may be right behind, and says more.
            setImmediate(() => settle(session, delivery, ACKNOWLEDGED))
            return
          }
          const { status, body } = message
          const result = { ...ACKNOWLEDGED, status, answer: body }
          if (settle(session, delivery, result)) return
          realm.transact((tx) => recordAnswer(tx, session.id, delivery, result))
        },
        close() {
          // The CLI renews its connection from time to time; the next may be there before the last has gone.
          if (session.send !== send) return
          session.send = undefined
          for (const delivery of session.waiting.keys()) {
            settle(session, delivery, failed('the CLI has gone away'))
          }
        },
      }
    },

    connected: () => [...sessions.values()].filter(({ send }) => send !== undefined),

    resend(tx, event) {
      const found = listening('webhooks')
      for (const session of found) deliver(tx, session, { kind: 'event', id: event })
      return found.length
    },

    logged(call) {
      const interested = listening('request_logs')
      if (interested.length === 0) return
      const message: OutgoingMessage = {
        type: 'request_log_event',
        event_payload: toLogPayload(call, realm.facts.isLive),
        request_log_id: call.id,
      }
      for (const { send } of interested) send?.(message)
    },

    find(id) {
      const session = sessions.get(id)
      return session?.send === undefined ? undefined : targetOf(session)
    },
  }
}

const ACKNOWLEDGED: SendResult = { status: null, error: null, answer: '', durationMs: 0 }

function failed(error: string): SendResult {
  return { status: null, error, answer: '', durationMs: 0 }
}

/** Events go out in both forms, the default version's and the latest; the CLI takes the one it was started for. */
function messagesFor(
  { id, eventKind }: DeliveryDocument,
  body: string,
  headers: Readonly<Record<string, string>>,
): readonly OutgoingMessage[] {
  if (eventKind === 'v2.core.event') {
    return [{ type: 'v2_event', payload: body, http_headers: headers, destination_id: id }]
  }
  return [null, API_VERSION].map((version) => ({
    type: 'webhook_event',
    endpoint: { api_version: version },
    event_payload: body,
    http_headers: headers,
    webhook_conversation_id: `wc_${randomToken(24)}`,
    webhook_id: id,
  }))
}

/** What the forwarded event was answered with comes after the acknowledgement, or never. */
function recordAnswer(
  tx: Transaction,
  listener: string,
  id: string,
  { status, answer }: { readonly status: number; readonly answer: string },
): void {
  const delivery = tx.find('delivery', id)
  const last = delivery?.attempts.at(-1)
  if (delivery?.endpoint !== listener || last === undefined) return
  const durationMs = Math.max(0, Date.now() - Date.parse(last.at))
  tx.update('delivery', id, {
    attempts: [
      ...delivery.attempts.slice(0, -1),
      { ...last, status, error: null, answer, durationMs },
    ],
    state: status >= 200 && status < 300 ? 'delivered' : 'failed',
  })
}
