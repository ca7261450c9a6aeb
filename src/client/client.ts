import type { z } from 'zod'
import type { Contract } from '../api/contract/contract.ts'
import { ProblemError, type ProblemDocument } from './problem-error.ts'

/**
 * The REST API with the types of its contract, for browsers, the CLI and scripts. Paths are the contract's, with
 * parameters in braces: `client.get('/api/v1/customers/{customerId}', { params: { customerId } })`.
 */
export interface Client {
  get<Path extends PathOf<'get'>>(
    path: Path,
    ...options: OptionsOf<'get', Path>
  ): Answer<'get', Path>
  post<Path extends PathOf<'post'>>(
    path: Path,
    ...options: OptionsOf<'post', Path>
  ): Answer<'post', Path>
  put<Path extends PathOf<'put'>>(
    path: Path,
    ...options: OptionsOf<'put', Path>
  ): Answer<'put', Path>
  patch<Path extends PathOf<'patch'>>(
    path: Path,
    ...options: OptionsOf<'patch', Path>
  ): Answer<'patch', Path>
  delete<Path extends PathOf<'delete'>>(
    path: Path,
    ...options: OptionsOf<'delete', Path>
  ): Answer<'delete', Path>
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Names = keyof Contract
type RoutesByCall = {
  [Name in Names as `${Contract[Name]['method']} ${Contract[Name]['path']}`]: Contract[Name]
}
type RouteAt<M extends Method, Path extends string> = `${M} ${Path}` extends keyof RoutesByCall
  ? RoutesByCall[`${M} ${Path}`]
  : never
type PathOf<M extends Method> = {
  [Name in Names]: Contract[Name]['method'] extends M ? Contract[Name]['path'] : never
}[Names]

type Nothing = object

/** The part of a route's input as an option: required unless every member of it may be left out. */
type Part<Route, Name extends string> = Route extends {
  readonly [N in Name]: infer Schema extends z.ZodType
}
  ? Nothing extends z.input<Schema>
    ? { readonly [N in Name]?: z.input<Schema> }
    : { readonly [N in Name]: z.input<Schema> }
  : Nothing

type Options<M extends Method, Path extends string> = Part<RouteAt<M, Path>, 'params'> &
  Part<RouteAt<M, Path>, 'query'> &
  Part<RouteAt<M, Path>, 'body'> &
  CallOptions

/** Options may be left out where the route needs none. */
type OptionsOf<M extends Method, Path extends string> =
  Nothing extends Options<M, Path> ? [options?: Options<M, Path>] : [options: Options<M, Path>]

type Answer<M extends Method, Path extends string> =
  RouteAt<M, Path> extends { readonly response: infer Schema extends z.ZodType }
    ? Promise<z.output<Schema>>
    : never

/** What the answer of a route looks like: `ResponseOf<'get', '/api/v1/plans'>`. */
export type ResponseOf<M extends Method, Path extends PathOf<M>> = Awaited<Answer<M, Path>>

/** What the body of a route may look like. */
export type BodyOf<M extends Method, Path extends PathOf<M>> =
  RouteAt<M, Path> extends { readonly body: infer Schema extends z.ZodType }
    ? z.input<Schema>
    : never

interface CallOptions {
  /** Sent again with the same key, the call has no second effect. */
  readonly idempotencyKey?: string
  /** The version that was seen: the call fails when it is another by now. */
  readonly ifMatch?: number
  readonly signal?: AbortSignal
}

export interface ClientOptions {
  /** The console's origin; empty in a browser, which asks where it came from. */
  readonly baseUrl: string
  readonly mode?: 'test' | 'live' | (() => 'test' | 'live' | undefined)
  /** An operator's API token; browsers send their session cookie instead. */
  readonly token?: string
  readonly fetch?: typeof globalThis.fetch
}

const TIMEOUT_MS = 60_000

export function createClient(options: ClientOptions): Client {
  const call = (method: Method, path: string, given: LooseOptions = {}) =>
    send(options, method, path, given)
  return {
    get: (path: string, given?: LooseOptions) => call('get', path, given),
    post: (path: string, given?: LooseOptions) => call('post', path, given),
    put: (path: string, given?: LooseOptions) => call('put', path, given),
    patch: (path: string, given?: LooseOptions) => call('patch', path, given),
    delete: (path: string, given?: LooseOptions) => call('delete', path, given),
  } as unknown as Client
}

interface LooseOptions extends CallOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  readonly body?: unknown
}

async function send(
  { baseUrl, mode, token, fetch = globalThis.fetch }: ClientOptions,
  method: Method,
  path: string,
  { params = {}, query = {}, body, idempotencyKey, ifMatch, signal }: LooseOptions,
): Promise<unknown> {
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  const asked = typeof mode === 'function' ? mode() : mode
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(`${baseUrl}${target}${queryString(query)}`, {
    method: method.toUpperCase(),
    headers: {
      accept: 'application/json',
      'farebox-csrf': '1',
      ...(asked !== undefined && { 'farebox-mode': asked }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  })
  const content: unknown = await response.json().catch(() => undefined)
  if (response.ok) return content
  throw new ProblemError(asProblem(content, response))
}

function queryString(query: NonNullable<LooseOptions['query']>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) search.set(name, String(value))
  }
  return search.size === 0 ? '' : `?${search.toString()}`
}

/** A proxy in between may answer something that is no problem document; it is made into one. */
function asProblem(content: unknown, { status, statusText, headers }: Response): ProblemDocument {
  const isProblem = typeof content === 'object' && content !== null && 'code' in content
  if (isProblem) return content as ProblemDocument
  return {
    status,
    code: 'unexpected_answer',
    title: 'Unexpected answer',
    detail: `The server answered ${status} ${statusText}.`,
    requestId: headers.get('x-request-id') ?? '',
  }
}
