import { Stripe } from 'stripe'
import { operations } from '../../../src/simulator/operations.ts'
import { findShapeProblems } from '../../../src/simulator/wire/conform.ts'
import { createRouter } from '../../../src/simulator/wire/router.ts'
import { namedShape } from '../../../src/simulator/wire/shapes.ts'
import { EVENT_OBJECTS } from '../../../src/simulator/wire/stripe-tables.generated.ts'
import { advance, clientFor, type TestSimulator } from '../support.ts'

const router = createRouter(operations, [])

/** `POST /v1/customers/{id}`, for everything the simulator answers. */
export const listedOperations: readonly string[] = router.routes.map(({ key }) => key).sort()

/** An account that is walked through: an official client whose every answer is held against the specification. */
export interface Walk {
  readonly simulator: TestSimulator
  readonly key: string
  readonly stripe: Stripe
  /** Operations that succeeded. */
  readonly succeeded: Set<string>
  readonly problems: string[]
  control(path: string, body?: unknown): Promise<unknown>
  advance(clock: string, seconds: number): Promise<void>
}

export function startWalk(simulator: TestSimulator, key: string): Walk {
  const succeeded = new Set<string>()
  const problems: string[] = []

  async function recordingFetch(
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    const response = await fetch(input, init)
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    const match = router.find(init?.method ?? 'GET', pathname)
    const text = await response.clone().text()
    const name = match?.route.key ?? `${init?.method} ${pathname}`
    if (match === undefined || !response.ok) {
      problems.push(...findShapeProblems(JSON.parse(text), ERROR).map((it) => `${name}: ${it}`))
    } else {
      succeeded.add(name)
      const found = text === '' ? [] : findShapeProblems(JSON.parse(text), match.route.answer)
      problems.push(...found.map((it) => `${name}: ${it}`))
    }
    return response
  }

  const { hostname, port } = new URL(simulator.url)
  const stripe = new Stripe(key, {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient(recordingFetch),
  })
  const quiet = clientFor(simulator.url, key)
  return {
    simulator,
    key,
    stripe,
    succeeded,
    problems,
    control: (path, body = {}) => simulator.control('POST', path, body, key),
    async advance(clock, seconds) {
      const { frozen_time: now } = await quiet.testHelpers.testClocks.retrieve(clock)
      await advance(stripe, clock, now + seconds)
    },
  }
}

const ERROR = { ref: 'error' } as const

/** What a webhook body has against the specification. */
export function problemsOfWebhook(body: string): readonly string[] {
  const event = JSON.parse(body) as { type: string; data: { object: { object: string } } }
  const known = EVENT_OBJECTS[event.type]?.split('|') ?? []
  const name = known.find((candidate) => candidate === event.data.object.object)
  if (name === undefined) return [`${event.type} cannot carry a ${event.data.object.object}`]
  // Shown before it exists, and so without an id.
  const carried =
    event.type === 'invoice.upcoming' ? { id: 'none', ...event.data.object } : event.data.object
  return [
    ...findShapeProblems(event, namedShape('event') ?? 'any'),
    ...findShapeProblems(carried, namedShape(name) ?? 'any'),
  ].map((it) => `${event.type}: ${it}`)
}

export function monthly(product: string, amount: number): Stripe.PriceCreateParams {
  return { product, currency: 'usd', unit_amount: amount, recurring: { interval: 'month' } }
}
