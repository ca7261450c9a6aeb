import { rollSecret } from '../events/webhook-endpoints.ts'
import type { RunningRealm } from '../running-realm.ts'
import { ControlError } from './answers.ts'
import type { ControlHandlers } from './control.ts'

const MAX_LISTED = 500
const DEFAULT_OVERLAP_SECONDS = 86_400

export const webhookControl: ControlHandlers = {
  /** What was sent, newest first; `pending` counts what is due or on its way, `waiting` what will be tried again later. */
  'GET /_sim/deliveries': ({ realms, body }) => {
    const limit = Math.min(Number(body['limit'] ?? 100) || 100, MAX_LISTED)
    const found = realms.flatMap((running) => listDeliveries(running))
    return {
      pending: found.filter(({ is_due: isDue }) => isDue).length,
      waiting: found.filter(({ state, is_due: isDue }) => state === 'pending' && !isDue).length,
      data: found.slice(0, limit),
    }
  },

  /** Sends everything that waits, held back or for later, and answers when nothing is on its way. */
  'POST /_sim/flush': async ({ realms }) => {
    for (const { meters, dispatcher, webhookFaults } of realms) {
      meters.drain()
      await webhookFaults.letPass(() => dispatcher.flush())
    }
    return { flushed: realms.length }
  },

  /** Webhooks pile up until they are released or flushed. */
  'POST /_sim/webhooks/hold': ({ realms }) => {
    for (const { webhookFaults } of realms) webhookFaults.hold()
    return { held: true }
  },

  'POST /_sim/webhooks/release': ({ realms }) => {
    for (const { webhookFaults } of realms) webhookFaults.release()
    return { held: false }
  },

  /** Endpoints with their secrets, which Stripe's API shows only once. */
  'GET /_sim/webhooks/endpoints': ({ realms }) =>
    realms.flatMap(({ realm }) =>
      [...realm.tables.webhook_endpoint.newestFirst()].map(({ id, url, status, inner }) => ({
        id,
        account: realm.facts.accountId,
        url,
        status,
        secrets: inner.secrets.map(({ value, expiresAt }) => ({ value, expires_at: expiresAt })),
      })),
    ),

  /** Stripe's CLIs that are connected now, with the secrets they sign with. */
  'GET /_sim/listeners': ({ realms }) =>
    realms.flatMap(({ realm, listeners }) =>
      listeners.connected().map(({ id, device, features, forwardsTo, secret }) => ({
        id,
        account: realm.facts.accountId,
        device,
        features,
        forwards_to: forwardsTo,
        secret,
      })),
    ),

  /** Gives an endpoint a new secret; the old one signs as well for `expires_in` seconds. */
  'POST /_sim/webhooks/endpoints/{id}/roll': ({ realms, body, path }) => {
    const id = path['id'] ?? ''
    const seconds = Number(body['expires_in'] ?? DEFAULT_OVERLAP_SECONDS)
    if (!Number.isSafeInteger(seconds) || seconds < 0) {
      throw new ControlError(400, '`expires_in` is a whole number of seconds.')
    }
    const owner = realms.find(({ realm }) => realm.tables.webhook_endpoint.get(id) !== undefined)
    if (owner === undefined) throw new ControlError(404, `There is no webhook endpoint ${id}.`)
    const secret = owner.realm.transact((tx) => rollSecret(tx, id, seconds))
    return { id, secret, old_secret_expires_in: seconds }
  },
}

function listDeliveries({ realm }: RunningRealm) {
  return realm.transact((tx) => {
    const now = tx.now(null)
    return [...tx.newestFirst('delivery')].map((delivery) => ({
      id: delivery.id,
      account: realm.facts.accountId,
      event: delivery.event,
      type: tx.find(delivery.eventKind, delivery.event)?.type ?? null,
      endpoint: delivery.endpoint,
      url: delivery.url,
      state: delivery.state,
      is_due: delivery.state === 'pending' && (delivery.nextAttemptAt ?? 0) <= now,
      next_attempt_at: delivery.nextAttemptAt,
      attempts: delivery.attempts,
    }))
  })
}
