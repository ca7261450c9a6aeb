import type { Call, Handlers, UnlistedHandlers } from './calls.ts'
import { operationShapes, type OperationKey, type Shape } from './shapes.ts'

export interface Route {
  /** `POST /v1/customers/{id}` */
  readonly key: string
  readonly method: string
  readonly segments: readonly string[]
  readonly parameters: Shape
  readonly answer: Shape
  readonly handle: (call: Call<never>) => unknown
}

export interface Match {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
}

export interface Router {
  readonly routes: readonly Route[]
  find(method: string, path: string): Match | undefined
}

export function createRouter(
  handlers: readonly Handlers[],
  unlisted: readonly UnlistedHandlers[],
): Router {
  const routes: Route[] = []
  for (const group of handlers) {
    for (const [key, handle] of Object.entries(group)) {
      // The shapes are looked up when the route is first used; see `operationShapes`.
      routes.push({
        ...split(key),
        get parameters() {
          return operationShapes(key as OperationKey).parameters
        },
        get answer() {
          return operationShapes(key as OperationKey).answer
        },
        handle,
      })
    }
  }
  for (const group of unlisted) {
    for (const [key, { parameters, handle }] of Object.entries(group)) {
      routes.push({ ...split(key), parameters, answer: 'any', handle })
    }
  }

  // By method and number of segments, fixed paths first: /customers/search is not the customer named search.
  const buckets = new Map<string, Route[]>()
  for (const route of routes) {
    const key = bucketOf(route.method, route.segments.length)
    buckets.set(key, [...(buckets.get(key) ?? []), route])
  }
  for (const bucket of buckets.values()) bucket.sort((a, b) => variables(a) - variables(b))

  return {
    routes,
    find(method, path) {
      const segments = path.split('/').slice(1)
      for (const route of buckets.get(bucketOf(method, segments.length)) ?? []) {
        const variables = matchSegments(route.segments, segments)
        if (variables !== undefined) return { route, path: variables }
      }
      return undefined
    },
  }
}

function split(key: string): { key: string; method: string; segments: readonly string[] } {
  const [method = '', path = ''] = key.split(' ')
  return { key, method, segments: path.split('/').slice(1) }
}

const bucketOf = (method: string, count: number): string => `${method} ${count}`
const variables = (route: Route): number =>
  route.segments.filter((segment) => segment.startsWith('{')).length

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const found: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined
      continue
    }
    if (segment === '') return undefined
    try {
      found[expected.slice(1, -1)] = decodeURIComponent(segment)
    } catch {
      return undefined
    }
  }
  return found
}
