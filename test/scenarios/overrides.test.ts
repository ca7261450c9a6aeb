import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BodyOf, ResponseOf } from '../../src/client/client.ts'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { fee, monthly, priced, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type SoldPlan, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const days = { billingCadence: 'P4W' }
  const sold = (name: string, changes: Partial<SoldPlan> = {}) =>
    monthly(
      name,
      [
        fee('29.00', days),
        fee('5.00', { ...days, key: 'support', name: 'Support' }),
        { ...quota('requests', '3'), ...days },
      ],
      {
        ...days,
        rateLimits: [{ name: 'speed', limit: 1000, windowSeconds: 60 }],
        ...changes,
      },
    )
  await world.sells('small', sold('Small'))
  await world.sells(
    'large',
    monthly('Large', [fee('99.00', days), { ...quota('requests', '50'), ...days }], days),
  )
  await world.sells(
    'invoiced',
    sold('Invoiced', { engine: 'stripe_invoice', checkoutMode: 'setup' }),
  )
  await world.sells(
    'outside',
    sold('Outside', { engine: 'offline', isPaymentMethodRequired: false }),
  )
  await world.sells(
    'metered',
    monthly('Metered', [fee('10.00'), priced('requests', { type: 'unit', amount: '0.10' })]),
  )
})
afterAll(() => world.close())

type Overrides = BodyOf<
  'post',
  '/api/v1/subscriptions/{subscriptionId}/overrides/preview'
>['overrides']
type Preview = ResponseOf<'post', '/api/v1/subscriptions/{subscriptionId}/overrides/preview'>
type Timing = 'immediate' | 'at_period_end'

async function mine(actor: Actor) {
  const { subscription } = await actor.overview()
  if (subscription === null) throw new Error('There is no subscription')
  return subscription
}

async function previews(
  actor: Actor,
  overrides: Partial<Overrides>,
  timing: Timing = 'immediate',
): Promise<Preview> {
  const { id: subscriptionId } = await mine(actor)
  return world.operator.post('/api/v1/subscriptions/{subscriptionId}/overrides/preview', {
    params: { subscriptionId },
    body: { overrides: { reason: 'negotiated', ...overrides }, timing },
  })
}

async function agrees(
  actor: Actor,
  overrides: Partial<Overrides>,
  timing: Timing = 'immediate',
): Promise<Preview> {
  const preview = await previews(actor, overrides, timing)
  const { id: subscriptionId } = await mine(actor)
  const body = { quoteId: preview.quoteId }
  const result = await world.operator.post('/api/v1/subscriptions/{subscriptionId}/overrides', {
    params: { subscriptionId },
    body,
  })
  if (timing === 'immediate') expect(result.kind).toBe('applied')
  return preview
}

const usd = (amount: string) => ({ type: 'amount', amount, currency: 'usd' }) as const

async function paid(actor: Actor, count: number) {
  return until(
    async () => (await actor.portal.get('/api/v1/portal/invoices')).data,
    (list) => list.length === count && list.every(({ state }) => state === 'paid'),
  )
}

test('a price agreed for one customer from now on is prorated as previewed, and renewed at', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('small')
  await world.advance('P14D')

  const preview = await agrees(ada, { prices: { fee: usd('19.00') } })

  expect(preview.payment).toMatchObject({ kind: 'credit', amount: { amountMinor: 500 } })
  expect(
    preview.invoice?.lines.map(({ amount }) => amount.amountMinor).toSorted((a, b) => a - b),
  ).toEqual([-1450, 950])
  await paid(ada, 2)
  expect(await mine(ada)).toMatchObject({
    agreed: { prices: [{ amount: '19.00', listed: '29.00' }] },
  })
  await world.advance('P15D')
  const invoices = await paid(ada, 3)
  expect(invoices[0]).toMatchObject({
    total: { amountMinor: 2400 },
    amountDue: { amountMinor: 1900 },
  })
  expect(await ada.explains()).toContain(
    'fee | Agreed for this subscription: $19.00 instead of $29.00. | The fee is $19.00.',
  )
})

