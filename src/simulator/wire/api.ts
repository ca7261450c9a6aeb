import type { Access, Directory } from '../accounts/directory.ts'
import type { Realm } from '../store/realm.ts'
import type { Transaction } from '../store/transaction.ts'
import { missingPermission, readKey, secretKeyRequired } from './authenticate.ts'
import type { Call } from './calls.ts'
import { findShapeProblems } from './conform.ts'
import {
  internalError,
  invalidRequest,
  StripeError,
  toErrorEnvelope,
  unrecognizedUrl,
} from './errors.ts'
import { expandAnswer, type Includables } from './expand.ts'
import { parseForm, type Raw, type RawHash } from './form.ts'
import { type Answer, headerOf, type Incoming, toJson } from './http.ts'
import {
  checkIdempotencyKey,
  findFirstResult,
  fingerprintOf,
  keepFirstResult,
  keyInUse,
} from './idempotency.ts'
import { checkPaging } from './list.ts'
import { readParameters } from './parameters.ts'
import { requiredPermission } from './permissions.ts'
import type { Match, Router } from './router.ts'
import { API_VERSION } from './stripe-tables.generated.ts'

/** What goes wrong with a call on purpose; see control/call-faults.ts. */
export interface CallFault {
  readonly delayMs: number
  readonly error: StripeError | undefined
  /** The error becomes the first result of the call's idempotency key. */
  readonly isSaved: boolean
  /** The call never arrives. */
  readonly isUnheard: boolean
  /** The call takes effect, and its answer never arrives. */
  readonly isLost: boolean
}

export interface LoggedCall {
  readonly id: string
  readonly realm: Realm | undefined
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
  readonly status: number
  readonly answer: string
  readonly idempotencyKey: string | null
  readonly at: number
  readonly durationMs: number
  readonly cause?: unknown
}

export interface ApiOptions {
  readonly directory: Directory
  readonly router: Router
  readonly includables: Includables
  readonly nextFault: (access: Access, method: string, path: string) => CallFault
  readonly baseUrl: string
  /** Makes every answer prove that it agrees with the specification: for our own tests. */
  readonly checksShapes: boolean
  /** Accepts what older API versions accepted, whatever version a request names. */
  readonly isAlwaysLegacy: boolean
  readonly newRequestId: (realm: Realm | undefined) => string
  readonly translateLegacy: (key: string, raw: RawHash) => { raw: RawHash; legacy: RawHash }
  readonly limitRate: (realm: Realm, method: string, path: string) => StripeError | undefined
  readonly log: (call: LoggedCall) => void
  /** Credentials other than API keys, for the few routes that take them. */
  readonly authenticateOther: (incoming: Incoming) => Access | undefined
}

interface Result {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly cause?: unknown
}

const VERSION = /^\d{4}-\d{2}-\d{2}(?:\.[a-z]+)?$/

