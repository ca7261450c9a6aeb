import fc from 'fast-check'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoteChange } from '../src/domain/billing/change/quote-change.ts'
import { fromUnixSeconds, toUnixSeconds } from '../src/kit/instant.ts'
import { money, toMajorString } from '../src/kit/money.ts'
import type { Period } from '../src/kit/period.ts'
import { isOverriding, type SubscriptionOverrides } from '../src/domain/subscriptions/overrides.ts'
import { startSimulator, type Simulator } from '../src/simulator/simulator.ts'
import { HALF, PACKAGE_A, paidFee, quoteInput, START } from './support/plan-changes.ts'
import { aFee, aPlan, flat, termsOf } from './support/plans.ts'

/** What we show before a change is what Stripe will ask for, line by line: two roundings, by seconds, to the cent. */
let simulator: Simulator
let stripe: Stripe
let customerId: string

beforeAll(async () => {
  simulator = await startSimulator({ host: '127.0.0.1', port: 0, data: 'memory', seed: 'preview' })
  const { hostname, port } = new URL(simulator.url)
  stripe = new Stripe('sk_test_preview', { host: hostname, port: Number(port), protocol: 'http' })
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: toUnixSeconds(START) })
  const customer = await stripe.customers.create({
    test_clock: clock.id,
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  customerId = customer.id
})

afterAll(() => simulator.close())

async function createPrice(unitAmount: bigint, currency: string): Promise<string> {
  const price = await stripe.prices.create({
    currency,
    unit_amount: Number(unitAmount),
    recurring: { interval: 'month' },
    product_data: { name: 'Plan' },
  })
  return price.id
}

/** The proration lines of Stripe's own preview, and the period they are about. */
async function previewInStripe(from: bigint, to: bigint, at: number) {
  const subscription = await stripe.subscriptions.create({
    customer: customerId,
    items: [{ price: await createPrice(from, 'usd') }],
  })
  const [item] = subscription.items.data
  const preview = await stripe.invoices.createPreview({
    customer: customerId,
    subscription: subscription.id,
    subscription_details: {
      items: [{ id: item!.id, price: await createPrice(to, 'usd') }],
      proration_behavior: 'always_invoice',
      proration_date: toUnixSeconds(at),
    },
  })
  await stripe.subscriptions.cancel(subscription.id)
  const period: Period = {
    startsAt: fromUnixSeconds(item!.current_period_start),
    endsAt: fromUnixSeconds(item!.current_period_end),
  }
  return { lines: preview.lines.data.map(({ amount }) => amount), period }
}

/** The same as terms agreed for one customer instead of another plan. */
function agreeHere(from: bigint, to: bigint, at: number, period: Period): number[] {
  const amount = toMajorString(money(to, 'usd'))
  const overrides = { prices: { fee: { type: 'amount' as const, amount, currency: 'usd' } } }
  return quoteHere(from, from, at, period, overrides)
}

function quoteHere(
  from: bigint,
  to: bigint,
  at: number,
  period: Period,
  overrides: SubscriptionOverrides = {},
): number[] {
  const plan = (amountMinor: bigint) =>
    aPlan({ engine: 'stripe_subscription', proration: PACKAGE_A }, [
      aFee('', { prices: { usd: flat(toMajorString(money(amountMinor, 'usd'))) } }),
    ])
  const [term] = termsOf(plan(from), period.startsAt, { planKey: 'starter' })
  const input = quoteInput({
    from: plan(from),
    to: plan(to),
    timing: 'immediate',
    at,
    paidFees: [{ ...paidFee(from), period }],
    subscription: { term: { ...term!, mirroredPeriod: period } },
    ...(isOverriding(overrides) && {
      isOverride: true,
      target: {
        planKey: 'starter',
        planVersion: 1,
        definition: plan(to),
        startingPhaseKey: null,
        overrides,
      },
    }),
  })
  const quote = quoteChange(input)
  if (quote.kind === 'refused') throw new Error(quote.code)
  return quote.invoice?.lines.map(({ amountMinor }) => Number(amountMinor)) ?? []
}

test('$29 to $99 at half time: Stripe’s preview and ours both say −14.50, +49.50', async () => {
  const { lines, period } = await previewInStripe(2900n, 9900n, HALF)
  expect(lines).toEqual([-1450, 4950])
  expect(quoteHere(2900n, 9900n, HALF, period)).toEqual(lines)
})

test('S5.15.7 for any two prices and any second our lines are those of Stripe’s preview', async () => {
  const fees = fc.bigInt({ min: 100n, max: 100_000n })
  const seconds = fc.integer({ min: 1, max: 30 * 86_400 - 1 })
  await fc.assert(
    fc.asyncProperty(fees, fees, seconds, async (from, to, second) => {
      const at = START + second * 1000
      const { lines, period } = await previewInStripe(from, to, at)
      const ours = quoteHere(from, to, at, period)
      expect(ours).toEqual(lines.filter((amount) => amount !== 0))
      if (from !== to) expect(agreeHere(from, to, at, period)).toEqual(ours)
    }),
    { numRuns: 25 },
  )
})
