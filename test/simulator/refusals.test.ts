import { beforeAll, expect, test } from 'vitest'
import { operations } from '../../src/simulator/operations.ts'
import { createRouter, type Route } from '../../src/simulator/wire/router.ts'
import { resolved, type Shape } from '../../src/simulator/wire/shapes.ts'
import { useSimulator } from './support.ts'

const simulator = useSimulator()
const { routes } = createRouter(operations, [])
const KEY = 'sk_test_refusals'

interface Refusal {
  readonly status: number
  readonly error: { readonly type: string; readonly code?: string; readonly param?: string }
}

/** Names a path that names nothing, so that nothing can be changed by a call that is let through. */
function pathOf(route: Route): string {
  return `/${route.segments.map((it) => (it.startsWith('{') ? 'none_1' : it)).join('/')}`
}

type Params = Readonly<Record<string, unknown>>

async function send(route: Route, params: Params): Promise<Refusal> {
  const form = new URLSearchParams(pairsOf(params)).toString()
  const isQuery = route.method !== 'POST'
  const isV2 = route.segments[0] === 'v2'
  const response = await fetch(`${simulator.url}${pathOf(route)}${isQuery ? `?${form}` : ''}`, {
    method: route.method,
    headers: {
      Authorization: `Bearer ${route.key.endsWith('meter_event_stream') ? session : KEY}`,
      'Stripe-Version': '2026-10-28.endive',
      'Content-Type': isV2 ? 'application/json' : 'application/x-www-form-urlencoded',
    },
    ...(isQuery ? {} : { body: isV2 ? JSON.stringify(params) : form }),
  })
  const body = (await response.json()) as Partial<Refusal>
  return { status: response.status, error: body.error ?? { type: 'none' } }
}

function pairsOf(value: unknown, name = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  return Object.entries(value).flatMap(([key, child]) =>
    pairsOf(child, name === '' ? key : `${name}[${key}]`),
  )
}

type Fields = Readonly<Record<string, Shape>>

function fieldsOf(shape: Shape): Fields {
  const structure = resolved(shape)
  return typeof structure === 'object' && 'fields' in structure ? structure.fields : {}
}

/** The plainest value a parameter takes. */
function plainValue(shape: Shape): unknown {
  const structure = resolved(shape)
  if (structure === 'boolean') return true
  if (structure === 'integer' || structure === 'number') return 1
  if (structure === 'decimal') return '1'
  if (typeof structure === 'string') return 'x'
  if ('enum' in structure) return structure.enum[0]
  if ('anyOf' in structure) return plainValue(structure.anyOf[0] ?? 'any')
  if ('list' in structure) return [plainValue(structure.list)]
  if ('map' in structure) return { key: plainValue(structure.map) }
  if (!('fields' in structure)) return 'x'
  const required = requiredParams(structure.fields)
  const [optional] = Object.keys(structure.fields)
  // A form has no way to say that a hash is empty.
  if (Object.keys(required).length > 0 || optional === undefined) return required
  return { [nameOf(optional)]: plainValue(structure.fields[optional] ?? 'any') }
}

/** All that is required, so that only what a test adds can be wrong. */
function requiredParams(fields: Fields): Params {
  const names = Object.keys(fields).filter((key) => !key.endsWith('?'))
  return Object.fromEntries(names.map((name) => [name, plainValue(fields[name] ?? 'any')]))
}

function without(params: Params, name: string): Params {
  return Object.fromEntries(Object.entries(params).filter(([key]) => key !== name))
}

const nameOf = (key: string): string => key.replace(/\?$/, '')

/** A value no parameter of this shape takes, in a form; undefined when it takes anything. */
function wrongValue(shape: Shape): string | undefined {
  const structure = resolved(shape)
  if (structure === 'any' || structure === 'string' || structure === 'text') return undefined
  if (typeof structure === 'string') return 'no such value'
  if ('anyOf' in structure) {
    const isOpen = structure.anyOf.some((branch) => wrongValue(branch) === undefined)
    return isOpen ? undefined : 'no such value'
  }
  if ('expandable' in structure) return undefined
  return 'no such value'
}

const formRoutes = routes.filter(({ segments }) => segments[0] === 'v1')
let session = ''

beforeAll(async () => {
  const made = await simulator.stripe(KEY).v2.billing.meterEventSession.create()
  session = made.authentication_token
})

