import { performance } from 'node:perf_hooks'
import { Stripe } from 'stripe'
import type { MeasuredServer } from './process.ts'

const NEW_YEAR = 1_767_225_600
const MONTHS = 12
const CUSTOMERS_A_CLOCK = 3

export interface Year {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly invoices: number
  readonly events: number
}

/** A year of renewals on test clocks, two months at a time, which is as far as Stripe goes at once. */
export async function simulateYear(server: MeasuredServer, subscriptions: number): Promise<Year> {
  const { hostname, port } = new URL(server.url)
  const stripe = new Stripe('sk_test_year', { host: hostname, port, protocol: 'http' })
  const product = await stripe.products.create({ name: 'Year' })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 2_900,
    recurring: { interval: 'month' },
  })
  const clocks: string[] = []
  for (let n = 0; n < subscriptions; n++) {
    if (n % CUSTOMERS_A_CLOCK === 0) {
      clocks.push((await stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR })).id)
    }
    const customer = await stripe.customers.create({
      test_clock: clocks.at(-1) ?? '',
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    })
    await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  }

  const before = await server.usage()
  const startedAt = performance.now()
  for (let month = 2; month <= MONTHS; month += 2) {
    const to = Date.UTC(2026, month, 1) / 1_000
    await Promise.all(clocks.map((clock) => advance(stripe, clock, to)))
  }
  // The last renewals are drafts for an hour.
  const end = Date.UTC(2026, MONTHS, 1, 2) / 1_000
  await Promise.all(clocks.map((clock) => advance(stripe, clock, end)))
  const seconds = (performance.now() - startedAt) / 1_000
  const after = await server.usage()
  return {
    seconds,
    cpuSeconds: (after.cpuMs - before.cpuMs) / 1_000,
    invoices: await count(stripe.events.list({ limit: 100, type: 'invoice.paid' })),
    events: await count(stripe.events.list({ limit: 100 })),
  }
}

async function advance(stripe: Stripe, clock: string, to: number): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: to })
  for (;;) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock)
    if (status === 'ready') return
    if (status === 'internal_failure') throw new Error(`The clock ${clock} failed`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function count(list: AsyncIterable<unknown>): Promise<number> {
  let found = 0
  for await (const _ of list) found += 1
  return found
}
