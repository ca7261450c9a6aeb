import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isUsable, lifecycleAt } from '../../src/domain/subscriptions/subscription.ts'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'

/**
 * Pitfalls of integrating Stripe, by their usual numbers: about events. Those about calls and about money are beside it, those
 * with flows of their own (usage, refunds, disputes, comparing) where the flows are.
 */
const SECRET = 'whsec_first'
const OTHER_SECRET = 'whsec_second'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  const secrets = `${SECRET},${OTHER_SECRET}`
  const { settings } = office.domain
  await settings.set(office.caller, 'payment.stripe.webhook_secret', secrets)
  await settings.set({ ...office.caller, mode: 'live' }, 'payment.stripe.webhook_secret', SECRET)
})
afterAll(() => office.close())

const receive = (payload: string, header: string, mode: 'test' | 'live' = 'test') =>
  office.domain.inbox.receive(mode, Buffer.from(payload), header)
const now = () => Math.floor(Date.now() / 1000)

function signed(payload: string, secret = SECRET, timestamp = now()): string {
  return new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload, secret, timestamp })
}

/** An event as Stripe sends it: indented. */
const anEvent = (id: string) =>
  JSON.stringify(
    {
      id,
      object: 'event',
      api_version: '2026-10-28.endive',
      created: now(),
      livemode: false,
      type: 'customer.updated',
      data: { object: { id: 'cus_stranger', object: 'customer' } },
    },
    null,
    2,
  )

test('P1 the signature is of the exact bytes: parsed and written again they are refused', async () => {
  const payload = anEvent('evt_bytes')
  const rewritten = JSON.stringify(JSON.parse(payload))
  await expect(receive(rewritten, signed(payload))).rejects.toMatchObject({
    code: 'webhook_signature_invalid',
  })
  expect(await receive(payload, signed(payload))).toBe('new')
})

test('P2 U33 the same event twice is one row, and both deliveries are answered', async () => {
  const payload = anEvent('evt_twice')
  const both = await Promise.all([
    receive(payload, signed(payload)),
    receive(payload, signed(payload)),
  ])
  expect(both.toSorted()).toEqual(['duplicate', 'new'])
})

test('P11 a signature is good for five minutes and no longer', async () => {
  const payload = anEvent('evt_old')
  expect(await receive(payload, signed(payload, SECRET, now() - 290))).toBe('new')
  await expect(receive(payload, signed(payload, SECRET, now() - 310))).rejects.toMatchObject({
    code: 'webhook_signature_invalid',
  })
})

test('P12 U38 during a rotation either secret fits, no other does, and test events stay out of live mode', async () => {
  const payload = anEvent('evt_rotated')
  expect(await receive(payload, signed(payload, OTHER_SECRET))).toBe('new')
  await expect(receive(payload, signed(payload, 'whsec_third'))).rejects.toMatchObject({
    code: 'webhook_signature_invalid',
  })
  await expect(receive(payload, signed(payload), 'live')).rejects.toMatchObject({
    code: 'webhook_mode_mismatch',
  })
})

test('P3 P4 U34 U35 told again in any order, a purchase is still one subscription, one invoice and one payment', async () => {
  const ada = await office.customer('Ada')
  await ada.subscribes('pro')
  await office.settle()
  const state = async () => {
    const page = { limit: 20 }
    const filter = { customerId: ada.id }
    const { billing, payments, subscriptions } = office.domain
    const open = await subscriptions.findOpen('test', ada.id)
    const invoices = (await billing.list('test', filter, page)).data
    const paid = (await payments.list('test', filter, page)).data
    return {
      subscription: [open?.id, open?.paymentStatus, open?.currentPeriod],
      invoices: invoices.map(({ id, state: of, amountPaidMinor }) => [id, of, amountPaidMinor]),
      payments: paid.map(({ id, state: of, capturedMinor }) => [id, of, capturedMinor]),
    }
  }
  const before = await state()
  expect(before.payments).toHaveLength(1)

  const { data } = await office.domain.inbox.list('test', {}, { limit: 100 })
  const ids = data.map(({ id }) => id)
  for (const order of [ids, ids.toReversed(), ids.toSorted()]) {
    for (const id of order) {
      await office.domain.inbox.replay(office.caller, id)
      if (id < 'evt_M') await office.domain.inbox.drain()
    }
    await office.settle()
    expect(await state()).toEqual(before)
  }
})

test('P6 P8 U32 coming back without having paid starts nothing, and asking again leads to the same page', async () => {
  const bob = await office.customer('Bob')
  const ask = () =>
    office.domain.subscriptions.subscribe(office.caller, {
      customerId: bob.id,
      planKey: 'pro',
      successUrl: 'http://console.test/done',
      cancelUrl: 'http://console.test/plans',
    })
  const [first, second] = await Promise.all([ask(), ask()])
  expect(second).toEqual(first)
  await office.settle()
  expect(await office.domain.subscriptions.findOpen('test', bob.id)).toBeUndefined()
})

test('P16 P17 a plan of usage only is active without a payment, and nothing counts as one', async () => {
  const cleo = await office.customer('Cleo')
  await cleo.subscribes('payg')
  await office.settle()

  const open = await office.domain.subscriptions.findOpen('test', cleo.id)
  const at = office.domain.clocks.now('test')
  expect(open !== undefined && isUsable(lifecycleAt(open, at))).toBe(true)
  const filter = { customerId: cleo.id }
  expect((await office.domain.payments.list('test', filter, { limit: 5 })).data).toEqual([])
})

test('P18 a cancellation made in Stripe is an end in the future, and resuming there takes it back', async () => {
  const dan = await office.customer('Dan')
  await dan.subscribes('pro')
  await office.settle()
  const { data } = await office.stripe.subscriptions.list({ customer: dan.stripeCustomerId })
  const id = data[0]?.id ?? ''
  const open = () => office.domain.subscriptions.findOpen('test', dan.id)

  await office.stripe.subscriptions.update(id, { cancel_at: 'min_period_end' })
  await office.settle()
  expect((await open())?.cancelAt).toBeGreaterThan(office.domain.clocks.now('test'))

  await office.stripe.subscriptions.update(id, { cancel_at: '' })
  await office.settle()
  expect((await open())?.cancelAt).toBeNull()
})
