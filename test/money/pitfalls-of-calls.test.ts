import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'
import { until } from '../support/until.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'

/** Pitfalls of calling Stripe and of being called: what comes early, late, twice, or not at all. */
const SECRET = 'whsec_of_the_endpoint'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await office.domain.settings.set(office.caller, 'payment.stripe.webhook_secret', SECRET)
})
afterAll(() => office.close())

const account = (name: string) =>
  office.domain.accounts.create(office.caller, {
    name,
    email: `${name.toLowerCase()}@example.com`,
  })
const ensure = async (id: string) =>
  office.domain.stripeCustomers.ensure(
    await office.domain.connections.stripe('test'),
    await office.domain.accounts.get('test', id),
  )
const inStripe = async (name: string) => {
  const email = `${name.toLowerCase()}@example.com`
  return (await office.stripe.customers.list({ email })).data
}
const paymentsOf = async (customerId: string) =>
  (await office.domain.payments.list('test', { customerId }, { limit: 5 })).data

test('P5 what Stripe tells of a customer before we know our own is not lost', async () => {
  const { id } = await account('Ada')
  // The call has arrived, its answer has not come back yet.
  const { id: stripeId } = await office.stripe.customers.create(
    { name: 'Ada', metadata: { farebox_customer: id }, email: 'ada@example.com' },
    { idempotencyKey: `customer:test:${id}` },
  )
  await office.stripe.paymentIntents.create({
    customer: stripeId,
    amount: 900,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'http://console.test/',
  })
  await office.domain.inbox.drain()
  expect(await paymentsOf(id)).toEqual([])

  await office.settle()

  expect(await inStripe('Ada')).toMatchObject([{ id: stripeId }])
  expect(await paymentsOf(id)).toMatchObject([{ state: 'succeeded', capturedMinor: 900n }])
})

test('P9 a key is of what is done, not of the try: two at once make one customer, and a conflict is waited for', async () => {
  const { id } = await account('Bob')
  await arrangeCallFault(office, {
    kind: 'conflict',
    method: 'POST',
    path: '/v1/customers',
    next: 1,
  })

  const [first, second] = await Promise.all([ensure(id), ensure(id)])

  expect(second).toBe(first)
  expect(await inStripe('Bob')).toMatchObject([{ id: first }])
  const { data } = await office.stripe.events.list({ type: 'customer.created' })
  const created = data.find(({ data: { object } }) => (object as { id?: string }).id === first)
  expect(created?.request?.idempotency_key).toBe(`customer:test:${id}`)
})

test('P10 an answer lost on every try leaves one customer, which the next try finds', async () => {
  const { id } = await account('Cleo')
  await arrangeCallFault(office, {
    kind: 'lost_response',
    method: 'POST',
    path: '/v1/customers',
    next: 4,
  })
  await expect(ensure(id)).rejects.toMatchObject({ code: 'stripe_unavailable' })

  const found = await ensure(id)

  expect(await inStripe('Cleo')).toMatchObject([{ id: found }])
})

test('P9 P10 when keys are forgotten, what an earlier try has made is searched for', async () => {
  const { id } = await account('Dan')
  const { id: made } = await office.stripe.customers.create({
    name: 'Dan',
    email: 'dan@example.com',
    metadata: { farebox_customer: id },
  })
  await office.database.db
    .updateTable('customers')
    .set({ createdAt: new Date(Date.now() - 2 * 86_400_000) })
    .where('id', '=', id)
    .execute()

  expect(await ensure(id)).toBe(made)
  expect(await inStripe('Dan')).toHaveLength(1)
})

test('P13 an event is answered when it is stored, whatever state Stripe is in, and applied when it can be', async () => {
  const eve = await office.customer('Eve')
  await office.stripe.customers.update(eve.stripeCustomerId, { name: 'Eve II' })
  const { data } = await office.stripe.events.list({ type: 'customer.updated', limit: 1 })
  const payload = JSON.stringify(data[0], null, 2)
  const header = new Stripe('sk_test_x').webhooks.generateTestHeaderString({
    payload,
    secret: SECRET,
  })
  await arrangeCallFault(office, { kind: 'server_error', path: '/v1/**', next: 50 })
  const id = data[0]?.id ?? ''
  const state = async () => (await office.domain.inbox.get('test', id)).state

  expect(await office.domain.inbox.receive('test', Buffer.from(payload), header)).toBe('new')
  expect(await state()).toBe('received')
  // Not everything: asking Stripe for its events would fail as well.
  office.domain.inbox.start()
  expect(await until(state, (seen) => seen !== 'received')).toBe('failed')

  await control(office, '/_sim/faults/clear', {})
  await office.domain.inbox.replay(office.caller, id)
  expect(await until(state, (seen) => seen === 'processed')).toBe('processed')
  await office.domain.inbox.stop()
  const mirrored = await office.domain.connections.mirrored('test', eve.id)
  expect(mirrored).toMatchObject({ name: 'Eve II' })
})
