import type { Directory } from '../accounts/directory.ts'
import type { RunningRealm } from '../running-realm.ts'
import type { Realm } from '../store/realm.ts'
import { presentedText, readKey } from '../wire/authenticate.ts'
import { StripeError } from '../wire/errors.ts'
import { type Answer, headerOf, type Incoming } from '../wire/http.ts'
import type { Surface } from '../wire/server.ts'
import { isCrossSite, isKnownHost } from '../wire/visitors.ts'
import { ControlError, json } from './answers.ts'

export type Body = Readonly<Record<string, unknown>>

/** One request to the control API: what it says and whom it concerns. */
export interface ControlCall {
  readonly body: Body
  readonly path: Readonly<Record<string, string>>
  /** The account a key, or `account` and `mode`, name; every account there is when nothing is named. */
  readonly realms: readonly RunningRealm[]
  /** For what concerns one account only. */
  readonly one: () => RunningRealm
}

export type ControlHandlers = Readonly<Record<string, (call: ControlCall) => unknown>>

interface ControlOptions {
  readonly directory: Directory
  readonly running: (realm: Realm) => RunningRealm
  readonly handlers: readonly ControlHandlers[]
  /** Where the simulator listens, as it was told. */
  readonly host: string
}

export interface Control {
  readonly surface: Surface
  /** Does what a request would do, for the accounts given; throws a `ControlError` or a `StripeError`. */
  perform(
    method: 'GET' | 'POST',
    path: string,
    body: Body,
    realms: readonly RunningRealm[],
  ): Promise<unknown>
}

/** The simulator's own interface under `/_sim/`: what Stripe has no address for. JSON in, JSON out. */
export function createControl(options: ControlOptions): Control {
  const routes = options.handlers
    .flatMap((group) => Object.entries(group))
    .map(([key, handle]) => {
      const [method = '', path = ''] = key.split(' ')
      return { key, method, segments: path.split('/'), handle }
    })

  async function perform(
    method: string,
    requested: string,
    body: Body,
    realms: readonly RunningRealm[],
  ): Promise<unknown> {
    const segments = requested.split('/')
    const route = routes.find(
      (candidate) => candidate.method === method && matches(candidate.segments, segments),
    )
    if (route === undefined) {
      const known = routes.map(({ key }) => key).join(', ')
      throw new ControlError(404, `There is no ${method} ${requested}; there is ${known}.`)
    }
    const path = Object.fromEntries(
      route.segments.flatMap((segment, index) =>
        segment.startsWith('{') ? [[segment.slice(1, -1), segments[index] ?? '']] : [],
      ),
    )
    const one = (): RunningRealm => {
      const [realm] = realms
      if (realm !== undefined && realms.length === 1) return realm
      throw new ControlError(
        400,
        'Name one account: send its key as Authorization: Bearer sk_test_…, or `account` and `mode`.',
      )
    }
    return route.handle({ body, path, realms, one })
  }

  async function answer(incoming: Incoming): Promise<Answer> {
    try {
      if (isCrossSite(incoming) || !isKnownHost(incoming, options.host)) {
        throw new ControlError(403, 'The control API is not for pages of other sites.')
      }
      const body = readBody(incoming)
      const realms = chooseRealms(incoming, body)
      return json(await perform(incoming.method, incoming.path, body, realms))
    } catch (error) {
      if (error instanceof ControlError)
        return json({ error: { message: error.message } }, error.status)
      if (error instanceof StripeError) return json({ error: error.body }, error.status)
      throw error
    }
  }

  function chooseRealms(incoming: Incoming, body: Body): readonly RunningRealm[] {
    if (presentedText(incoming) !== undefined) {
      return [options.running(options.directory.authenticate(readKey(incoming)).realm)]
    }
    const account = body['account']
    if (typeof account === 'string') {
      return [options.running(options.directory.realmOf(account, body['mode'] === 'live'))]
    }
    return options.directory.realms().map(options.running)
  }

  return {
    surface: (incoming) => (incoming.path.startsWith('/_sim/') ? answer(incoming) : undefined),
    perform,
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part.startsWith('{') || part === segments[index])
  )
}

/** JSON on POST, the query on GET. */
function readBody(incoming: Incoming): Body {
  if (incoming.method === 'GET') return Object.fromEntries(new URLSearchParams(incoming.query))
  const text = incoming.body.toString('utf8').trim()
  if (text === '') return {}
  if (
    headerOf(incoming, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true
  ) {
    return Object.fromEntries(new URLSearchParams(text))
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  } catch {
    // Falls through to the refusal.
  }
  throw new ControlError(400, 'The body must be a JSON object.')
}
