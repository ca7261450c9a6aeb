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
  NEW_YEAR,
  refusal,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

async function totals(stripe: Stripe, subscription: string): Promise<number[]> {
  const { data } = await stripe.invoices.list({ subscription })
  return data.map(({ total }) => total).toReversed()
}

/** A subscription of 20.00 with a coupon, three months on. */
async function threeMonths(terms: Stripe.CouponCreateParams) {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 2_000)
  const coupon = await stripe.coupons.create(terms)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    discounts: [{ coupon: coupon.id }],
  })
  await advance(stripe, clock, NEW_YEAR + 45 * DAY)
  await advance(stripe, clock, NEW_YEAR + 92 * DAY)
  return totals(stripe, id)
}

test.each([
  ['once', { percent_off: 50, duration: 'once' }, [1_000, 2_000, 2_000, 2_000]],
  [
    'for two months',
    { percent_off: 50, duration: 'repeating', duration_in_months: 2 },
    [1_000, 1_000, 2_000, 2_000],
  ],
  ['forever', { percent_off: 12.5, duration: 'forever' }, [1_750, 1_750, 1_750, 1_750]],
  ['by an amount', { amount_off: 2_500, currency: 'usd', duration: 'forever' }, [0, 0, 0, 0]],
] satisfies readonly (readonly [string, Stripe.CouponCreateParams, readonly number[]])[])(
  'a coupon %s lowers the invoices it is for and no others',
  async (_, terms, expected) => {
    expect(await threeMonths(terms)).toEqual(expected)
  },
)

test('a coupon for one use is used up by an invoice that asks for nothing anyway', async () => {
  const coupon = { percent_off: 50, duration: 'once' } as const
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 2_000)
  const { id: couponId } = await stripe.coupons.create(coupon)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    discounts: [{ coupon: couponId }],
    trial_period_days: 7,
  })
  await advance(stripe, clock, NEW_YEAR + 8 * DAY)
  expect(await totals(stripe, id)).toEqual([0, 2_000])
})

test('a coupon for some products leaves the others alone', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null)
  const [seat, support] = [await createPrice(stripe, 1_000), await createPrice(stripe, 500)]
  const coupon = await stripe.coupons.create({
    percent_off: 100,
    duration: 'forever',
    applies_to: { products: [support.product as string] },
  })
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: seat.id }, { price: support.id }],
    discounts: [{ coupon: coupon.id }],
  })
  expect(await totals(stripe, id)).toEqual([1_000])
})

test('an empty list of discounts takes them away', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null)
  const price = await createPrice(stripe, 1_000)
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' })
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    discounts: [{ coupon: coupon.id }],
  })
  expect((await stripe.subscriptions.update(id, { discounts: '' })).discounts).toEqual([])
})

test.each([
  [{ percent_off: 10, amount_off: 10, currency: 'usd', duration: 'once' }, undefined],
  [{ duration: 'once' }, undefined],
  [{ amount_off: 10, duration: 'once' }, 'currency'],
  [{ percent_off: 10, duration: 'repeating' }, 'duration_in_months'],
  [{ percent_off: 101, duration: 'once' }, 'percent_off'],
] satisfies readonly (readonly [Stripe.CouponCreateParams, string | undefined])[])(
  'a coupon that makes no sense is refused: %j',
  async (terms, param) => {
    const error = await refusal(simulator.stripe().coupons.create(terms))
    expect(error.statusCode).toBe(400)
    if (param !== undefined) expect(error.param).toBe(param)
  },
)

test('a coupon is given as often as it may be, and until it may not be any more', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null)
  const price = await createPrice(stripe, 1_000)
  const use = (coupon: string) =>
    stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      discounts: [{ coupon }],
    })
  const scarce = await stripe.coupons.create({
    percent_off: 10,
    duration: 'forever',
    max_redemptions: 1,
  })

  await use(scarce.id)

  expect(await refusal(use(scarce.id))).toMatchObject({ code: 'coupon_expired' })
  expect(await stripe.coupons.retrieve(scarce.id)).toMatchObject({
    times_redeemed: 1,
    valid: false,
  })
})

async function withCode(extra: Partial<Stripe.PromotionCodeCreateParams> = {}) {
  const stripe = simulator.stripe()
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' })
  const create = (more: Partial<Stripe.PromotionCodeCreateParams> = {}) =>
    stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'Spring',
      ...extra,
      ...more,
    })
  const price = await createPrice(stripe, 1_000)
  const use = (customer: string, code: string) =>
    stripe.subscriptions.create({
      customer,
      items: [{ price: price.id }],
      discounts: [{ promotion_code: code }],
    })
  return { stripe, coupon, create, use }
}