test('a quota agreed from now on is there within a second, and leaves what was paid as it is', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('small')
  await bob.callsTimes(3)
  expect((await bob.calls()).status).toBe(403)
  await world.advance('P14D')

  const preview = await agrees(bob, { quotas: { requests: '5' } })

  expect(preview.invoice).toBeNull()
  expect(preview.quotas).toMatchObject([{ limitBefore: '3', limitAfter: '5', usedAfter: '3' }])
  await until(
    () => bob.calls(),
    ({ status }) => status === 200,
  )
  expect((await bob.portal.get('/api/v1/portal/invoices')).data).toHaveLength(1)
  const { subscription } = await until(
    () => bob.overview(),
    ({ quotas: [requests] }) => requests?.limit === '5' && requests.used === '4',
  )
  // All that was paid at the start is given back for the time that is left, once.
  const { quoteId: _, ...leaving } = await world.operator.post(
    '/api/v1/subscriptions/{subscriptionId}/change/preview',
    {
      params: { subscriptionId: subscription?.id ?? '' },
      body: { planKey: 'large', timing: 'immediate' },
    },
  )
  const given = leaving.invoice?.lines.filter(({ amount }) => amount.amountMinor < 0) ?? []
  expect(given.map(({ amount }) => amount.amountMinor).toSorted((a, b) => a - b)).toEqual([
    -1450, -250,
  ])
  expect(leaving.notices).toContainEqual({
    kind: 'overrides_dropped',
    message: 'What was agreed for the old plan alone ends with it: API requests.',
  })
})

test('a price agreed from the next period on is charged by it, and is not the customer’s to take back', async () => {
  const cyd = await world.customer('Cyd')
  await cyd.subscribes('small')

  const preview = await agrees(
    cyd,
    { prices: { fee: { type: 'percentage', percent: '50' } } },
    'at_period_end',
  )

  expect(preview).toMatchObject({
    timing: 'at_period_end',
    payment: { kind: 'none' },
    nextInvoice: { fees: { amountMinor: 1950 } },
  })
  expect((await mine(cyd)).change).toMatchObject({ kind: 'terms', state: 'scheduled' })
  await expect(cyd.portal.post('/api/v1/portal/subscription/change/undo')).rejects.toMatchObject({
    code: 'no_change_pending',
  })
  await world.advance('P29D')
  expect((await paid(cyd, 2))[0]).toMatchObject({ total: { amountMinor: 1950 } })
  expect((await mine(cyd)).agreed).toMatchObject({ prices: [{ percent: '50', amount: '14.5' }] })
})

test('what is agreed until a date ends with the period that lies in, and the plan’s price is charged again', async () => {
  const dee = await world.customer('Dee')
  await dee.subscribes('small')
  const until6Weeks = new Date(Date.parse(await world.now()) + 42 * 86_400_000).toISOString()
  await agrees(
    dee,
    { prices: { fee: usd('9.00') }, quotas: { requests: null }, until: until6Weeks },
    'at_period_end',
  )

  await world.advance('P12W')

  const totals = (await paid(dee, 4)).map(({ total }) => total.amountMinor)
  expect(totals.toReversed()).toEqual([3400, 1400, 3400, 3400])
  const { subscription, quotas } = await dee.overview()
  expect(subscription).toMatchObject({ agreed: null, change: null })
  expect(quotas).toMatchObject([{ limit: '3' }])
})

for (const planKey of ['invoiced', 'outside'] as const) {
  test(`where the invoices are ours a price agreed from now on makes one, as previewed: ${planKey}`, async () => {
    const eve = await world.customer(`Eve ${planKey}`.replace(' ', '-'))
    await eve.subscribes(planKey)
    await world.advance('P14D')

    const preview = await agrees(eve, { prices: { fee: usd('99.00') }, quotas: { requests: '9' } })

    const amounts = (lines: readonly { amount: { amountMinor: number } }[] = []) =>
      lines.map(({ amount }) => amount.amountMinor).toSorted((a, b) => a - b)
    await world.advance('PT2H')
    const made = await newestOf(eve)
    expect(made).toMatchObject({ kind: 'change', total: preview.invoice?.total })
    expect(amounts(made.lines)).toEqual(amounts(preview.invoice?.lines))
    expect(amounts(made.lines)).toHaveLength(2)
    await agrees(eve, { prices: { fee: usd('49.00') } }, 'at_period_end')
    await world.advance('P15D')
    const [renewal] = (await eve.portal.get('/api/v1/portal/invoices')).data
    expect(renewal).toMatchObject({ kind: 'period', total: { amountMinor: 5400 } })
  })
}

async function newestOf(actor: Actor) {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  return actor.portal.get('/api/v1/portal/invoices/{invoiceId}', {
    params: { invoiceId: data[0]?.id ?? '' },
  })
}

