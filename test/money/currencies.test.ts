import { afterAll, beforeAll, expect, test } from 'vitest'
import { stripeFactor, stripeIncrement } from '../../src/kit/currency.ts'
import type { Actor } from '../support/actor.ts'
import { offersCoupon, refusalOf } from '../support/coupons.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type SoldPlan, type World } from '../support/world.ts'

/** Fees and awkward unit prices in each currency: shares and percentages of them never come out even. */
const SOLD = {
  usd: { small: '29.00', large: '99.00', unit: '0.003', off: '5.00' },
  jpy: { small: '2900', large: '9900', unit: '0.3', off: '500' },
  krw: { small: '29000', large: '99000', unit: '0.7', off: '5000' },
  kwd: { small: '9.50', large: '29.90', unit: '0.0007', off: '1.25' },
  bhd: { small: '9.50', large: '29.90', unit: '0.013', off: '1.25' },
  isk: { small: '2900', large: '9900', unit: '0.3', off: '500' },
  ugx: { small: '29000', large: '99000', unit: '0.77', off: '5000' },
}
type Code = keyof typeof SOLD
const CODES = Object.keys(SOLD) as Code[]

function inAll<T>(of: (code: Code) => T): Record<string, T> {
  return Object.fromEntries(CODES.map((code) => [code, of(code)]))
}

const sold = (size: 'small' | 'large', changes: Partial<SoldPlan> = {}): SoldPlan =>
  monthly(
    size,
    [
      fee('', { prices: inAll((code) => ({ type: 'flat', amount: SOLD[code][size] })) }),
      priced(
        'requests',
        { type: 'unit', amount: '' },
        { prices: inAll((code) => ({ type: 'unit', amount: SOLD[code].unit })) },
      ),
    ],
    { currencies: CODES, ...changes },
  )

const PACK = { name: 'Pack', unit: 'custom:credits', amountPerPack: '100' }

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('small', sold('small'))
  await world.sells('large', sold('large'))
  await world.sells('own', sold('small', { engine: 'stripe_invoice', checkoutMode: 'setup' }))
  await world.sells(
    'cents',
    monthly('Cents', [priced('requests', { type: 'unit', amount: '0.07' })]),
  )
  await world.sells(
    'own_cents',
    monthly('Own cents', [priced('requests', { type: 'unit', amount: '0.07' })], {
      engine: 'stripe_invoice',
      checkoutMode: 'setup',
    }),
  )
  await offersCoupon(world, 'eighth')
  await offersCoupon(world, 'amount', {
    off: { type: 'amount', amounts: inAll((code) => SOLD[code].off) },
  })
  await offersCoupon(world, 'dollars', { off: { type: 'amount', amounts: { usd: '5.00' } } })
})
afterAll(() => world.close())

async function buys(actor: Actor, planKey: string, currency?: string, code?: string) {
  const purchase = await actor.choosesPlan(planKey, code, currency)
  const paid = await purchase.pays()
  if (!paid.ok) throw new Error(await paid.text())
  await purchase.settles()
  await until(
    () => actor.overview(),
    ({ subscription }) => subscription?.lifecycle === 'active',
  )
  await actor.takesKey()
}

interface StripeInvoice {
  readonly currency: string
  readonly total: number
  readonly amount_due: number
  readonly lines: { readonly data: readonly { readonly amount: number }[] }
}

interface StripePrice {
  readonly lookup_key: string
  readonly unit_amount_decimal: string
}

/** A list of Stripe's, newest first. */
async function inStripe<T>(path: string): Promise<T[]> {
  const response = await fetch(`${world.running.simulatorUrl}${path}`, {
    headers: { authorization: 'Bearer sk_test_farebox' },
  })
  return ((await response.json()) as { data: T[] }).data
}

/** Newest first, once there are as many and all are paid. */
const paid = (actor: Actor, count: number) =>
  until(
    async () => (await actor.portal.get('/api/v1/portal/invoices')).data,
    (list) => list.length === count && list.every(({ state }) => state === 'paid'),
  )

