import type { Access } from './accounts/directory.ts'
import type { Realm } from './store/realm.ts'
import type { Answer, Incoming } from './wire/http.ts'
import { API_VERSION } from './wire/stripe-tables.generated.ts'

export interface OwnAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Calls the API from within, for the simulator's own pages: through the same checks, and into the same log. */
export type CallApi = (
  realm: Realm,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  params?: Readonly<Record<string, string>>,
) => Promise<OwnAnswer>

/** The request object itself is the credential: one that came over the network is never in here. */
export function createOwnCalls() {
  const known = new WeakMap<Incoming, Access>()
  return {
    authenticate: (incoming: Incoming): Access | undefined => known.get(incoming),
    through(answer: (incoming: Incoming) => Promise<Answer>): CallApi {
      return async (realm, method, path, params = {}) => {
        const fields = new URLSearchParams(params).toString()
        const incoming: Incoming = {
          method,
          path,
          query: method === 'POST' ? '' : fields,
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'stripe-version': API_VERSION,
          },
          body: Buffer.from(method === 'POST' ? fields : ''),
        }
        known.set(incoming, { realm, permissions: null, isOwn: true })
        const { status, body } = await answer(incoming)
        return { status, body: JSON.parse(body.toString()) as OwnAnswer['body'] }
      }
    },
  }
}