test('two active codes are never spelled alike, whatever their case', async () => {
  const { stripe, create } = await withCode()
  const first = await create()

  expect((await refusal(create({ code: 'SPRING' }))).code).toBe('promotion_code_already_exists')
  await stripe.promotionCodes.update(first.id, { active: false })

  expect((await create({ code: 'SPRING' })).active).toBe(true)
  expect((await stripe.promotionCodes.list({ code: 'spring', active: true })).data).toHaveLength(1)
  const back = stripe.promotionCodes.update(first.id, { active: true })
  expect((await refusal(back)).code).toBe('promotion_code_already_exists')
})

test('a code for first orders is no good for the second', async () => {
  const { stripe, create, use } = await withCode({
    restrictions: { first_time_transaction: true },
  })
  const code = await create()
  const customer = await createCustomer(stripe, null)

  expect((await use(customer.id, code.id)).discounts).toHaveLength(1)
  expect((await refusal(use(customer.id, code.id))).code).toBe('promotion_code_invalid')
})

test('a code for one customer is no good for another', async () => {
  const { stripe, create, use } = await withCode()
  const [ada, bob] = [await createCustomer(stripe, null), await createCustomer(stripe, null)]
  const code = await create({ customer: ada.id })

  expect((await refusal(use(bob.id, code.id))).code).toBe('promotion_code_invalid')
  expect((await use(ada.id, code.id)).discounts).toHaveLength(1)
})

test('a code with a minimum is no good for less', async () => {
  const { stripe, create, use } = await withCode()
  const customer = await createCustomer(stripe, null)
  const terms = { minimum_amount_currency: 'usd' }
  const dear = await create({ restrictions: { ...terms, minimum_amount: 1_001 } })
  const fair = await create({ code: 'FAIR', restrictions: { ...terms, minimum_amount: 1_000 } })

  expect((await refusal(use(customer.id, dear.id))).code).toBe('promotion_code_invalid')
  expect((await use(customer.id, fair.id)).discounts).toHaveLength(1)
})

test('a code ends with its coupon', async () => {
  const { stripe, coupon, create, use } = await withCode()
  const code = await create()
  await stripe.coupons.del(coupon.id)
  const customer = await createCustomer(stripe, null)

  expect((await stripe.promotionCodes.retrieve(code.id)).active).toBe(false)
  expect((await refusal(use(customer.id, code.id))).statusCode).toBe(400)
})

test('credit on the balance pays before the card, and what is left stays', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator, { amount: 2_000 })
  await stripe.customers.createBalanceTransaction(customer.id, { amount: -2_500, currency: 'usd' })

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(invoice).toMatchObject({
    total: 2_000,
    amount_due: 0,
    starting_balance: -2_500,
    ending_balance: -500,
    status: 'paid',
  })
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -500 })
  const [booked] = (await stripe.customers.listBalanceTransactions(customer.id)).data
  expect(booked).toMatchObject({
    type: 'applied_to_invoice',
    amount: 2_000,
    ending_balance: -500,
    invoice: invoice?.id,
  })
})

test('debt on the balance is collected with the next invoice', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator, { amount: 2_000 })
  await stripe.customers.createBalanceTransaction(customer.id, { amount: 700, currency: 'usd' })

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(invoice).toMatchObject({ total: 2_000, amount_due: 2_700, amount_paid: 2_700 })
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: 0 })
})

test('what is too little to charge waits for the next invoice', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator, { amount: 49 })
  const [first] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(first).toMatchObject({ total: 49, amount_due: 0, status: 'paid' })
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: 49 })

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const [second] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(second).toMatchObject({ total: 49, amount_due: 98, amount_paid: 98 })
})

test('an invoice of less than nothing becomes credit', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null)
  const invoice = await stripe.invoices.create({ customer: customer.id })
  const item = { customer: customer.id, currency: 'usd', invoice: invoice.id }
  await stripe.invoiceItems.create({ ...item, amount: -900 })

  const final = await stripe.invoices.finalizeInvoice(invoice.id)

  expect(final).toMatchObject({ total: -900, amount_due: 0, status: 'paid', ending_balance: -900 })
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -900 })
})

test('a customer pays in one currency', async () => {
  const { stripe, customer } = await subscribe(simulator)
  const euro = await createPrice(stripe, 1_000, { currency: 'eur' })

  const error = await refusal(
    stripe.subscriptions.create({ customer: customer.id, items: [{ price: euro.id }] }),
  )

  expect(error.message).toContain('cannot combine currencies')
})
