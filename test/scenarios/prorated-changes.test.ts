import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ResponseOf } from '../../src/client/client.ts'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type SoldPlan, type World } from '../support/world.ts'

const BY_CONSUMPTION: Partial<SoldPlan> = {
  proration: {
    mode: 'max_consumption_based',
    anchor: 'reset',
    onPlanChange: 'fresh',
    allowIncoherent: false,
  },
}

let world: World
beforeAll(async () => {
  world = await openWorld()
  // Months have 28 to 31 days; the half of one is exact where the period is fixed.
  const days = { billingCadence: 'P4W' }
  const sold = (name: string, price: string, units: string, changes: Partial<SoldPlan> = {}) =>
    monthly(name, [fee(price, days), { ...quota('requests', units), billingCadence: 'P4W' }], {
      ...days,
      ...changes,
    })
  await world.sells('small', sold('Small', '29.00', '10'))
  await world.sells('large', sold('Large', '99.00', '50'))
  await world.sells('other', sold('Other', '99.00', '60'))
  await world.sells('small_used', sold('Small used', '29.00', '10', BY_CONSUMPTION))
  await world.sells('large_used', sold('Large used', '99.00', '50', BY_CONSUMPTION))
})
afterAll(() => world.close())

type Preview = ResponseOf<'post', '/api/v1/portal/subscription/change/preview'>
const mine = async (actor: Actor) => (await actor.overview()).subscription

async function changes(
  actor: Actor,
  planKey: string,
  timing: 'auto' | 'immediate' = 'auto',
): Promise<Preview> {
  const params = { subscriptionId: (await mine(actor))?.id ?? '' }
  const path = '/api/v1/subscriptions/{subscriptionId}/change' as const
  const quote = await world.operator.post(`${path}/preview`, { params, body: { planKey, timing } })
  await world.operator.post(path, { params, body: { quoteId: quote.quoteId } })
  await until(
    () => mine(actor),
    (subscription) => subscription?.planKey === planKey,
  )
  return quote
}

async function paid(actor: Actor, count: number) {
  return until(
    async () => (await actor.portal.get('/api/v1/portal/invoices')).data,
    (list) => list.length === count && list.every(({ state }) => state === 'paid'),
  )
}

test('by time, at half of the period: 14.50 is given back, 49.50 is charged, 35.00 is paid, and the period ends when it did', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('small')
  const before = await mine(ada)
  await world.advance('P14D')

  const quote = await changes(ada, 'large')

  expect(
    quote.invoice?.lines.map(({ amount }) => amount.amountMinor).toSorted((a, b) => a - b),
  ).toEqual([-1450, 4950])
  const [invoice] = await paid(ada, 2)
  expect(invoice).toMatchObject({ kind: 'change', total: { amountMinor: 3500 } })
  expect((await mine(ada))?.currentPeriod).toEqual(before?.currentPeriod)
})

test('by consumption, with 70 % used at half of the period: 8.70 is given back, 90.30 is paid, and all begins anew', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('small_used')
  await bob.callsTimes(7)
  await world.advance('P14D')

  const quote = await changes(bob, 'large_used')

  expect(quote.invoice?.total.amountMinor).toBe(9030)
  const [invoice] = await paid(bob, 2)
  expect(invoice).toMatchObject({ kind: 'change', total: { amountMinor: 9030 } })
  const after = await bob.overview()
  expect(after.quotas[0]).toMatchObject({ limit: '50', used: '0' })
  const start = Date.parse(after.subscription?.currentPeriod?.startsAt ?? '')
  expect(Math.abs(start - Date.parse(quote.effectiveAt))).toBeLessThan(60_000)
})

test('S3.12 a plan left for a smaller one at once gives a credit that the next invoices use, one after the other', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('large')
  await world.advance('P7D')

  const quote = await changes(eve, 'small', 'immediate')
  expect(quote.payment).toMatchObject({ kind: 'credit', amount: { amountMinor: 5250 } })
  await world.advance('P9W')

  const invoices = await paid(eve, 4)
  expect(
    invoices.toReversed().map(({ kind, amountDue }) => `${kind} ${amountDue.amountMinor}`),
  ).toEqual(['first 9900', 'change 0', 'period 0', 'period 550'])
})

test('S3.12 who leaves a paid plan for a free one at once keeps the key, and the credit pays for the next purchase', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('large')
  await world.advance('P14D')

  const quote = await changes(kim, 'free', 'immediate')

  expect(quote).toMatchObject({ timing: 'immediate', payment: { kind: 'credit' } })
  const { amountMinor } = quote.payment.amount
  const [credit] = await paid(kim, 2)
  expect(credit).toMatchObject({ total: { amountMinor: -amountMinor } })
  expect((await kim.calls()).status).toBe(200)
  expect(await mine(kim)).toMatchObject({ lifecycle: 'active', paymentStatus: 'not_required' })

  const purchase = await kim.choosesPlan('large')
  await purchase.pays()
  await purchase.settles()
  const [again] = await paid(kim, 3)
  expect(again).toMatchObject({
    total: { amountMinor: 9900 },
    amountDue: { amountMinor: 9900 - amountMinor },
  })
})

test('a change between plans of the same price costs nothing at half time, and counts at once', async () => {
  const lou = await world.customer('Lou')
  await lou.subscribes('large')
  await world.advance('P14D')

  const quote = await changes(lou, 'other', 'immediate')

  expect(quote.direction).toBe('upgrade')
  expect(quote.invoice?.total.amountMinor ?? 0).toBe(0)
  expect((await lou.overview()).quotas[0]).toMatchObject({ limit: '60' })
})
