import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { farebox } from '../support/cli.ts'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
const folder = mkdtempSync(join(tmpdir(), 'farebox-costs-'))

beforeAll(async () => {
  world = await openWorld()
  const { operator } = world
  const meters = [
    { key: 'cpu_hours', aggregation: 'sum', unit: 'CPU-hour' },
    { key: 'gpu_hours', aggregation: 'sum', unit: 'GPU-hour' },
    { key: 'storage', aggregation: 'time_weighted_sum', unit: 'GB-month' },
    { key: 'payments', aggregation: 'sum', unit: 'dollar' },
  ] as const
  for (const { key, aggregation, unit } of meters) {
    const body = { key, name: key, eventType: key, aggregation, unit, valueProperty: 'value' }
    await operator.post('/api/v1/meters', { body })
    await operator.post('/api/v1/features', { body: { key, name: key, meterKey: key } })
  }
  await world.sells(
    'compute',
    monthly(
      'Compute',
      [
        priced('cpu_hours', { type: 'unit', amount: '0.10' }),
        priced('gpu_hours', { type: 'unit', amount: '2.00' }),
        priced('storage', { type: 'unit', amount: '0.15' }),
        priced('requests', { type: 'package', amount: '0.01', quantityPerPackage: '1000' }),
      ],
      { engine: 'stripe_invoice', checkoutMode: 'setup', alignment: 'calendar' },
    ),
  )
  await world.sells('small', monthly('Small', [fee('5.00')]))
  await world.sells(
    'mixed',
    monthly('Mixed', [
      fee('29.00'),
      priced('requests', { type: 'unit', amount: '0.25' }, { commitments: null }),
    ]),
  )
  await world.sells(
    'own_mixed',
    monthly('Own mixed', [fee('29.00'), priced('requests', { type: 'unit', amount: '0.25' })], {
      engine: 'stripe_invoice',
      checkoutMode: 'setup',
    }),
  )
  await world.sells(
    'fees',
    monthly('Fees', [priced('payments', { type: 'percentage', rate: '1', fixedPerEvent: '0.30' })]),
  )
  await world.sells('secret', monthly('Secret', [fee('1.00')], { visibility: 'private' }))
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

const cost = (line: { description: string; amount: { amountMinor: number } }) =>
  `${line.description} ${line.amount.amountMinor}`

const MONTH = [
  { meter: 'cpu_hours', quantity: '730' },
  { meter: 'gpu_hours', quantity: '12.5' },
  { meter: 'storage', quantity: '40' },
  { meter: 'requests', quantity: '1234567' },
]

test('S4.1 the month of the compute cloud costs 116.35, line by line', async () => {
  const estimate = await world.operator.post('/api/v1/cost', {
    body: { planKey: 'compute', quantities: MONTH },
  })

  expect(estimate.lines.map(cost)).toEqual([
    'cpu_hours: 730 7300',
    'gpu_hours: 12.5 2500',
    'storage: 40 600',
    'requests: 1234567 1235',
  ])
  expect(estimate.total).toEqual({ amountMinor: 11_635, currency: 'usd' })
  expect(estimate.lines[0]?.explanation.at(-1)).toBe('730 CPU-hours × $0.10 = $73.00.')
  expect(estimate.period.startsAt.slice(8)).toBe('01T00:00:00Z')
})

test('the terminal answers the same question, and says why', async () => {
  const usage = MONTH.map(({ meter, quantity }) => `${meter}=${quantity}`).join(' ')
  const { out, err, code } = await farebox(
    world,
    `billing estimate compute --usage ${usage} --explain`,
  )

  expect(out.split('\n').at(-2)).toBe('Total before tax\t$116.35')
  expect(err).toContain('730 CPU-hours × $0.10 = $73.00.')
  expect(code).toBe(0)
  const refused = await farebox(world, 'billing estimate compute --usage requests')
  expect(refused.err).toContain('Write a meter and a number: requests=12000')
  expect(refused.code).toBe(1)
})

test('S4.6 events of a sample are measured as they would be: two half months of storage are 0.23', async () => {
  const at = (day: number) => `2027-04-${String(day).padStart(2, '0')}T00:00:00Z`
  const file = join(folder, 'events.json')
  const events = [
    { type: 'storage', time: at(1), data: { value: 1 } },
    { type: 'storage', time: at(16), data: { value: 2 } },
  ]
  writeFileSync(file, JSON.stringify(events))
  const { json } = await farebox(world, `billing estimate compute --events ${file} --json`)

  expect(json()).toMatchObject({
    total: { amountMinor: 23 },
    period: { startsAt: '2027-04-01T00:00:00Z', endsAt: '2027-05-01T00:00:00Z' },
  })
})

test('what cannot be estimated says why, all of it at once', async () => {
  const ask = (body: object) =>
    world.operator
      .post('/api/v1/cost', { body: body })
      .then(() => [])
      .catch(({ problem }: { problem: { code: string; errors?: { path: string }[] } }) => [
        problem.code,
        ...(problem.errors ?? []).map(({ path }) => path),
      ])

  expect(await ask({})).toEqual(['invalid_request', 'planKey'])
  expect(await ask({ planKey: 'nowhere' })).toEqual(['not_found'])
  expect(await ask({ planKey: 'compute', planVersion: 7 })).toEqual(['not_found'])
  expect(await ask({ planKey: 'compute', phaseKey: 'trial' })).toEqual(['not_found'])
  expect(await ask({ planKey: 'compute', currency: 'eur' })).toEqual(['currency_not_offered'])
  expect(await ask({ planKey: 'compute', timeZone: 'Mars' })).toEqual([
    'invalid_request',
    'timeZone',
  ])
  expect(await ask({ subscriptionId: 'subscription_none' })).toEqual(['not_found'])
  expect(
    await ask({
      planKey: 'compute',
      quantities: [
        { meter: 'nothing', quantity: '1' },
        { meter: 'requests', quantity: '-1' },
        { meter: 'requests', quantity: '1', dimensions: { color: 'red' } },
      ],
    }),
  ).toEqual([
    'invalid_request',
    'quantities.0.meter',
    'quantities.1.quantity',
    'quantities.2.dimensions.color',
  ])
  const quantities = [{ meter: 'payments', quantity: '100' }]
  expect(await ask({ planKey: 'fees', quantities })).toEqual([
    'invalid_request',
    'quantities.0.events',
  ])
  const event = { type: 'payments', time: '2027-04-01T00:00:00Z', data: { value: 'no number' } }
  expect(
    await ask({
      planKey: 'fees',
      events: [{ ...event, data: { value: 5 } }, event, { ...event, time: '2027-06-01T00:00:00Z' }],
    }),
  ).toEqual(['invalid_request', 'events.1.data', 'events.2.time'])
})

test('a price for each event asks how many there were', async () => {
  const { total } = await world.operator.post('/api/v1/cost', {
    body: { planKey: 'fees', quantities: [{ meter: 'payments', quantity: '100', events: 4 }] },
  })

  expect(total.amountMinor).toBe(100 + 4 * 30)
})

test('usage that a plan does not price is named and costs nothing', async () => {
  const { unpricedMeters, total } = await world.operator.post('/api/v1/cost', {
    body: { planKey: 'small', quantities: [{ meter: 'requests', quantity: '9' }] },
  })

  expect([unpricedMeters, total.amountMinor]).toEqual([['requests'], 500])
})

async function savesCard(actor: Actor, planKey: string): Promise<void> {
  const purchase = await actor.choosesPlan(planKey)
  await purchase.pays()
  await purchase.settles()
  const { unrevealedKeyIds } = await until(
    () => actor.overview(),
    ({ subscription, unrevealedKeyIds: ids }) =>
      subscription?.lifecycle === 'active' && ids.length > 0,
  )
  const { secret } = await actor.portal.post('/api/v1/portal/keys/{keyId}/reveal', {
    params: { keyId: unrevealedKeyIds[0] ?? '' },
  })
  actor.usesKey(secret)
}

/** What an invoice says, as the next one is told: by description and amount. */
async function lastInvoice(actor: Actor, count: number): Promise<string[]> {
  const { data } = await until(
    () => actor.portal.get('/api/v1/portal/invoices'),
    (page) => page.data.length === count && page.data[0]?.state === 'paid',
  )
  const { lines } = await actor.portal.get('/api/v1/portal/invoices/{invoiceId}', {
    params: { invoiceId: data[0]?.id ?? '' },
  })
  return lines.map(({ amount, rateCardKey }) => `${rateCardKey} ${amount.amountMinor}`).toSorted()
}

const nextLines = async (actor: Actor) => {
  const { invoice } = await actor.portal.get('/api/v1/portal/next-invoice')
  return (invoice?.lines ?? [])
    .map(({ amount, rateCardKey }) => `${rateCardKey} ${amount.amountMinor}`)
    .toSorted()
}

test.each([
  ['Stripe bills', 'mixed', 'Ada', (actor: Actor) => actor.subscribes('mixed')],
  ['we bill', 'own_mixed', 'Bob', (actor: Actor) => savesCard(actor, 'own_mixed')],
] as const)(
  'where %s, the next invoice is foretold to the cent',
  async (_, planKey, name, buys) => {
    const actor = await world.customer(name)
    await buys(actor)
    await actor.callsTimes(7)
    await world.running.gateway.flush()
    const foretold = await nextLines(actor)
    const estimate = await actor.portal.post('/api/v1/portal/cost', {
      body: { quantities: [{ meter: 'requests', quantity: '7' }] },
    })
    const subscriptionId = (await actor.overview()).subscription?.id ?? ''
    const told = await farebox(world, `billing next ${subscriptionId}`)

    await world.advance('P1M')

    expect(foretold).toEqual(['fee 2900', 'requests 175'])
    expect(await lastInvoice(actor, 2)).toEqual(foretold)
    expect([estimate.planKey, estimate.total.amountMinor]).toEqual([planKey, 3_075])
    expect(told.out.split('\n').at(-2)).toBe('Total before tax\t$30.75')
  },
)

test('the next invoice knows of a change and of an end that wait for the period', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('mixed')
  await eve.callsTimes(2)
  await world.running.gateway.flush()
  const { quoteId } = await eve.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'small' },
  })
  await eve.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })
  const withChange = await nextLines(eve)
  await eve.portal.post('/api/v1/portal/subscription/change/undo')
  await eve.portal.post('/api/v1/portal/subscription/cancel')
  const { invoice: last } = await eve.portal.get('/api/v1/portal/next-invoice')

  expect(withChange).toEqual(['fee 500', 'requests 50'])
  expect([last?.opens, last?.total.amountMinor]).toEqual([null, 50])
})

test('customers ask about their own terms and what is offered to them, and nothing else', async () => {
  const dan = await world.customer('Dan')
  const ask = (planKey?: string) =>
    dan.portal
      .post('/api/v1/portal/cost', { body: planKey === undefined ? {} : { planKey } })
      .then(({ total }) => total.amountMinor)
      .catch(({ problem }: { problem: { code: string } }) => problem.code)

  expect(await ask('small')).toBe(500)
  expect(await ask('secret')).toBe('not_found')
  expect(await ask()).toBe('no_active_subscription')
  expect(await dan.portal.get('/api/v1/portal/next-invoice')).toEqual({ invoice: null })
})
