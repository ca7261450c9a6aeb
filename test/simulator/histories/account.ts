import { Stripe } from 'stripe'
import { NEW_YEAR, type TestSimulator } from '../support.ts'

interface Recorded {
  readonly url: string
  readonly body: string
  readonly key: string
  readonly answer: string
}

/** An account something happens to, and what its client has seen of it. */
export interface Account {
  readonly key: string
  readonly stripe: Stripe
  readonly clock: string
  readonly prices: readonly string[]
  readonly usagePrice: string
  readonly coupon: string
  /** Calls whose result Stripe keeps: what succeeded, and what was declined. */
  readonly kept: readonly Recorded[]
  control(path: string, body?: unknown): Promise<unknown>
}

export async function openAccount(simulator: TestSimulator, key: string): Promise<Account> {
  const kept: Recorded[] = []
  async function recordingFetch(input: string | URL | Request, init?: RequestInit) {
    const response = await fetch(input, init)
    const idempotencyKey = new Headers(init?.headers).get('idempotency-key')
    if (init?.method === 'POST' && idempotencyKey !== null && isKept(response.status)) {
      kept.push({
        url: input instanceof Request ? input.url : String(input),
        body: typeof init.body === 'string' ? init.body : '',
        key: idempotencyKey,
        answer: await response.clone().text(),
      })
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

  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR + 30 * 86_400 })
  const product = await stripe.products.create({ name: 'Plans' })
  const prices: string[] = []
  for (const amount of [0, 999, 2_900, 10_001]) {
    const price = await stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: amount,
      recurring: { interval: 'month' },
    })
    prices.push(price.id)
  }
  const meter = await stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: 'calls',
    default_aggregation: { formula: 'sum' },
  })
  const usage = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    billing_scheme: 'tiered',
    tiers_mode: 'graduated',
    tiers: [
      { up_to: 100, unit_amount: 0 },
      { up_to: 'inf', unit_amount_decimal: Stripe.Decimal.from('0.333') },
    ],
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  })
  const coupon = await stripe.coupons.create({
    percent_off: 33.3,
    duration: 'repeating',
    duration_in_months: 2,
  })
  return {
    key,
    stripe,
    clock: clock.id,
    prices,
    usagePrice: usage.id,
    coupon: coupon.id,
    kept,
    control: (path, body = {}) => simulator.control('POST', path, body, key),
  }
}

function isKept(status: number): boolean {
  return status < 400 || status === 402
}

/** Every object there is, as the API shows it, test clock or not. */
export async function allObjects({ stripe, clock }: Account): Promise<readonly Shown[]> {
  const customers = await all(stripe.customers.list({ test_clock: clock, limit: 100 }))
  const lists = customers.flatMap(({ id: customer }) => [
    all(stripe.subscriptions.list({ customer, status: 'all', limit: 100 })),
    all(stripe.invoices.list({ customer, limit: 100 })),
    all(stripe.invoiceItems.list({ customer, limit: 100 })),
    all(stripe.paymentIntents.list({ customer, limit: 100 })),
    all(stripe.charges.list({ customer, limit: 100 })),
    all(stripe.creditNotes.list({ customer, limit: 100 })),
    all(stripe.paymentMethods.list({ customer, limit: 100 })),
  ])
  const others = [
    all(stripe.refunds.list({ limit: 100 })),
    all(stripe.products.list({ limit: 100 })),
    all(stripe.prices.list({ limit: 100 })),
    all(stripe.balanceTransactions.list({ limit: 100 })),
  ]
  return [...customers, ...(await Promise.all([...lists, ...others])).flat()].map(asShown)
}

export async function allEvents({ stripe }: Account): Promise<readonly Stripe.Event[]> {
  const events = await all(stripe.events.list({ limit: 100 }))
  return events.toReversed()
}

export async function all<T extends { id: string }>(list: Stripe.ApiListPromise<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}

export type Shown = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly object: string
}

/** As it came over the wire, without what the client made of it. */
export function asShown(object: unknown): Shown {
  return JSON.parse(JSON.stringify(object)) as Shown
}