test.each(routes.map((route) => [route.key, route] as const))(
  '%s refuses a parameter it does not know',
  async (_, route) => {
    const { status, error } = await send(route, {
      ...requiredParams(fieldsOf(route.parameters)),
      unheard_of: '1',
    })
    expect({ status, ...error }).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      code: 'parameter_unknown',
      param: 'unheard_of',
    })
  },
)

const required = formRoutes.flatMap((route) =>
  Object.keys(fieldsOf(route.parameters))
    .filter((name) => !name.endsWith('?'))
    .map((name) => [route.key, name, route] as const),
)
test.each(required)('%s asks for %s', async (_, name, route) => {
  const params = without(requiredParams(fieldsOf(route.parameters)), name)
  const { status, error } = await send(route, params)
  expect({ status, ...error }).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    code: 'parameter_missing',
    param: name,
  })
})

test.each(formRoutes.map((route) => [route.key, route] as const))(
  '%s refuses every parameter of the wrong type, and empty ones that cannot be unset',
  async (_, route) => {
    const fields = fieldsOf(route.parameters)
    const unexpected: string[] = []
    for (const [key, shape] of Object.entries(fields)) {
      const name = nameOf(key)
      const rest = without(requiredParams(fields), name)
      const wrong = wrongValue(shape)
      const isUnsettable =
        shape === 'text' || shape === 'any' || (typeof shape === 'object' && 'nullable' in shape)
      const tries = [
        ...(wrong === undefined ? [] : [{ value: wrong, code: undefined }]),
        ...(isUnsettable ? [] : [{ value: '', code: 'parameter_invalid_empty' }]),
      ]
      for (const { value, code } of tries) {
        const { status, error } = await send(route, { ...rest, [name]: value })
        const isRefused =
          status === 400 &&
          error.type === 'invalid_request_error' &&
          error.param === name &&
          (code === undefined || error.code === code)
        if (!isRefused) unexpected.push(`${name}=${value}: ${status} ${JSON.stringify(error)}`)
      }
    }
    expect(unexpected).toEqual([])
  },
)

const onObjects = routes.filter(({ segments }) => segments.some((it) => it.startsWith('{')))
test.each(onObjects.map((route) => [route.key, route] as const))(
  '%s does not find what is not there',
  async (_, route) => {
    const { status, error } = await send(route, {
      ...requiredParams(fieldsOf(route.parameters)),
      ...(route.key.endsWith('/attach') ? { customer: 'cus_1' } : {}),
    })
    expect({ status, ...error }).toMatchObject({
      status: 404,
      type: 'invalid_request_error',
      code: 'resource_missing',
    })
  },
)

const lists = formRoutes.filter(
  (route) => route.method === 'GET' && fieldsOf(route.parameters)['limit?'] !== undefined,
)
test.each(lists.map((route) => [route.key, route] as const))(
  '%s pages within Stripe’s bounds',
  async (_, route) => {
    const rest = requiredParams(fieldsOf(route.parameters))
    for (const limit of ['0', '101', '-1']) {
      const { status, error } = await send(route, { ...rest, limit })
      expect({ limit, status, param: error.param }).toEqual({ limit, status: 400, param: 'limit' })
    }
    if (fieldsOf(route.parameters)['starting_after?'] === undefined) return
    const both = await send(route, { ...rest, starting_after: 'a', ending_before: 'b' })
    expect(both.error.code).toBe('parameters_exclusive')
    // Where a list belongs to something, that comes first, and it is not there.
    const belongs = route.segments.some((it) => it.startsWith('{')) || Object.keys(rest).length > 0
    if (belongs || route.key.endsWith('/credit_balance_transactions')) return
    const nowhere = await send(route, { ...rest, starting_after: 'none_1' })
    expect(nowhere).toMatchObject({ status: 400, error: { param: 'starting_after' } })
  },
)

test('a method that an address does not know is unrecognized, not a success', async () => {
  const listed = new Set(routes.map(({ key }) => key))
  for (const route of routes) {
    for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'PATCH']) {
      const other = { ...route, method }
      if (listed.has(`${method} /${route.segments.join('/')}`)) continue
      const { status, error } = await send(other, {})
      // `GET /v1/prices/search` may also be read as a price with that id.
      expect({ call: `${method} ${pathOf(route)}`, status, type: error.type }).toEqual({
        call: `${method} ${pathOf(route)}`,
        status: 404,
        type: 'invalid_request_error',
      })
    }
  }
})