test.each(['jpy', 'kwd', 'isk'] as const)(
  'in %s a purchase, usage, a change and a renewal cost what was foretold, the same here and in Stripe, in amounts that can be charged',
  async (currency) => {
    const ada = await world.customer(`Ada_${currency}`)
    const offer = await ada.portal.post('/api/v1/portal/subscriptions/preview', {
      body: { planKey: 'small', promotionCode: 'eighth', currency },
    })
    await buys(ada, 'small', currency, 'eighth')
    await ada.callsTimes(7)
    await world.advance('P11D')
    const quote = await ada.portal.post('/api/v1/portal/subscription/change/preview', {
      body: { planKey: 'large' },
    })
    await ada.portal.post('/api/v1/portal/subscription/change', {
      body: { quoteId: quote.quoteId },
    })
    await until(
      () => ada.overview(),
      ({ subscription }) => subscription?.planKey === 'large',
    )
    await ada.callsTimes(5)
    const next = await until(
      () => ada.portal.get('/api/v1/portal/next-invoice'),
      ({ invoice }) =>
        invoice?.lines.some(({ description }) => description === 'requests: 5') === true,
    )
    await world.advance('P1M')
    const [renewal, change, first] = await paid(ada, 3)

    expect(first?.total).toEqual(offer.invoice?.total)
    expect(change?.total).toEqual(quote.invoice?.total)
    expect(renewal?.total).toEqual(next.invoice?.total)
    const factor = Number(stripeFactor(currency))
    const theirs = (await inStripe<StripeInvoice>('/v1/invoices?limit=100')).filter(
      (invoice) => invoice.currency === currency,
    )
    expect(theirs.map(({ total }) => total)).toEqual(
      [renewal, change, first].map((invoice) => (invoice?.total.amountMinor ?? 0) * factor),
    )
    const amounts = theirs.flatMap(({ amount_due, lines }) => [
      amount_due,
      ...lines.data.map(({ amount }) => amount),
    ])
    for (const amount of amounts)
      expect(Math.abs(amount % Number(stripeIncrement(currency)))).toBe(0)
    const { data: findings } = await world.operator.get('/api/v1/findings', { query: {} })
    expect(findings).toEqual([])
  },
)

test('a customer pays in one currency: the first purchase decides, and nothing is offered or sold in another one', async () => {
  const bob = await world.customer('Bob')
  expect((await bob.portal.get('/api/v1/portal/plans')).currency).toBeNull()
  await buys(bob, 'own', 'jpy')

  expect((await bob.portal.get('/api/v1/portal/plans')).currency).toBe('jpy')
  const params = { packKey: 'dollars' }
  const putPack = (priceMinor: number, currency: string) =>
    world.operator.put('/api/v1/credit-packs/{packKey}', {
      params,
      body: { ...PACK, priceMinor, currency },
    })
  expect(await refusalOf(putPack(1_001, 'kwd'))).toBe('invalid_request')
  expect(await refusalOf(putPack(49, 'usd'))).toBe('invalid_request')
  await putPack(1_000, 'usd')
  const body = { packKey: 'dollars', quantity: 1 }
  expect(await refusalOf(bob.portal.post('/api/v1/portal/credit-purchases', { body }))).toBe(
    'currency_fixed',
  )
  await bob.portal.post('/api/v1/portal/subscription/cancel')
  await world.advance('P1M')
  expect(await refusalOf(bob.choosesPlan('small', undefined, 'usd'))).toBe('currency_fixed')
  expect(await refusalOf(bob.choosesPlan('cents'))).toBe('currency_not_offered')
  await buys(bob, 'small')
  expect((await bob.overview()).subscription).toMatchObject({ currency: 'jpy' })
})

