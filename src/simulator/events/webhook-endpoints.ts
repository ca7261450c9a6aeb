import { deriveToken } from '../store/ids.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { WebhookEndpoint } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'

export const webhookEndpointOperations: Handlers = {
  // The one answer that shows the secret.
  'POST /v1/webhook_endpoints': ({ tx, params }) => {
    requireUrl(params.url, tx.realm.isLive)
    const endpoint = createEndpoint(tx, {
      url: params.url,
      enabledEvents: params.enabled_events,
      apiVersion: params.api_version ?? null,
      description: params.description ?? null,
      metadata: newMetadata(params.metadata),
    })
    const shown = tx.present('webhook_endpoint', endpoint.id) as WebhookEndpoint
    return { ...shown, secret: endpoint.inner.secrets[0]?.value }
  },

  'GET /v1/webhook_endpoints': ({ tx, params }) =>
    listPage(tx, 'webhook_endpoint', { url: '/v1/webhook_endpoints', params }),

  'GET /v1/webhook_endpoints/{id}': ({ tx, id }) =>
    tx.present('webhook_endpoint', getById(tx, 'webhook_endpoint', id).id),

  'POST /v1/webhook_endpoints/{id}': ({ tx, params, id }) => {
    const endpoint = getById(tx, 'webhook_endpoint', id)
    if (params.url !== undefined) requireUrl(params.url, tx.realm.isLive)
    tx.update('webhook_endpoint', id, {
      description: changed(params.description, endpoint.description),
      enabled_events: params.enabled_events ?? endpoint.enabled_events,
      metadata: mergeMetadata(endpoint.metadata, params.metadata),
      status:
        params.disabled === undefined ? endpoint.status : params.disabled ? 'disabled' : 'enabled',
      url: params.url ?? endpoint.url,
    })
    return tx.present('webhook_endpoint', id)
  },

  'DELETE /v1/webhook_endpoints/{id}': ({ tx, id }) => {
    getById(tx, 'webhook_endpoint', id)
    tx.remove('webhook_endpoint', id)
    return { id, object: 'webhook_endpoint', deleted: true }
  },
}

interface NewEndpoint {
  readonly url: string
  readonly enabledEvents: readonly string[]
  readonly apiVersion: string | null
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly secret?: string
}

const MAX_ENDPOINTS = 16

export function createEndpoint(tx: Transaction, given: NewEndpoint): Documents['webhook_endpoint'] {
  if (tx.count('webhook_endpoint') >= MAX_ENDPOINTS) {
    throw invalidRequest({
      message: `You have reached the maximum of ${MAX_ENDPOINTS} webhook endpoints.`,
    })
  }
  const id = tx.newId('we')
  return tx.insert('webhook_endpoint', {
    id,
    object: 'webhook_endpoint',
    api_version: given.apiVersion,
    application: null,
    created: tx.now(null),
    description: given.description,
    enabled_events: given.enabledEvents,
    livemode: tx.realm.isLive,
    metadata: given.metadata,
    status: 'enabled',
    url: given.url,
    inner: {
      secrets: [{ value: given.secret ?? newSecret(tx, id), expiresAt: null }],
    },
  })
}

function newSecret(tx: Transaction, id: string): string {
  return `whsec_${deriveToken(`secret:${id}:${tx.newId('s')}`, 32)}`
}

/** Gives an endpoint a new secret. For a while the old one signs as well, so that consumers can change over. */
export function rollSecret(tx: Transaction, id: string, overlapSeconds: number): string {
  const endpoint = tx.get('webhook_endpoint', id)
  const value = newSecret(tx, id)
  const expiresAt = tx.now(null) + overlapSeconds
  const older = endpoint.inner.secrets.map((secret) => ({
    value: secret.value,
    expiresAt: secret.expiresAt ?? expiresAt,
  }))
  tx.update('webhook_endpoint', id, {
    inner: { secrets: [{ value, expiresAt: null }, ...older.slice(0, 3)] },
  })
  return value
}

/** Live webhooks go to https only; in test mode plain http to one's own machine is fine, as with Stripe's CLI. */
export function requireUrl(url: string, isLive: boolean): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  if (!isHttp) {
    throw invalidRequest({
      code: 'url_invalid',
      message: `Invalid URL: ${url}. An explicit scheme (such as https) must be provided.`,
      param: 'url',
    })
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname)
  if (isLive && parsed.protocol === 'http:' && !isLocal) {
    throw invalidRequest({
      code: 'url_invalid',
      message: 'Invalid URL: URLs must begin with https:// in live mode.',
      param: 'url',
    })
  }
}
