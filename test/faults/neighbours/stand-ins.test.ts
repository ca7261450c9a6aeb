import { beforeAll, expect, test } from 'vitest'
import type { Actor } from '../../support/actor.ts'
import { openWorld, type World } from '../../support/world.ts'

/**
 * Traefik and Envoy are stood in for by what their documentation says they send and make of the answer: neither has a
 * package this suite could run. What is checked is our side of it, and that the recipes name the right headers.
 */
let world: World
let ada: Actor
beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
  return () => world.close()
})

interface ClientRequest {
  readonly method: string
  readonly uri: string
  readonly headers: Record<string, string>
}

interface Passed {
  /** Null: the request passes; otherwise what the client is answered. */
  readonly refusal: { readonly status: number; readonly body: unknown } | null
  /** As the API sees them. */
  readonly upstream: Record<string, string>
}

/**
 * Traefik's forwardAuth: a GET with the client's headers and `X-Forwarded-*`. A 2xx lets the request pass; headers that
 * match `authResponseHeadersRegex` are deleted from it and set from the answer. Anything else is the client's answer.
 */
async function traefik({ method, uri, headers }: ClientRequest): Promise<Passed> {
  const copied = /^(x-customer-id|x-user-|x-subscription-id|x-entitlement-|x-request-id)/i
  const answer = await fetch(`${world.running.consoleUrl}/api/v1/forward-auth`, {
    headers: {
      ...headers,
      'farebox-token': world.token,
      'x-forwarded-method': method,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.test',
      'x-forwarded-uri': uri,
      'x-forwarded-for': '203.0.113.7',
    },
  })
  if (!answer.ok) return { refusal: await refusalOf(answer), upstream: {} }
  const own = Object.entries(headers).filter(([name]) => !copied.test(name))
  const told = [...answer.headers].filter(([name]) => copied.test(name))
  return { refusal: null, upstream: Object.fromEntries([...own, ...told]) }
}

/**
 * Envoy's ext_authz over HTTP: the request's method, its path after `path_prefix`, its host, `Authorization`, the allowed
 * headers and those added; no body. A 200 lets it pass, with the allowed headers set; anything else is the answer.
 */
async function envoy({ method, uri, headers }: ClientRequest): Promise<Passed> {
  const sent = new Set(['authorization', 'x-api-key'])
  const copied = /^(x-customer-id|x-user-|x-subscription-id|x-entitlement-)/
  const answer = await fetch(`${world.running.consoleUrl}/api/v1/forward-auth${uri}`, {
    method,
    headers: {
      ...Object.fromEntries(Object.entries(headers).filter(([name]) => sent.has(name))),
      'x-forwarded-for': '203.0.113.7',
      'farebox-token': world.token,
    },
  })
  if (answer.status !== 200) return { refusal: await refusalOf(answer), upstream: {} }
  const told = [...answer.headers].filter(([name]) => copied.test(name))
  return { refusal: null, upstream: { ...headers, ...Object.fromEntries(told) } }
}

async function refusalOf(answer: Response): Promise<NonNullable<Passed['refusal']>> {
  return { status: answer.status, body: await answer.json() }
}

test.each([
  ['Traefik', traefik],
  ['Envoy', envoy],
])(
  '%s, by its documentation, passes on what Farebox allows and answers what it refuses',
  async (_, proxy) => {
    const ask = (method: string, headers: Record<string, string>) =>
      proxy({ method, uri: '/v1/ping?x=1', headers })

    const allowed = await ask('GET', {
      authorization: `Bearer ${ada.key}`,
      'x-customer-id': 'forged',
    })
    const posted = await ask('POST', { 'x-api-key': ada.key })
    const stranger = await ask('GET', {})
    const wrong = await ask('DELETE', { 'x-api-key': 'nonsense' })

    expect(allowed).toMatchObject({
      refusal: null,
      upstream: { 'x-customer-id': ada.customerId, 'x-user-plan': 'pro' },
    })
    expect(posted.refusal).toBeNull()
    expect(stranger.refusal).toMatchObject({ status: 401, body: { code: 'missing_credentials' } })
    expect(wrong.refusal).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } })
  },
)
