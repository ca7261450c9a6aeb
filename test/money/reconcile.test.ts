import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

async function paying(name: string): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.subscribes('pro')
  await office.settle()
  return payer
}

const sync = (payer: Payer, isDryRun = false) =>
  office.domain.reconcile.customer(office.caller, payer.id, isDryRun)
const openFindings = async ({ id }: Payer) =>
  (await office.domain.findings.list('test', { customerId: id, state: 'open' }, { limit: 10 })).data
const payments = async ({ id }: Payer) =>
  (await office.domain.payments.list('test', { customerId: id }, { limit: 10 })).data

test('U40 where both sides agree there is nothing to say', async () => {
  const ada = await paying('Ada')
  const { counts, left } = await sync(ada)
  expect(counts).toMatchObject({ customers: 1, differences: 0 })
  expect(counts.objects).toBeGreaterThanOrEqual(4)
  expect(left).toEqual([])
})

test('P14 S0 what no webhook told is found by comparing, first seen, then taken over', async () => {
  const bob = await paying('Bob')
  const [payment] = await payments(bob)
  await office.stripe.refunds.create({
    payment_intent: payment?.stripePaymentIntentId ?? '',
    amount: 500,
  })

  const dry = await sync(bob, true)
  expect(dry.left.map(({ kind, category }) => [kind, category])).toEqual(
    expect.arrayContaining([
      ['payment', 'amount'],
      ['refund', 'missing_local'],
    ]),
  )
  expect((await payments(bob))[0]).toMatchObject({ refundedMinor: 0n })
  expect(await openFindings(bob)).toEqual([])

  expect(await sync(bob)).toMatchObject({ left: [] })
  expect((await payments(bob))[0]).toMatchObject({
    refundedMinor: 500n,
    state: 'partially_refunded',
  })
  expect(await openFindings(bob)).toEqual([])
})

test('what only we have is never forgotten by itself: it is a finding until somebody decides', async () => {
  const cleo = await paying('Cleo')
  const [payment] = await payments(cleo)
  await office.database.db
    .updateTable('payments')
    .set({ stripePaymentIntentId: 'pi_gone' })
    .where('id', '=', payment?.id ?? '')
    .execute()

  const { left } = await sync(cleo)
  expect(left).toMatchObject([{ kind: 'payment', category: 'missing_remote', stripeId: 'pi_gone' }])
  expect(await openFindings(cleo)).toMatchObject([
    { category: 'missing_remote', subjectKind: 'payment', subjectId: 'pi_gone' },
  ])
  expect(await payments(cleo)).toHaveLength(2)

  await office.database.db
    .updateTable('payments')
    .set({ stripePaymentIntentId: null })
    .where('id', '=', payment?.id ?? '')
    .execute()
  await sync(cleo)
  expect(await openFindings(cleo)).toEqual([])
})

test('a run over everybody counts what it did, and of runs there is one at a time', async () => {
  const run = await office.domain.reconcile.start(office.caller, false)
  await expect(office.domain.reconcile.start(office.caller, false)).rejects.toMatchObject({
    code: 'reconcile_running',
  })
  await office.domain.jobs.drain()

  expect(await office.domain.reconcile.get('test', run.id)).toMatchObject({
    state: 'done',
    counts: { customers: 3, failed: 0 },
  })
  await office.domain.reconcile.daily('test')
  const { data } = await office.domain.reconcile.list('test', { limit: 10 })
  expect(data).toHaveLength(1)
})

test('P24 U38 a customer deleted in Stripe is told, and made anew once nothing is owed', async () => {
  const dan = await paying('Dan')
  await office.stripe.customers.del(dan.stripeCustomerId)
  await office.settle()

  expect((await openFindings(dan)).map(({ category }) => category)).toContain('deleted')
  const connected = await office.domain.connections.stripe('test')
  const anew = await office.domain.stripeCustomers.ensure(connected, await dan.customer())
  expect(anew).not.toBe(dan.stripeCustomerId)
})
