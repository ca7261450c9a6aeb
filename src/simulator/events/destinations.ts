import { formatInstant } from '../../kit/instant.ts'
import type { Documents, Kind } from '../store/documents.ts'
import { deriveToken } from '../store/ids.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { emitThin } from './thin-events.ts'
import { requireUrl } from './webhook-endpoints.ts'

const KIND = 'v2.core.event_destination'
const EVENT = 'v2.core.event'

/** Where events go in the second version of the API: as thin notifications, or as snapshots like webhook endpoints. */
export const eventDestinationOperations: Handlers = {
  'POST /v2/core/event_destinations': ({ tx, params }) => {
    if (params.type !== 'webhook_endpoint') {
      throw invalidRequest({
        message: `The simulator sends webhooks only; it has no ${params.type}.`,
        param: 'type',
      })
    }
    const url = params.webhook_endpoint?.url
    if (url === undefined) throw missingParameter('webhook_endpoint[url]')
    requireUrl(url, tx.realm.isLive)
    const id = tx.newId('ed_test', 20)
    const now = formatInstant(tx.now(null) * 1_000)
    tx.insert(KIND, {
      id,
      object: KIND,
      created: now,
      description: params.description ?? '',
      enabled_events: params.enabled_events,
      event_payload: params.event_payload,
      events_from: ['self'],
      livemode: tx.realm.isLive,
      metadata: newMetadata(params.metadata),
      name: params.name,
      ...(params.event_payload === 'snapshot' && typeof params.snapshot_api_version === 'string'
        ? { snapshot_api_version: params.snapshot_api_version }
        : {}),
      status: 'enabled',
      type: 'webhook_endpoint',
      updated: now,
      inner: {
        url,
        secrets: [{ value: `whsec_${deriveToken(`secret:${id}`, 32)}`, expiresAt: null }],
      },
    })
    return show(tx, id, params.include)
  },

  'GET /v2/core/event_destinations': ({ tx, params }) =>
    v2Page(tx, KIND, params, '/v2/core/event_destinations', (destination) =>
      show(tx, destination.id, params.include),
    ),

  'GET /v2/core/event_destinations/{id}': ({ tx, params, id }) =>
    show(tx, getById(tx, KIND, id).id, params.include),

  'POST /v2/core/event_destinations/{id}': ({ tx, params, id }) => {
    const destination = getById(tx, KIND, id)
    const url = params.webhook_endpoint?.url ?? destination.inner.url
    requireUrl(url, tx.realm.isLive)
    tx.update(KIND, id, {
      description: params.description ?? destination.description,
      enabled_events: params.enabled_events ?? destination.enabled_events,
      metadata: mergeMetadata(destination.metadata ?? {}, params.metadata),
      name: params.name ?? destination.name,
      updated: formatInstant(tx.now(null) * 1_000),
      inner: { ...destination.inner, url },
    })
    return show(tx, id, params.include)
  },

  'DELETE /v2/core/event_destinations/{id}': ({ tx, id }) => {
    getById(tx, KIND, id)
    tx.remove(KIND, id)
    return { id, object: KIND }
  },

  'POST /v2/core/event_destinations/{id}/disable': ({ tx, id }) => {
    getById(tx, KIND, id)
    tx.update(KIND, id, { status: 'disabled', status_details: { disabled: { reason: 'user' } } })
    return show(tx, id)
  },

  'POST /v2/core/event_destinations/{id}/enable': ({ tx, id }) => {
    getById(tx, KIND, id)
    tx.update(KIND, id, { status: 'enabled', status_details: undefined })
    return show(tx, id)
  },

  'POST /v2/core/event_destinations/{id}/ping': ({ tx, id }) => {
    getById(tx, KIND, id)
    const event = emitThin(tx, {
      type: 'v2.core.event_destination.ping',
      data: undefined,
      related: { id, type: KIND, url: `/v2/core/event_destinations/${id}` },
      only: id,
    })
    return tx.present(EVENT, event.id)
  },

  'GET /v2/core/events': ({ tx, params }) =>
    v2Page(
      tx,
      EVENT,
      params,
      '/v2/core/events',
      (event) => tx.present(EVENT, event.id),
      (event) =>
        (params.object_id === undefined || event.related_object?.id === params.object_id) &&
        (params.types === undefined || params.types.includes(event.type)),
    ),

  'GET /v2/core/events/{id}': ({ tx, id }) => tx.present(EVENT, getById(tx, EVENT, id).id),
}

/** Address and secret are left out unless they are asked for. */
function show(tx: Transaction, id: string, include: readonly string[] = []): unknown {
  const { inner, ...destination } = tx.get(KIND, id)
  const [secret] = inner.secrets
  const endpoint = {
    ...(include.includes('webhook_endpoint.signing_secret') && secret !== undefined
      ? { signing_secret: secret.value }
      : {}),
    ...(include.includes('webhook_endpoint.url') ? { url: inner.url } : {}),
  }
  return Object.keys(endpoint).length === 0
    ? destination
    : { ...destination, webhook_endpoint: endpoint }
}

const DEFAULT_LIMIT = 20

/** v2 pages by address: the next one's stands in the answer. */
function v2Page<K extends Kind>(
  tx: Transaction,
  kind: K,
  params: { readonly limit?: number | undefined; readonly page?: string | undefined },
  url: string,
  present: (document: Documents[K]) => unknown,
  matches: (document: Documents[K]) => boolean = () => true,
): unknown {
  const limit = params.limit ?? DEFAULT_LIMIT
  const found: Documents[K][] = []
  for (const document of tx.newestFirst(kind, params.page)) {
    if (!matches(document)) continue
    found.push(document)
    if (found.length > limit) break
  }
  const data = found.slice(0, limit)
  const last = data.at(-1)
  const hasMore = found.length > limit && last !== undefined
  return {
    data: data.map(present),
    next_page_url: hasMore ? `${url}?limit=${limit}&page=${last.id}` : null,
    previous_page_url: null,
  }
}
