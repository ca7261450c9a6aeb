import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  createClock,
  createCustomer,
  createPrice,
  DAY,
  HOUR,
  JANUARY,
  lineAmounts,
  NEW_YEAR,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

const at = (text: string): number => Date.parse(`${text}Z`) / 1_000

async function customerAt(start: number) {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe, start)
  const customer = await createCustomer(stripe, clock)
  return { stripe, clock, customer: customer.id }
}

/** Goes on from renewal to renewal and notes when each period begins. */
async function renewals(
  stripe: Stripe,
  clock: string,
  subscription: string,
  count: number,
): Promise<string[]> {
  const begins: string[] = []
  for (let n = 0; n < count; n++) {
    const { items } = await stripe.subscriptions.retrieve(subscription)
    await advance(stripe, clock, items.data[0]!.current_period_end)
    const after = await stripe.subscriptions.retrieve(subscription)
    const begin = after.items.data[0]!.current_period_start
    begins.push(new Date(begin * 1_000).toISOString().slice(0, 16))
  }
  return begins
}

test.each([
  ['2026-01-31T10:30', 1, ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']],
  ['2028-01-30T10:30', 1, ['2028-02-29', '2028-03-30', '2028-04-30', '2028-05-30']],
  ['2026-08-31T10:30', 3, ['2026-11-30', '2027-02-28', '2027-05-31', '2027-08-31']],
  ['2026-12-29T10:30', 2, ['2027-02-28', '2027-04-29', '2027-06-29', '2027-08-29']],
])(
  'an anchor on %s, every %d months, keeps its day wherever there is one',
  async (start, months, days) => {
    const { stripe, clock, customer } = await customerAt(at(start))
    const price = await createPrice(stripe, 1_000, {
      recurring: { interval: 'month', interval_count: months },
    })
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: price.id }] })
    expect(await renewals(stripe, clock, id, 4)).toEqual(days.map((day) => `${day}T10:30`))
  },
)

test('a yearly anchor on a leap day returns to it', async () => {
  const { stripe, clock, customer } = await customerAt(at('2028-02-29T00:00'))
  const price = await createPrice(stripe, 1_000, { recurring: { interval: 'year' } })
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price: price.id }] })
  expect(await renewals(stripe, clock, id, 4)).toEqual([
    '2029-02-28T00:00',
    '2030-02-28T00:00',
    '2031-02-28T00:00',
    '2032-02-29T00:00',
  ])
})

test('aligned to the first of the month, the days until then are charged in proportion', async () => {
  const { stripe, clock, customer } = await customerAt(NEW_YEAR + 21 * DAY)
  const price = await createPrice(stripe, 3_100)

  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: price.id }],
    billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
    expand: ['latest_invoice'],
  })

  const [item] = subscription.items.data
  expect(item?.current_period_end).toBe(NEW_YEAR + JANUARY)
  expect(lineAmounts(subscription.latest_invoice as Stripe.Invoice)).toEqual([1_000])
  expect(await renewals(stripe, clock, subscription.id, 2)).toEqual([
    '2026-02-01T00:00',
    '2026-03-01T00:00',
  ])
})

test('without prorations the days until the anchor are free', async () => {
  const { stripe, customer } = await customerAt(NEW_YEAR + 21 * DAY)
  const price = await createPrice(stripe, 3_100)

  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: price.id }],
    billing_cycle_anchor: NEW_YEAR + JANUARY,
    proration_behavior: 'none',
  })

  const { data } = await stripe.invoices.list({ subscription: subscription.id })
  expect(data.reduce((sum, invoice) => sum + invoice.total, 0)).toBe(0)
})

test('items with different intervals have periods of their own and meet on one invoice', async () => {
  const { stripe, clock, customer } = await customerAt(NEW_YEAR)
  const monthly = await createPrice(stripe, 1_000)
  const yearly = await createPrice(stripe, 9_000, { recurring: { interval: 'year' } })

  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: monthly.id }, { price: yearly.id }],
    expand: ['latest_invoice'],
  })
  const ends = subscription.items.data.map((item) => item.current_period_end)
  expect(ends).toEqual([at('2026-02-01T00:00'), at('2027-01-01T00:00')])
  expect(
    lineAmounts(subscription.latest_invoice as Stripe.Invoice).toSorted((a, b) => a - b),
  ).toEqual([1_000, 9_000])
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(lineAmounts(renewal!)).toEqual([1_000])
  for (let month = 2; month <= 12; month += 2) {
    await advance(stripe, clock, Date.UTC(2026, month, 1) / 1_000)
  }
  await advance(stripe, clock, at('2027-01-01T02:00'))
  const [last] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(lineAmounts(last!).toSorted((a, b) => a - b)).toEqual([1_000, 9_000])
})

test('a subscription that began in the past is charged for the time since', async () => {
  const { stripe, customer } = await customerAt(NEW_YEAR + JANUARY / 2)
  const price = await createPrice(stripe, 1_000)

  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: price.id }],
    backdate_start_date: NEW_YEAR,
    expand: ['latest_invoice'],
  })

  expect(subscription.start_date).toBe(NEW_YEAR)
  const invoice = subscription.latest_invoice as Stripe.Invoice
  expect(invoice.total).toBe(1_000)
  expect(invoice.status).toBe('paid')
})

test('tax is added to what is exclusive of it and contained in what is inclusive', async () => {
  const { stripe, customer } = await customerAt(NEW_YEAR)
  const rate = (isInclusive: boolean) =>
    stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: isInclusive })
  const [added, contained] = [await rate(false), await rate(true)]
  const price = await createPrice(stripe, 1_000)
  const bill = async (tax: string) => {
    const { latest_invoice: invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price: price.id }],
      default_tax_rates: [tax],
      expand: ['latest_invoice'],
    })
    const { total, total_excluding_tax: net, total_taxes: taxes } = invoice as Stripe.Invoice
    return { total, net, tax: taxes?.[0]?.amount }
  }

  expect(await bill(added.id)).toEqual({ total: 1_190, net: 1_000, tax: 190 })
  expect(await bill(contained.id)).toEqual({ total: 1_000, net: 840, tax: 160 })
})