test.each(['cents', 'own_cents'])(
  'an invoice of %s below what Stripe charges at least is settled, and its sum is owed with the next one',
  async (planKey) => {
    const cyd = await world.customer(`Cyd_${planKey}`)
    await buys(cyd, planKey)
    await cyd.callsTimes(6)
    await world.advance('P1M')
    const small = await until(
      () => cyd.portal.get('/api/v1/portal/invoices'),
      ({ data }) => data[0]?.state === 'paid' && data[0].total.amountMinor === 42,
    )

    expect(small.data[0]).toMatchObject({ amountDue: { amountMinor: 0 } })
    await cyd.callsTimes(2)
    await world.advance('P1M')
    const next = await until(
      () => cyd.portal.get('/api/v1/portal/invoices'),
      ({ data }) => data[0]?.state === 'paid' && data[0].total.amountMinor === 14,
    )
    expect(next.data[0]).toMatchObject({ amountDue: { amountMinor: 56 } })
    const payments = await cyd.portal.get('/api/v1/portal/payments')
    expect(payments.data.map(({ amount }) => amount.amountMinor)).toEqual([56])
  },
)

test('an amount off is the one of the currency, and a coupon without it is refused', async () => {
  const dan = await world.customer('Dan')
  expect(await refusalOf(dan.choosesPlan('small', 'dollars', 'kwd'))).toBe('coupon_not_applicable')

  await buys(dan, 'small', 'kwd', 'amount')

  const [invoice] = await paid(dan, 1)
  expect(invoice?.total).toEqual({ amountMinor: 8_250, currency: 'kwd' })
})

test.each([
  ['jpy', 900, 2_000],
  ['kwd', 1_230, 8_270],
  ['isk', 900, 2_000],
] as const)(
  'of a payment in %s a part is given back as it was asked for, and no more than a bank can book',
  async (currency, amountMinor, leftMinor) => {
    const eve = await world.customer(`Eve_${currency}`)
    await buys(eve, 'small', currency)
    const [payment] = (await eve.portal.get('/api/v1/portal/payments')).data
    const params = { paymentId: payment?.id ?? '' }
    const path = '/api/v1/payments/{paymentId}/refunds' as const
    const body = { amountMinor, reason: 'customer_request' as const }

    await world.operator.post(path, { params, body })

    const after = await world.operator.get('/api/v1/payments/{paymentId}', { params })
    expect(after).toMatchObject({ refundable: { amountMinor: leftMinor, currency } })
    const [refund] = await inStripe<{ amount: number }>('/v1/refunds?limit=1')
    expect(refund?.amount).toBe(amountMinor * Number(stripeFactor(currency)))
    if (currency !== 'kwd') return
    const odd = world.operator.post(path, { params, body: { ...body, amountMinor: 1_234 } })
    expect(await refusalOf(odd)).toBe('amount_not_chargeable')
  },
)

test('prices are in Stripe what they are here, to the last digit; usage of what has no such digits is rated here', async () => {
  for (const [key, amount] of [
    ['tiny', '0.000000000001'],
    ['long', '12345.678901'],
  ] as const) {
    const unit = { type: 'unit', amount } as const
    const charge = { type: 'flat', amount: '16807' } as const
    const cards = [
      fee('', { prices: inAll(() => charge) }),
      priced('requests', unit, { prices: inAll(() => unit) }),
    ]
    await world.sells(key, monthly(key, cards, { currencies: CODES }))
  }

  const prices: StripePrice[] = await inStripe('/v1/prices?limit=100')

  const sent = (key: string) =>
    Object.fromEntries(
      prices.flatMap(({ lookup_key: name, unit_amount_decimal: amount }) => {
        const [plan, card, currency] = name.replace('farebox:test:', '').split('/')
        return plan === key ? [[`${card} ${currency}`, amount]] : []
      }),
    )
  const fees = {
    'fee usd': '1680700',
    'fee jpy': '16807',
    'fee krw': '16807',
    'fee kwd': '16807000',
    'fee bhd': '16807000',
    'fee isk': '1680700',
    'fee ugx': '1680700',
  }
  expect(sent('tiny')).toEqual({
    ...fees,
    'requests usd': '0.0000000001',
    'requests jpy': '0.000000000001',
    'requests krw': '0.000000000001',
  })
  expect(sent('long')).toEqual({
    ...fees,
    'requests usd': '1234567.8901',
    'requests jpy': '12345.678901',
    'requests krw': '12345.678901',
  })
})