export function createApi(options: ApiOptions): (incoming: Incoming) => Promise<Answer> {
  const { directory, router } = options
  /** Keys of calls that have not been answered yet. */
  const inFlight = new Set<string>()

  return async function answer(incoming) {
    const startedAt = Date.now()
    let realm: Realm | undefined
    let requestId = ''
    let isLost = false
    let result: Result
    try {
      const access = options.authenticateOther(incoming) ?? authenticate(incoming)
      realm = access.realm
      requestId = options.newRequestId(realm)
      const match = router.find(incoming.method, incoming.path)
      if (match === undefined) throw unrecognizedUrl(incoming.method, incoming.path)
      checkPermission(access, match, incoming)
      const limited = options.limitRate(realm, incoming.method, incoming.path)
      if (limited !== undefined) throw limited
      const fault = options.nextFault(access, incoming.method, incoming.path)
      isLost = fault.isLost || fault.isUnheard
      if (fault.isUnheard) throw internalError()
      result = await perform(realm, match, incoming, requestId, fault)
    } catch (error) {
      if (requestId === '') requestId = options.newRequestId(realm)
      result = toFailure(error, requestId)
    }
    options.log({
      id: requestId,
      realm,
      method: incoming.method,
      path: incoming.path,
      query: incoming.query,
      body: incoming.body.toString('utf8'),
      status: result.status,
      answer: result.body,
      idempotencyKey: headerOf(incoming, 'idempotency-key') ?? null,
      at: startedAt,
      durationMs: Date.now() - startedAt,
      cause: result.cause,
    })
    return {
      status: result.status,
      body: result.body,
      headers: {
        'Content-Type': 'application/json',
        'Request-Id': requestId,
        'Stripe-Version': headerOf(incoming, 'stripe-version') ?? API_VERSION,
        ...echoedKey(incoming),
        ...result.headers,
      },
      isLost,
    }
  }

  function authenticate(incoming: Incoming): Access {
    const presented = readKey(incoming)
    if (presented.kind === 'publishable') {
      directory.authenticate(presented)
      throw secretKeyRequired()
    }
    return directory.authenticate(presented)
  }

  function checkPermission(access: Access, match: Match, incoming: Incoming): void {
    const { permissions } = access
    if (permissions === null) return
    const { resource, level } = requiredPermission(match.route)
    const granted = permissions[resource]
    if (granted === 'write' || granted === level) return
    throw missingPermission(readKey(incoming).key, `rak_${resource}_${level}`)
  }

  async function perform(
    realm: Realm,
    match: Match,
    incoming: Incoming,
    requestId: string,
    fault: CallFault,
  ): Promise<Result> {
    checkAccountHeaders(realm, incoming)
    const isV2 = incoming.path.startsWith('/v2/')
    const isLegacy = options.isAlwaysLegacy || isLegacyVersion(headerOf(incoming, 'stripe-version'))
    const received = readRaw(incoming, isV2)
    const key = idempotencyKeyOf(incoming, isV2)
    const lock = key === null ? null : `${realm.id}:${key}`
    if (lock !== null && inFlight.has(lock)) throw keyInUse(key ?? '')
    if (lock !== null) inFlight.add(lock)
    try {
      if (fault.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
      if (fault.error !== undefined) {
        if (fault.isSaved) saveFailure(realm, fault.error, incoming, received, requestId)
        throw fault.error
      }
      const { raw, legacy } = isLegacy
        ? options.translateLegacy(match.route.key, received)
        : { raw: received, legacy: {} }
      const fingerprint = fingerprintOf(incoming.method, incoming.path, received)
      return realm.transact(
        (tx) => runOnce(tx, match, { raw, legacy, isLegacy, key, isV2, fingerprint, requestId }),
        {
          request: { id: requestId, idempotencyKey: key },
          keepsOnError: (error) => error instanceof StripeError && error.isCommitted,
        },
      )
    } catch (error) {
      // A decline is the result of a call even where it leaves nothing else behind.
      if (error instanceof StripeError && error.status === 402 && !error.isCommitted) {
        saveFailure(realm, error, incoming, received, requestId)
      }
      throw error
    } finally {
      if (lock !== null) inFlight.delete(lock)
    }
  }

  /** An error that was met while working on a call is what every repetition of it gets. */
  function saveFailure(
    realm: Realm,
    error: StripeError,
    incoming: Incoming,
    received: RawHash,
    requestId: string,
  ): void {
    const isV2 = incoming.path.startsWith('/v2/')
    const key = idempotencyKeyOf(incoming, isV2)
    if (key === null) return
    const id = recordIdOf(key, isV2)
    realm.transact((tx) => {
      const fingerprint = fingerprintOf(incoming.method, incoming.path, received)
      if (findFirstResult(tx, id, fingerprint) !== undefined) return
      const { status, body } = toFailure(error, requestId)
      keepFirstResult(tx, { id, fingerprint, status, body, requestId, createdAt: tx.now(null) })
    })
  }

  function runOnce(
    tx: Transaction,
    match: Match,
    request: {
      raw: RawHash
      legacy: RawHash
      isLegacy: boolean
      key: string | null
      isV2: boolean
      fingerprint: string
      requestId: string
    },
  ): Result {
    const recordId = request.key === null ? null : recordIdOf(request.key, request.isV2)
    if (recordId !== null) {
      const first = findFirstResult(tx, recordId, request.fingerprint)
      if (first !== undefined) {
        return {
          status: first.status,
          body: first.body,
          headers: { 'Idempotent-Replayed': 'true', 'Original-Request': first.requestId },
        }
      }
    }
    const keep = (status: number, body: string): void => {
      if (recordId === null) return
      const { fingerprint, requestId } = request
      keepFirstResult(tx, {
        id: recordId,
        fingerprint,
        status,
        body,
        requestId,
        createdAt: tx.now(null),
      })
    }
    try {
      const body = run(tx, match, request)
      keep(200, body)
      return { status: 200, body, headers: {} }
    } catch (error) {
      if (error instanceof StripeError && error.isCommitted) {
        keep(error.status, toFailure(error, request.requestId).body)
      }
      throw error
    }
  }

  function run(
    tx: Transaction,
    { route, path }: Match,
    { raw, legacy, isLegacy }: { raw: RawHash; legacy: RawHash; isLegacy: boolean },
  ): string {
    const params = readParameters(raw, route.parameters)
    if (route.method === 'GET') checkPaging(params)
    const call: Call<unknown> = { tx, params, id: path['id'] ?? '', path, isLegacy, legacy }
    const answer = route.handle(call as Call<never>)
    if (typeof answer === 'string') return answer
    const { expand } = params
    const expanded = Array.isArray(expand)
      ? expandAnswer(
          { tx, includables: options.includables },
          answer,
          route.answer,
          expand.map(String),
        )
      : answer
    if (options.checksShapes) {
      const problems = findShapeProblems(expanded, route.answer)
      if (problems.length > 0) throw new Error(`${route.key} answers\n${problems.join('\n')}`)
    }
    return toJson(expanded)
  }

  function toFailure(error: unknown, requestId: string): Result {
    const isExpected = error instanceof StripeError
    const failure = isExpected ? error : internalError()
    return {
      status: failure.status,
      headers: failure.headers,
      body: toJson(toErrorEnvelope(failure.body, `${options.baseUrl}/requests/${requestId}`)),
      ...(isExpected ? {} : { cause: error }),
    }
  }
}

function recordIdOf(key: string, isV2: boolean): string {
  return `${isV2 ? 'v2' : 'v1'}:${key}`
}

function echoedKey(incoming: Incoming): Readonly<Record<string, string>> {
  const key = headerOf(incoming, 'idempotency-key')
  return key === undefined || incoming.method !== 'POST' ? {} : { 'Idempotency-Key': key }
}

/** v1 ignores keys except on POST; v2 takes them on DELETE as well. */
function idempotencyKeyOf(incoming: Incoming, isV2: boolean): string | null {
  const key = headerOf(incoming, 'idempotency-key')
  const counts = incoming.method === 'POST' || (isV2 && incoming.method === 'DELETE')
  if (key === undefined || key === '' || !counts) return null
  checkIdempotencyKey(key)
  return key
}

function readRaw(incoming: Incoming, isV2: boolean): RawHash {
  const query = parseForm(incoming.query)
  if (incoming.body.length === 0) return query
  const type = headerOf(incoming, 'content-type')?.split(';')[0]?.trim() ?? ''
  const text = incoming.body.toString('utf8')
  if (isV2) {
    const json = parseJson(text)
    return { ...query, ...json }
  }
  if (type !== '' && type !== 'application/x-www-form-urlencoded') {
    throw invalidRequest({
      message: `Invalid request (check that your POST content type is application/x-www-form-urlencoded; it was ${type}).`,
    })
  }
  return { ...query, ...parseForm(text) }
}

function parseJson(text: string): RawHash {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidRequest({ message: 'The request body is not valid JSON.' })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest({ message: 'The request body must be a JSON object.' })
  }
  return value as Readonly<Record<string, Raw>>
}

function isLegacyVersion(version: string | undefined): boolean {
  if (version === undefined) return true
  if (!VERSION.test(version)) {
    throw invalidRequest({ message: `Invalid Stripe API version: ${version}` })
  }
  // Changes come with releases named at the end of September; see docs/simulator.md.
  return version.slice(0, 10) < FIRST_DAY_OF_ENDIVE
}
const FIRST_DAY_OF_ENDIVE = '2026-09-30'

function checkAccountHeaders(realm: Realm, incoming: Incoming): void {
  for (const name of ['stripe-account', 'stripe-context']) {
    const account = headerOf(incoming, name)
    if (account === undefined || account === '' || account === realm.facts.accountId) continue
    throw new StripeError(403, {
      type: 'invalid_request_error',
      code: 'account_invalid',
      message: `The provided key does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
    })
  }
}