test('usage costs the plan’s price until other prices are agreed, and those from then on', async () => {
  const fay = await world.customer('Fay')
  await fay.subscribes('metered')
  await fay.callsTimes(4)
  await world.advance('P10D')

  await agrees(fay, { prices: { requests: usd('0.05') }, quotas: { requests: '5' } })
  await fay.callsTimes(3)
  await world.advance('P30D')

  const [renewal] = await paid(fay, 2)
  expect(renewal).toMatchObject({ total: { amountMinor: 1000 + 40 + 10 } })
  const explained = (await fay.explains()).join('\n')
  expect(explained).toContain('4 requests × $0.10 = $0.40')
  expect(explained).toMatch(
    /Agreed for this subscription: \$0\.05 instead of \$0\.10\. \| Agreed to be included: 5 instead of 0\./,
  )
  expect(explained).toContain('2 requests × $0.05 = $0.10')
})

test('another plan has none of it, a newer version of the same plan all of it', async () => {
  const gil = await world.customer('Gil')
  await gil.subscribes('small')
  await agrees(gil, { prices: { fee: usd('19.00') }, quotas: { requests: '7' } })
  const { id: subscriptionId } = await mine(gil)
  const change = '/api/v1/subscriptions/{subscriptionId}/change' as const
  const params = { subscriptionId }
  const { data: plans } = await world.operator.get('/api/v1/plans')
  const small = plans.find(({ key }) => key === 'small')
  const definition = small?.active?.definition
  await world.operator.post('/api/v1/plans/{planKey}/next', { params: { planKey: 'small' } })
  await world.operator.put('/api/v1/plans/{planKey}/draft', {
    params: { planKey: 'small' },
    body: { revision: 1, definition: { ...definition, description: 'newer' } as never },
  })
  await world.operator.post('/api/v1/plans/{planKey}/publish', { params: { planKey: 'small' } })

  // Stripe's seconds are whole ones: what was agreed begins with the next.
  const newer = await until(
    () =>
      world.operator.post(`${change}/preview`, {
        params,
        body: { planKey: 'small', timing: 'immediate' },
      }),
    ({ notices }) => notices.length > 0,
  )
  expect(newer.notices).toContainEqual({
    kind: 'overrides_kept',
    message: 'What was agreed stays agreed: price of fee, API requests.',
  })
  expect(newer.invoice?.total.amountMinor ?? 0).toBe(0)
  await world.operator.post(change, { params, body: { quoteId: newer.quoteId } })
  const migrated = await until(
    () => mine(gil),
    ({ planVersion }) => planVersion === 2,
  )
  expect(migrated.agreed).toMatchObject({ prices: [{ amount: '19.00' }], quotas: [{ limit: '7' }] })

  const other = await world.operator.post(`${change}/preview`, {
    params,
    body: { planKey: 'large', timing: 'immediate' },
  })
  await world.operator.post(change, { params, body: { quoteId: other.quoteId } })
  const left = await until(
    () => mine(gil),
    ({ planKey }) => planKey === 'large',
  )
  expect(left.agreed).toBeNull()
})

test('rate limits and features agreed for one customer reach the gateway', async () => {
  const hal = await world.customer('Hal')
  await hal.subscribes('small')

  await agrees(hal, {
    rateLimits: { speed: { limit: 2000, burst: null } },
    quotas: { requests: null },
  })

  const answer = await until(
    () => hal.calls(),
    ({ headers }) => headers.get('x-ratelimit-limit') === '2000',
  )
  expect(answer.status).toBe(200)
  expect(await mine(hal)).toMatchObject({
    agreed: { rateLimits: [{ name: 'speed', limit: 2000, listed: 1000 }] },
  })
})

test('what the plan has no place for is refused, all of it at once', async () => {
  const ida = await world.customer('Ida')
  await ida.subscribes('small')

  const refused = await previews(ida, {
    prices: { nothing: usd('1.00'), fee: usd('1.005') },
    quotas: { nothing: '1' },
    features: { nothing: true, requests: false },
    rateLimits: { nothing: { limit: 1, burst: null } },
    until: '2020-01-01T00:00:00Z',
  }).catch((error: unknown) => error)

  expect(refused).toMatchObject({ code: 'invalid_request' })
  const { errors } = (refused as { problem: { errors: { path: string }[] } }).problem
  expect(errors.map(({ path }) => path)).toEqual([
    'overrides.prices.nothing',
    'overrides.prices.fee',
    'overrides.quotas.nothing',
    'overrides.features.nothing',
    'overrides.features.requests',
    'overrides.rateLimits.nothing',
    'overrides.until',
  ])
  await expect(agrees(ida, {})).rejects.toMatchObject({ code: 'already_subscribed' })
})

