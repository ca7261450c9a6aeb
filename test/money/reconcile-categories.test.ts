import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIMULATOR_LIVE_KEY } from '../../src/domain/connections/service.ts'
import { HOUR_MS } from '../../src/kit/instant.ts'
import { Stripe } from 'stripe'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { uses } from '../support/usage.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

async function paying(name: string, planKey = 'pro'): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.subscribes(planKey)
  await office.settle()
  return payer
}
const sync = ({ id }: Payer, isDryRun = false) =>
  office.domain.reconcile.customer(office.caller, id, isDryRun)
const categories = async (payer: Payer) =>
  (await sync(payer, true)).found.map(({ kind, category }) => `${kind} ${category}`)
const openFindings = async ({ id }: Payer) =>
  (await office.domain.findings.list('test', { customerId: id, state: 'open' }, { limit: 10 })).data
const paymentOf = async ({ id }: Payer) => {
  const { data } = await office.domain.payments.list('test', { customerId: id }, { limit: 5 })
  const [payment] = data
  if (payment === undefined) throw new Error('Nothing was paid')
  return payment
}
const setPayment = (id: string, values: Readonly<Record<string, unknown>>) =>
  office.database.db.updateTable('payments').set(values).where('id', '=', id).execute()

test('missing_local: what only Stripe has is taken over', async () => {
  const ada = await paying('Ada')
  await office.stripe.paymentIntents.create({
    customer: ada.stripeCustomerId,
    amount: 700,
    currency: 'usd',
  })
  expect(await categories(ada)).toEqual(['payment missing_local'])
  expect((await sync(ada)).left).toEqual([])
})

test('amount, status: what differs is made to say what Stripe says', async () => {
  const bob = await paying('Bob')
  await setPayment((await paymentOf(bob)).id, { capturedMinor: 1n })
  expect(await categories(bob)).toEqual(['payment amount'])
  expect((await sync(bob)).left).toEqual([])
  expect(await paymentOf(bob)).toMatchObject({ capturedMinor: 2900n })

  await setPayment((await paymentOf(bob)).id, { state: 'failed' })
  expect(await categories(bob)).toEqual(['payment status'])
  expect((await sync(bob)).left).toEqual([])
  expect(await paymentOf(bob)).toMatchObject({ state: 'succeeded' })
})

test('currency: no repair by itself, because no amount can be trusted then', async () => {
  const cleo = await paying('Cleo')
  await setPayment((await paymentOf(cleo)).id, { currency: 'eur' })
  const { left } = await sync(cleo)
  expect(left).toMatchObject([{ kind: 'payment', category: 'currency', isSafe: false }])
  expect(await openFindings(cleo)).toMatchObject([{ category: 'currency' }])
})

test("missing_remote, mode, orphan: what is not among the customer's at Stripe is told with where it is instead", async () => {
  const dan = await paying('Dan')
  const eve = await paying('Eve')
  const { hostname, port } = new URL(office.simulatorUrl)
  const live = new Stripe(SIMULATOR_LIVE_KEY, { host: hostname, port, protocol: 'http' })
  const ofLive = await live.paymentIntents.create({ amount: 500, currency: 'usd' })
  const ofEve = (await paymentOf(eve)).stripePaymentIntentId ?? ''
  await setPayment((await paymentOf(eve)).id, { stripePaymentIntentId: null })
  const ours = (await paymentOf(dan)).id

  for (const [id, category] of [
    ['pi_nowhere', 'missing_remote'],
    [ofLive.id, 'mode'],
    [ofEve, 'orphan'],
  ] as const) {
    await setPayment(ours, { stripePaymentIntentId: id })
    const { left } = await sync(dan)
    expect(left).toMatchObject([{ kind: 'payment', category, stripeId: id, isSafe: false }])
    expect((await openFindings(dan)).map((finding) => finding.category)).toEqual([category])
  }
})

test('amount of usage: a meter that counts something else than was reported is told, and not corrected', async () => {
  const fay = await paying('Fay', 'payg')
  await uses(office, fay, 5)
  await office.domain.reporting.flush('test')
  await office.advance('PT1H')
  expect((await sync(fay)).left).toEqual([])

  await office.stripe.billing.meterEvents.create({
    event_name: 'farebox_test_requests',
    payload: { stripe_customer_id: fay.stripeCustomerId, value: '3' },
  })
  await office.advance('PT1H')
  const { left } = await sync(fay)
  expect(left).toMatchObject([
    { kind: 'usage', category: 'amount', ours: { reported: '0' }, theirs: { counted: '8' } },
  ])
})

test('usage Stripe lost after it took it is told once it must have been counted', async () => {
  const gil = await paying('Gil', 'payg')
  await uses(office, gil, 5)
  await office.domain.reporting.flush('test')
  const [report] = await office.database.db
    .selectFrom('meterReports')
    .select('id')
    .where('customerId', '=', gil.id)
    .execute()
  await office.stripe.billing.meterEventAdjustments.create({
    event_name: 'farebox_test_requests',
    type: 'cancel',
    cancel: { identifier: report?.id ?? '' },
  })
  await office.advance('PT1H')
  expect((await sync(gil)).left).toEqual([])

  await office.database.db
    .updateTable('meterReports')
    .set({ sentAt: new Date(Date.now() - HOUR_MS) })
    .where('customerId', '=', gil.id)
    .execute()
  expect((await sync(gil)).left).toMatchObject([
    { kind: 'usage', category: 'amount', ours: { reported: '5' }, theirs: { counted: '0' } },
  ])
  expect(await openFindings(gil)).toMatchObject([{ category: 'amount', subjectKind: 'usage' }])
})

test('usage Stripe refused is sent again by a comparison, and late once Stripe takes it no more', async () => {
  const hal = await paying('Hal', 'payg')
  await uses(office, hal, 5)
  await office.domain.reporting.flush('test')
  await office.advance('PT1H')
  const set = (values: Readonly<Record<string, unknown>>) =>
    office.database.db
      .updateTable('meterReports')
      .set(values)
      .where('customerId', '=', hal.id)
      .execute()
  const states = async () =>
    (
      await office.database.db
        .selectFrom('meterReports')
        .select('state')
        .where('customerId', '=', hal.id)
        .orderBy('id')
        .execute()
    ).map(({ state }) => state)
  await set({ state: 'rejected' })
  expect(await categories(hal)).toEqual(['usage amount'])
  await sync(hal)
  expect(await states()).toEqual(['dead', 'pending'])

  const old = new Date(office.domain.clocks.now('test') - 35.5 * 24 * HOUR_MS)
  await set({ state: 'rejected', at: old })
  const { left } = await sync(hal)
  expect(left).toMatchObject([{ kind: 'usage', category: 'late', isSafe: false }])
  expect(await states()).toEqual(['rejected', 'rejected'])
})

test('P14 a customer with more invoices than a page holds is compared to the last of them', async () => {
  const ida = await paying('Ida')
  for (let count = 0; count < 120; count++) {
    await office.stripe.invoices.create({ customer: ida.stripeCustomerId })
  }
  const dry = await sync(ida, true)
  expect(dry.found.filter(({ category }) => category === 'missing_local')).toHaveLength(120)
  expect((await sync(ida)).left).toEqual([])
  expect((await sync(ida, true)).found).toEqual([])
})

test('P14 events nobody was told of are fetched since an instant, page by page', async () => {
  const since = office.domain.clocks.now('test') - HOUR_MS
  const found = await office.domain.inbox.pollSince('test', since)
  expect(found).toBeGreaterThan(100)
  expect(await office.domain.inbox.pollSince('test', since)).toBe(0)
})
