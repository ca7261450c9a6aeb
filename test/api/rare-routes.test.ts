import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import type { Actor } from '../support/actor.ts'
import { offersCoupon } from '../support/coupons.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

/** What operators and payers do rarely, over HTTP. */
let world: World
let ada: Actor
beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
})
afterAll(() => world.close())

/** Somebody at Stripe's own dashboard. */
async function atStripe<T = { id: string }>(
  path: string,
  body?: Record<string, string>,
): Promise<T> {
  const response = await fetch(`${world.running.simulatorUrl}/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${SIMULATOR_KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: body === undefined ? null : new URLSearchParams(body),
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as T
}

async function stripeIdOf({ customerId }: Actor): Promise<string | null> {
  const params = { customerId }
  const customer = await world.operator.get('/api/v1/customers/{customerId}', { params })
  return customer.stripeCustomerId
}

const paymentsOf = ({ customerId }: Actor) =>
  until(
    async () => (await world.operator.get('/api/v1/payments', { query: { customerId } })).data,
    (payments) => payments.length > 0,
  )

/** An invoice nobody has paid, as somebody writes one at Stripe. */
async function anOpenInvoice(of: Actor, known: readonly string[]): Promise<string> {
  const customer = (await stripeIdOf(of)) ?? ''
  const draft = { customer, collection_method: 'send_invoice', days_until_due: '7' }
  const invoice = await atStripe('invoices', draft)
  const item = { customer, invoice: invoice.id, amount: '700', currency: 'usd' }
  await atStripe('invoiceitems', item)
  await atStripe(`invoices/${invoice.id}/finalize`, {})
  const found = await until(
    async () => {
      const query = { customerId: of.customerId, state: 'open' as const }
      const { data } = await world.operator.get('/api/v1/invoices', { query })
      return data.find(({ id }) => !known.includes(id))
    },
    (seen) => seen !== undefined,
  )
  return found?.id ?? ''
}

async function aDispute(name: string): Promise<string> {
  const unlucky = await world.customer(name)
  await unlucky.subscribes('pro', 'pm_card_createDispute')
  const query = { customerId: unlucky.customerId }
  const disputes = await until(
    async () => (await world.operator.get('/api/v1/disputes', { query })).data,
    (seen) => seen.length > 0,
  )
  return disputes[0]?.id ?? ''
}

test('a plan that is archived is offered to nobody any more', async () => {
  await world.sells('fading', monthly('Fading', [fee('5.00')]))
  const offered = async () =>
    (await world.operator.get('/api/v1/public/plans')).data.map(({ key }) => key)
  expect(await offered()).toContain('fading')

  await world.operator.post('/api/v1/plans/{planKey}/archive', { params: { planKey: 'fading' } })

  expect(await offered()).not.toContain('fading')
})

test('a promotion code that is switched off is refused, and so are those of an archived coupon', async () => {
  const { operator } = world
  const bob = await world.customer('Bob')
  await offersCoupon(world, 'spring')
  const params = { couponKey: 'spring' }
  await operator.post('/api/v1/coupons/{couponKey}/codes', { params, body: { code: 'SUMMER' } })
  const preview = (promotionCode: string) =>
    bob.portal.post('/api/v1/portal/subscriptions/preview', {
      body: { planKey: 'pro', promotionCode },
    })
  const refused = { status: expect.any(Number) as number }
  for (const code of ['spring', 'SUMMER']) await preview(code)

  const code = await operator.post('/api/v1/promotion-codes/{code}/deactivate', {
    params: { code: 'SPRING' },
  })
  await expect(preview('spring')).rejects.toMatchObject(refused)
  await preview('SUMMER')
  await operator.post('/api/v1/coupons/{couponKey}/archive', { params })

  expect(code.deactivatedAt).not.toBeNull()
  await expect(preview('SUMMER')).rejects.toMatchObject(refused)
  await expect(
    operator.post('/api/v1/coupons/{couponKey}/codes', { params, body: { code: 'WINTER' } }),
  ).rejects.toMatchObject({ problem: expect.objectContaining({ code: 'coupon_archived' }) })
})

test('credits are bought on a page, seen to be paid, and topped up by themselves if one says so', async () => {
  const { operator } = world
  const packKey = 'ten'
  await operator.put('/api/v1/credit-packs/{packKey}', {
    params: { packKey },
    body: {
      name: 'Ten',
      unit: 'money:usd',
      amountPerPack: '10',
      priceMinor: 1_000,
      currency: 'usd',
    },
  })
  const bought = await ada.portal.post('/api/v1/portal/credit-purchases', {
    body: { packKey, quantity: 2 },
  })
  const params = { purchaseId: bought.id }
  const seen = () => ada.portal.get('/api/v1/portal/credit-purchases/{purchaseId}', { params })
  expect(await seen()).toMatchObject({ state: 'pending', amount: { amountMinor: 2_000 } })
  const session = /cs_test_\w+/.exec(bought.checkoutUrl ?? '')?.[0]
  await atStripe(`payment_pages/${session}/confirm`, { payment_method: 'pm_card_visa' })
  await until(seen, ({ state }) => state === 'paid')

  const setting = {
    isEnabled: false,
    packKey,
    quantity: 1,
    threshold: '5',
    maximumPerDay: null,
    maximumPerMonth: null,
  }
  const saved = await ada.portal.put('/api/v1/portal/credits/top-up', { body: setting })

  expect(saved).toEqual(setting)
  expect((await ada.portal.get('/api/v1/portal/credits')).balances).toMatchObject([
    { unit: 'money:usd', available: '20' },
  ])
  const customer = { params: { customerId: ada.customerId } }
  const bySelf = [
    await ada.portal.get('/api/v1/portal/credits/top-ups'),
    await operator.get('/api/v1/customers/{customerId}/credits/top-ups', customer),
  ]
  expect(bySelf.map(({ data }) => data)).toEqual([[], []])

  const purchase = (await paymentsOf(ada)).find(({ amount }) => amount.amountMinor === 2_000)
  const preview = await operator.post('/api/v1/payments/{paymentId}/refunds/preview', {
    params: { paymentId: purchase?.id ?? '' },
    body: { amountMinor: 500, reason: 'customer_request' },
  })
  expect(preview.creditsTakenBack).toEqual({ unit: 'money:usd', amount: '5' })
})

test('an operator changes and removes the budget of a customer', async () => {
  const { operator } = world
  const params = { customerId: ada.customerId }
  const budget = await operator.post('/api/v1/customers/{customerId}/budgets', {
    params,
    body: { name: 'Cap', meterKey: 'requests', amount: '100' },
  })
  const budgetParams = { ...params, budgetId: budget.id }
  const changed = await operator.patch('/api/v1/customers/{customerId}/budgets/{budgetId}', {
    params: budgetParams,
    body: { amount: '50' },
  })
  await operator.delete('/api/v1/customers/{customerId}/budgets/{budgetId}', {
    params: budgetParams,
  })

  expect(changed).toMatchObject({ name: 'Cap', amount: '50' })
  const { data } = await operator.get('/api/v1/customers/{customerId}/budgets', { params })
  expect(data).toEqual([])
})

test('a customer whose Stripe customer is forgotten has none until it is needed again', async () => {
  const cleo = await world.customer('Cleo')
  await until(
    () => stripeIdOf(cleo),
    (id) => id !== null,
  )

  await world.operator.delete('/api/v1/provider-mappings/stripe/customer/{customerId}', {
    params: { customerId: cleo.customerId },
  })

  expect(await stripeIdOf(cleo)).toBeNull()
})

test('a finding is dismissed with the reason for it', async () => {
  const { operator } = world
  const { data } = await atStripe<{ data: { id: string; name: string }[] }>('products?limit=100')
  const pro = data.find(({ name }) => name === 'Pro')
  await atStripe(`products/${pro?.id}`, { name: 'Renamed at Stripe' })
  const findings = await until(
    async () => (await operator.get('/api/v1/findings', { query: { state: 'open' } })).data,
    (seen) => seen.length > 0,
  )
  const params = { findingId: findings[0]?.id ?? '' }

  const dismissed = await operator.post('/api/v1/findings/{findingId}/dismiss', {
    params,
    body: { note: 'on purpose' },
  })

  expect(dismissed).toMatchObject({ state: 'dismissed', note: 'on purpose' })
})

test('a dispute is looked at, its evidence drafted, edited and submitted; another is accepted', async () => {
  const { operator } = world
  const params = { disputeId: await aDispute('Dan') }
  const dispute = await operator.get('/api/v1/disputes/{disputeId}', { params })
  const drafted = await operator.post('/api/v1/disputes/{disputeId}/evidence/draft', { params })
  const edited = await operator.put('/api/v1/disputes/{disputeId}/evidence', {
    params,
    body: { ...drafted.evidence, uncategorized_text: 'winning_evidence' },
  })
  await operator.post('/api/v1/disputes/{disputeId}/submit', { params })
  const other = { disputeId: await aDispute('Eve') }
  await operator.post('/api/v1/disputes/{disputeId}/accept', { params: other })

  expect(dispute.id).toBe(params.disputeId)
  expect(edited.evidence).toMatchObject({ uncategorized_text: 'winning_evidence' })
  await until(
    () => operator.get('/api/v1/disputes/{disputeId}', { params }),
    ({ evidenceState }) => evidenceState === 'submitted',
  )
  await until(
    () => operator.get('/api/v1/disputes/{disputeId}', { params: other }),
    ({ state }) => state === 'lost',
  )
})

test('a large refund waits for a second person, and can be rejected', async () => {
  const { operator } = world
  const params = { settingKey: 'payment.refund_approval_above' }
  await operator.put('/api/v1/settings/{settingKey}', { params, body: { value: '100' } })
  const [payment] = await paymentsOf(ada)
  const asked = await operator.post('/api/v1/payments/{paymentId}/refunds', {
    params: { paymentId: payment?.id ?? '' },
    body: { amountMinor: 500, reason: 'customer_request' },
  })
  const refundParams = { params: { refundId: asked.id } }

  await expect(
    operator.post('/api/v1/refunds/{refundId}/approve', refundParams),
  ).rejects.toMatchObject({ code: 'refund_needs_second_person' })
  const rejected = await operator.post('/api/v1/refunds/{refundId}/reject', refundParams)

  expect(asked.approval).toBe('waiting')
  expect(rejected).toMatchObject({ state: 'canceled', approval: 'rejected' })
  await operator.delete('/api/v1/settings/{settingKey}', { params })
})

test('an open invoice is paid by its customer or an operator, voided, or written off', async () => {
  const { operator } = world
  const ids: string[] = []
  for (let n = 0; n < 4; n++) ids.push(await anOpenInvoice(ada, ids))
  const [own = '', paid = '', wrong = '', lost = ''] = ids

  const states = [
    await ada.portal.post('/api/v1/portal/invoices/{invoiceId}/pay', {
      params: { invoiceId: own },
    }),
    await operator.post('/api/v1/invoices/{invoiceId}/pay', { params: { invoiceId: paid } }),
    await operator.post('/api/v1/invoices/{invoiceId}/void', { params: { invoiceId: wrong } }),
    await operator.post('/api/v1/invoices/{invoiceId}/write-off', { params: { invoiceId: lost } }),
  ].map(({ state }) => state)

  expect(states).toEqual(['paid', 'paid', 'void', 'uncollectible'])
  const problem = async () => (await ada.overview()).paymentProblem
  expect(await problem()).toMatchObject({
    invoiceId: lost,
    isGivenUp: true,
    nextAttemptAt: null,
    payUrl: expect.any(String),
  })
  const late = await ada.portal.post('/api/v1/portal/invoices/{invoiceId}/pay', {
    params: { invoiceId: lost },
  })
  expect(late.state).toBe('paid')
  expect(await problem()).toBeNull()
})

test('a part of an invoice is taken back by a credit note', async () => {
  const payment = (await paymentsOf(ada)).find(({ amount }) => amount.amountMinor === 2_900)
  const params = { invoiceId: payment?.invoiceId ?? '' }

  const note = await world.operator.post('/api/v1/invoices/{invoiceId}/credit-notes', {
    params,
    body: { amountMinor: 100, memo: 'sorry' },
  })

  const { data } = await world.operator.get('/api/v1/credit-notes', { query: params })
  expect(data.map(({ id }) => id)).toEqual([note.id])
})

test('an event is put in the place of another', async () => {
  const { operator } = world
  const anEvent = (id: string) => ({ id, source: 'app', type: 'request', subject: ada.customerId })
  await operator.post('/api/v1/events', { query: { backfill: 'false' }, body: [anEvent('wrong')] })

  const replaced = await operator.post('/api/v1/events/replace', {
    body: { source: 'app', id: 'wrong', reason: 'a mistake', by: anEvent('right') },
  })

  const { data } = await operator.get('/api/v1/events', {
    query: { customerId: ada.customerId },
  })
  expect(replaced).toMatchObject({ id: 'right', state: 'counted' })
  expect(data.find(({ id }) => id === 'wrong')?.state).toBe('replaced')
})

test('an operator takes back a change that is to come', async () => {
  const { operator } = world
  const subscriptionId = (await ada.overview()).subscription?.id ?? ''
  const params = { subscriptionId }
  const quote = await operator.post('/api/v1/subscriptions/{subscriptionId}/change/preview', {
    params,
    body: { planKey: 'scale', timing: 'at_period_end' },
  })
  await operator.post('/api/v1/subscriptions/{subscriptionId}/change', {
    params,
    body: { quoteId: quote.quoteId },
  })
  expect((await ada.overview()).subscription?.change).not.toBeNull()

  await operator.post('/api/v1/subscriptions/{subscriptionId}/change/undo', { params })

  expect((await ada.overview()).subscription?.change).toBeNull()
})

test('names are changed, an upstream is added and read, a budget of their own goes again', async () => {
  const { operator } = world
  const { portal, customerId } = ada
  await portal.patch('/api/v1/portal/account', { body: { name: 'Ada Lovelace' } })
  const params = { customerId }
  const named = await operator.get('/api/v1/customers/{customerId}', { params })
  await operator.patch('/api/v1/customers/{customerId}', { params, body: { name: 'Ada' } })
  const budget = await portal.post('/api/v1/portal/budgets', {
    body: { name: 'Mine', meterKey: 'requests', amount: '9' },
  })
  await portal.delete('/api/v1/portal/budgets/{budgetId}', { params: { budgetId: budget.id } })
  const upstream = { params: { upstreamKey: 'second' } }
  const targets = [{ url: 'http://127.0.0.1:9/', weight: 1 }]
  await operator.put('/api/v1/upstreams/{upstreamKey}', { ...upstream, body: { targets } })

  expect(named.name).toBe('Ada Lovelace')
  expect((await operator.get('/api/v1/customers/{customerId}', { params })).name).toBe('Ada')
  expect((await portal.get('/api/v1/portal/budgets')).data).toEqual([])
  expect((await operator.get('/api/v1/upstreams/{upstreamKey}', upstream)).key).toBe('second')
})

test('the catalog and the runs are listed, and a key that Stripe refuses is not connected', async () => {
  const { operator } = world
  const meters = await operator.get('/api/v1/meters')
  const features = await operator.get('/api/v1/features')
  const coupons = await operator.get('/api/v1/coupons')
  const run = await operator.post('/api/v1/billing/runs')
  const runs = await operator.get('/api/v1/billing/runs')

  expect(meters.data.map(({ key }) => key)).toContain('requests')
  expect(features.data.map(({ key }) => key)).toContain('requests')
  expect(coupons.data.map(({ key }) => key)).toContain('spring')
  expect(runs.data.map(({ id }) => id)).toContain(run.id)
  await expect(
    operator.post('/api/v1/stripe/connection', { body: { secretKey: 'no key of Stripe' } }),
  ).rejects.toMatchObject({ status: expect.any(Number) })
})
