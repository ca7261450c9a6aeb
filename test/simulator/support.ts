import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Stripe } from 'stripe'
import { afterAll, beforeAll } from 'vitest'
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/simulator.ts'

/** 1 January 2026, 00:00:00 UTC. */
export const NEW_YEAR = 1_767_225_600
export const HOUR = 3_600
export const DAY = 24 * HOUR
export const JANUARY = 31 * DAY

export interface TestSimulator {
  readonly url: string
  /** An official client with an account of its own, unless a key is given. */
  stripe(key?: string): Stripe
  /** A call to the control API, for the account of the client's key. */
  control(method: 'GET' | 'POST', path: string, body?: unknown, key?: string): Promise<unknown>
}

let accounts = 0

/** A fresh simulator for the tests of one file, strict about the shape of everything it sends. */
export function useSimulator(options: Partial<SimulatorOptions> = {}): TestSimulator {
  let simulator: Simulator | undefined
  beforeAll(async () => {
    simulator = await startSimulator({
      host: '127.0.0.1',
      port: 0,
      data: 'memory',
      seed: 'tests',
      checksShapes: true,
      ...options,
      settings: { meterLagMs: 0, searchLagMs: 0, ...options.settings },
    })
  })
  afterAll(() => simulator?.close())
  const url = (): string => simulator?.url ?? ''
  return {
    get url() {
      return url()
    },
    stripe(key) {
      accounts += 1
      return clientFor(url(), key ?? `sk_test_${accounts}`)
    },
    async control(method, path, body, key) {
      const response = await fetch(`${url()}${path}`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer: unknown = await response.json()
      if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
      return answer
    },
  }
}

export function clientFor(url: string, key: string): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
}

/** What a call is refused with. Fails when it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('The call was expected to be refused, and was not')
}

/** Advances a test clock and waits until it is ready. */
export async function advance(stripe: Stripe, clock: string, to: number): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: to })
  for (let tries = 0; tries < 2_000; tries++) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock)
    if (status === 'ready') return
    if (status === 'internal_failure') throw new Error(`The clock ${clock} failed`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`The clock ${clock} did not arrive`)
}

export async function createClock(stripe: Stripe, at = NEW_YEAR): Promise<string> {
  const { id } = await stripe.testHelpers.testClocks.create({ frozen_time: at })
  return id
}

/** A customer with a card, on a test clock unless it is null. */
export async function createCustomer(
  stripe: Stripe,
  clock: string | null,
  card = 'pm_card_visa',
): Promise<Stripe.Customer> {
  return stripe.customers.create({
    name: 'Ada',
    email: 'ada@example.com',
    payment_method: card,
    invoice_settings: { default_payment_method: card },
    ...(clock === null ? {} : { test_clock: clock }),
  })
}

export async function createPrice(
  stripe: Stripe,
  amount: number,
  extra: Partial<Stripe.PriceCreateParams> = {},
): Promise<Stripe.Price> {
  const product = await stripe.products.create({ name: `Plan at ${amount}` })
  return stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: amount,
    recurring: { interval: 'month' },
    ...extra,
  })
}

/** A subscription of Ada's, monthly, on a clock of its own that stands at the new year. */
export async function subscribe(
  simulator: TestSimulator,
  {
    amount = 3_100,
    card = 'pm_card_visa',
    ...extra
  }: Partial<Stripe.SubscriptionCreateParams> & {
    readonly amount?: number
    readonly card?: string
  } = {},
) {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock, card)
  const price = await createPrice(stripe, amount)
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    ...extra,
  })
  return { stripe, clock, customer, price, subscription, item: subscription.items.data[0]! }
}

/** The id behind a field that may be expanded. */
export function idOf(field: string | { readonly id: string } | null): string {
  if (field === null) throw new Error('There is nothing in this field')
  return typeof field === 'string' ? field : field.id
}

/** The amounts of an invoice's lines. */
export function lineAmounts(invoice: Stripe.Invoice): number[] {
  return invoice.lines.data.map(({ amount }) => amount)
}

/** All event types of an account, in the order they happened. */
export async function eventTypes(stripe: Stripe): Promise<string[]> {
  const types: string[] = []
  for await (const event of stripe.events.list({ limit: 100 })) types.push(event.type)
  return types.toReversed()
}

export interface Received {
  readonly body: string
  readonly signature: string
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** What the next requests are answered with; 200 when nothing is left. */
  readonly answers: number[]
  close(): Promise<void>
}

/** A webhook endpoint that keeps what it gets, byte for byte. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const answers: number[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({
        body: Buffer.concat(chunks).toString('utf8'),
        signature: String(request.headers['stripe-signature']),
      })
      response.writeHead(answers.shift() ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    received,
    answers,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