test('a customer cannot confirm what an operator previewed, and the operator’s name and reason are on record', async () => {
  const jo = await world.customer('Jo')
  await jo.subscribes('small')
  const { quoteId } = await previews(jo, { prices: { fee: usd('1.00') } })
  await expect(
    jo.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } }),
  ).rejects.toMatchObject({ code: 'not_found' })

  await agrees(jo, { prices: { fee: usd('19.00') }, reason: 'a friend of the house' })

  const { id } = await mine(jo)
  const params = { subscriptionId: id }
  expect(
    (await world.operator.get('/api/v1/subscriptions/{subscriptionId}/overrides', { params }))
      .overrides,
  ).toMatchObject({
    reason: 'a friend of the house',
    prices: { fee: usd('19.00') },
  })
  expect(JSON.stringify(await jo.overview())).not.toContain('friend of the house')
  const { data } = await world.operator.get('/api/v1/audit-entries', {
    query: { targetKind: 'subscription', targetId: id },
  })
  const told = data.filter(({ action }) => action === 'subscription.change_confirmed')
  expect(told).toMatchObject([
    { actorKind: 'operator', after: { overrides: { reason: 'a friend of the house' } } },
  ])
})

test('who has agreed terms scheduled can still leave for another plan, and cancel', async () => {
  const kay = await world.customer('Kay')
  await kay.subscribes('small')
  await agrees(kay, { prices: { fee: usd('19.00') } }, 'at_period_end')

  const { quoteId } = await kay.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'large' },
  })
  await kay.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })
  await until(
    () => mine(kay),
    ({ planKey, change }) => planKey === 'large' && change === null,
  )

  const lee = await world.customer('Lee')
  await lee.subscribes('small')
  await agrees(lee, { prices: { fee: usd('19.00') } }, 'at_period_end')
  await lee.portal.post('/api/v1/portal/subscription/cancel')
  expect(await mine(lee)).toMatchObject({ lifecycle: 'canceling', change: null })
})

test('an agreed price that somebody archives in Stripe is found and put back, and publishing leaves it alone', async () => {
  const mia = await world.customer('Mia')
  await mia.subscribes('small')
  await agrees(mia, { prices: { fee: usd('18.00') } })
  const drift = async () => (await world.operator.get('/api/v1/catalog/drift')).data
  expect(await drift()).toEqual([])
  const { hostname, port } = new URL(world.running.simulatorUrl ?? '')
  const stripe = new Stripe(SIMULATOR_KEY, { host: hostname, port: Number(port), protocol: 'http' })
  const { data: prices } = await stripe.prices.list({ limit: 100 })
  const agreed = prices.find(({ unit_amount: amount }) => amount === 1800)

  await stripe.prices.update(agreed?.id ?? '', { active: false })

  expect(await drift()).toMatchObject([{ kind: 'price' }])
  await world.operator.post('/api/v1/catalog/drift/repair')
  expect((await stripe.prices.retrieve(agreed?.id ?? '')).active).toBe(true)
  expect(await drift()).toEqual([])
})

test('the command line agrees terms, shows them, and ends them', async () => {
  const ned = await world.customer('Ned')
  await ned.subscribes('small')
  const { id } = await mine(ned)

  const agreed = await farebox(
    world,
    `subscriptions override ${id} --price fee=20% --quota requests=unlimited --reason deal`,
  )
  expect([agreed.code, agreed.err]).toEqual([0, ''])
  expect(agreed.out).toContain('requests 3 → unlimited')
  expect((await farebox(world, `subscriptions show ${id}`)).out).toContain(
    'fee less 20 %, requests unlimited',
  )
  const dry = await farebox(world, `subscriptions override ${id} --reason over --dry-run`)
  expect([dry.err, dry.out]).toEqual(['', expect.stringContaining('requests unlimited → 3')])
  expect((await mine(ned)).agreed).not.toBeNull()
  await farebox(world, `subscriptions override ${id} --reason over`)
  expect((await mine(ned)).agreed).toBeNull()
})
