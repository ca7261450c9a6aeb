import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ResponseOf } from '../../src/client/client.ts'
import { farebox } from '../support/cli.ts'
import { buysWith, offersCoupon } from '../support/coupons.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('small', monthly('Small', [fee('10.00'), quota('requests', '1')]))
  await world.sells('large', monthly('Large', [fee('50.00'), quota('requests', '1000')]))
  await world.sells('tried', {
    ...monthly('Tried', []),
    phases: [
      { key: 'trial', name: 'Trial', duration: 'P2W', rateCards: [] },
      { key: 'main', name: 'Main', duration: null, rateCards: [fee('20.00')] },
    ],
  })
})
afterAll(() => world.close())

type Metrics = ResponseOf<'get', '/api/v1/reports/metrics'>

const metrics = (from?: string) =>
  world.operator.get('/api/v1/reports/metrics', { query: from === undefined ? {} : { from } })
const inUsd = ({ revenue }: Metrics) => {
  const row = revenue.find(({ currency }) => currency === 'usd')
  if (row === undefined) throw new Error('Nothing was sold in usd')
  const { mrrAtStart, expansion, contraction, churned, reactivation, mrrAtEnd } = row
  return {
    start: mrrAtStart.amountMinor,
    new: row.new.amountMinor,
    end: mrrAtEnd.amountMinor,
    expansion: expansion.amountMinor,
    contraction: contraction.amountMinor,
    churned: churned.amountMinor,
    reactivation: reactivation.amountMinor,
  }
}

test('S2.18 S2.30 MRR is what customers are committed to, and moves with what they do', async () => {
  const ada = await world.customer('Ada')
  const bob = await world.customer('Bob')
  const eve = await world.customer('Eve')
  const kim = await world.customer('Kim')
  await ada.subscribes('small')
  await bob.subscribes('large')
  await eve.subscribes('tried')
  await offersCoupon(world, 'tenth', { off: { type: 'percentage', percent: '10' } })
  await buysWith(kim, 'large', 'tenth')
  await until(metrics, (found) => found.revenue.length > 0 && inUsd(found).end === 10_500)

  const atFirst = await metrics()
  const firstMonth = await world.now()
  expect(inUsd(atFirst)).toMatchObject({ start: 0, new: 10_500, end: 10_500 })
  expect(atFirst.activeCustomers).toBe(4)
  expect(atFirst.plans).toContainEqual({ planKey: 'large', subscriptions: 2 })

  // Ada wants more, Bob leaves at the end of his month, Eve's trial ends and she stays.
  await world.advance('P1D')
  const { data: held } = await world.operator.get('/api/v1/subscriptions', {
    query: { customerId: ada.customerId },
  })
  const params = { subscriptionId: held[0]?.id ?? '' }
  const path = '/api/v1/subscriptions/{subscriptionId}/change'
  const body = { planKey: 'large', timing: 'immediate' as const }
  const { quoteId } = await world.operator.post(`${path}/preview`, { params, body })
  await world.operator.post(path, { params, body: { quoteId } })
  await bob.portal.post('/api/v1/portal/subscription/cancel')
  await until(metrics, (found) => inUsd(found).end === 14_500)
  // Who has canceled still pays: churn is dated where access ends.
  expect(inUsd(await metrics(firstMonth))).toMatchObject({ expansion: 4_000, churned: 0 })
  await world.advance('P1M')

  const later = await until(
    () => metrics(firstMonth),
    (found) => inUsd(found).churned === 5_000 && inUsd(found).new === 2_000,
  )
  expect(inUsd(later)).toEqual({
    start: 10_500,
    new: 2_000,
    expansion: 4_000,
    contraction: 0,
    churned: 5_000,
    reactivation: 0,
    end: 11_500,
  })
  expect(later.trials).toEqual({ ended: 1, converted: 1, conversion: '1.0000' })
  expect(later.revenue[0]).toMatchObject({
    customersAtStart: 3,
    customersLost: 1,
    customersWon: 1,
    logoChurn: '0.3333',
  })
  expect(later.paymentFailureRate).toBe('0.0000')
})

test('S2.31 the reports say what was sold and what came in, also as CSV and on the command line', async () => {
  const { operator, running, token } = world
  const { data: months } = await operator.get('/api/v1/reports/subscriptions', {
    query: {
      every: 'day',
      from: new Date(Date.parse(await world.now()) - 86_400_000 * 60).toISOString(),
    },
  })
  for (const row of months) {
    const grown = row.new.amountMinor + row.expansion.amountMinor + row.reactivation.amountMinor
    const shrunk = row.contraction.amountMinor + row.churned.amountMinor
    expect(row.mrrAtStart.amountMinor + grown - shrunk).toBe(row.mrrAtEnd.amountMinor)
  }
  expect(months.at(-1)?.mrrAtEnd.amountMinor).toBe(11_500)

  const query = { groupBy: 'plan' as const, from: months[0]?.startsAt ?? '' }
  const { data: plans } = await operator.get('/api/v1/reports/revenue', { query })
  const large = plans.find(({ group }) => group === 'large')
  expect(large?.collected.amountMinor).toBeGreaterThanOrEqual(9_500)
  expect(large?.net).toEqual(large?.collected)

  const response = await fetch(`${running.consoleUrl}/api/v1/reports/revenue?groupBy=plan`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/csv' },
  })
  expect(response.headers.get('content-type')).toContain('text/csv')
  const [head] = (await response.text()).split('\r\n')
  expect(head).toBe('group,currency,invoiced,collected,refunded,lostInDisputes,net')

  const told = await farebox(world, 'reports subscriptions --csv')
  expect(told.out.split(/\r?\n/)[0]).toContain('startsAt,endsAt,currency,mrrAtStart,new')
  expect((await farebox(world, 'reports metrics')).out).toContain('active customers')
})

test('a report about more than a year is refused', async () => {
  const asked = metrics('2020-01-01T00:00:00Z')

  await expect(asked).rejects.toMatchObject({ code: 'invalid_request' })
})

test('calls beyond a quota are counted for the operator', async () => {
  const flo = await world.customer('Flo')
  await flo.subscribes('small')
  await flo.callsTimes(1)
  const refused = await Promise.all([flo.calls(), flo.calls()])

  expect(refused.map(({ body }) => body['code'])).toEqual(['quota_exceeded', 'quota_exceeded'])
  await until(metrics, ({ quotaDenials }) => quotaDenials === 2)
})

test('live mode knows nothing of what was sold in test mode', async () => {
  const { consoleUrl } = world.running
  const response = await fetch(`${consoleUrl}/api/v1/reports/metrics`, {
    headers: { authorization: `Bearer ${world.token}`, 'farebox-mode': 'live' },
  })

  expect(await response.json()).toMatchObject({ revenue: [], activeCustomers: 0, payments: [] })
})
