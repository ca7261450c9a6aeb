import { deliverSnapshot } from '../events/fan-out.ts'
import type { RealmFacts } from '../store/transaction.ts'
import type { UnlistedHandlers } from '../wire/calls.ts'
import { invalidRequest } from '../wire/errors.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { API_VERSION } from '../wire/stripe-tables.generated.ts'
import type { Listeners } from './listeners.ts'
import { FEATURES } from './messages.ts'
import { SUBSCRIBE_PATH } from './socket.ts'

/** How often the CLI renews its connection. */
const RECONNECT_SECONDS = 3_600

/** What Stripe's CLI calls besides the public reference. */
export function stripeCliOperations(
  listenersOf: (realm: RealmFacts) => Listeners,
): UnlistedHandlers {
  return {
    /** `stripe listen` and `stripe logs tail` begin with this and go on over a websocket. */
    'POST /v1/stripecli/sessions': {
      parameters: {
        fields: {
          device_name: 'string',
          websocket_features: { list: { enum: FEATURES } },
          'filters?': 'string',
          'forward_to_url?': 'string',
          'forward_connect_to_url?': 'string',
          'forward_thin_to_url?': 'string',
          'forward_thin_connect_to_url?': 'string',
        },
      },
      handle: ({ tx, params }) => {
        const wanted = params['websocket_features'] as readonly string[]
        const address = params['forward_to_url'] ?? params['forward_thin_to_url']
        const { id, secret, features } = listenersOf(tx.realm).open({
          device: String(params['device_name']),
          features: FEATURES.filter((feature) => wanted.includes(feature)),
          forwardsTo: typeof address === 'string' ? address : null,
        })
        return {
          object: 'stripecli_session',
          default_version: API_VERSION,
          display_connect_filter_warning: false,
          latest_version: API_VERSION,
          reconnect_delay: RECONNECT_SECONDS,
          secret,
          websocket_authorized_feature: features.join(','),
          websocket_id: id,
          websocket_url: `${tx.realm.baseUrl.replace(/^http/, 'ws')}${SUBSCRIBE_PATH}`,
        }
      },
    },

    /** What `stripe events resend` calls: to the CLIs that listen, or to an endpoint when it names one. */
    'POST /v1/events/{id}/retry': {
      parameters: {
        fields: {
          'webhook_endpoint?': 'string',
          'account?': 'string',
          'for_stripecli?': 'boolean',
        },
      },
      handle: ({ tx, params, id }) => {
        const event = getById(tx, 'event', id)
        const wanted = params['webhook_endpoint']
        if (params['for_stripecli'] === true) {
          const listening = listenersOf(tx.realm).resend(tx, event.id)
          if (listening === 0) throw invalidRequest({ message: NOBODY_LISTENS })
          return tx.present('event', id)
        }
        const endpoints =
          typeof wanted === 'string'
            ? [getReferenced(tx, 'webhook_endpoint', wanted, 'webhook_endpoint')]
            : [...tx.oldestFirst('webhook_endpoint')]
        if (endpoints.length === 0) {
          throw invalidRequest({ message: 'There is no webhook endpoint to resend the event to.' })
        }
        for (const { id: endpoint, url } of endpoints) {
          deliverSnapshot(tx, event.id, { id: endpoint, kind: 'webhook_endpoint', url })
        }
        return tx.present('event', id)
      },
    },
  }
}

const NOBODY_LISTENS =
  'No CLI listens to this account. Run `stripe listen`, or name an endpoint with `--webhook-endpoint`.'
