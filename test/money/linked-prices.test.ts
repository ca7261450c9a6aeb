import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { openWorld, type SoldPlan, type World } from '../support/world.ts'

let world: World
let stripe: Stripe
let productId: string

beforeAll(async () => {
  world = await openWorld()
  const { hostname, port } = new URL(world.running.simulatorUrl ?? '')
  stripe = new Stripe(SIMULATOR_KEY, { host: hostname, port: Number(port), protocol: 'http' })
  productId = (await stripe.products.create({ name: 'Made by hand' })).id
})
afterAll(() => world.close())

const linked = (id: string) => ({ kind: 'linked', stripePriceIds: { usd: id } }) as const
const madeInStripe = (unitAmount: number, recurring: Stripe.PriceCreateParams.Recurring) =>
  stripe.prices.create({ product: productId, currency: 'usd', unit_amount: unitAmount, recurring })

async function draft(key: string, definition: SoldPlan) {
  await world.operator.post('/api/v1/plans', { body: { key, definition } })
  return world.operator.get('/api/v1/plans/{planKey}/diff', { params: { planKey: key } })
}
const publish = (planKey: string) =>
  world.operator.post('/api/v1/plans/{planKey}/publish', { params: { planKey } })

test('S0.17 a linked price that says something else than the card is refused before anything happens', async () => {
  const yearly = await madeInStripe(3900, { interval: 'year' })
  const wrong = monthly('Wrong', [fee('29.00', { providerPrice: linked(yearly.id) })])
  const { problems, effects } = await draft('wrong', wrong)

  expect(problems.map(({ message }) => message)).toEqual([
    'In Stripe it costs 3900, here 2900 (in minor units).',
    'In Stripe it is charged every 1 year, here every 1 month.',
  ])
  expect(effects).toEqual([])
  await expect(publish('wrong')).rejects.toMatchObject({ status: 400 })

  const nowhere = monthly('Nowhere', [fee('29.00', { providerPrice: linked('price_nowhere') })])
  expect((await draft('nowhere', nowhere)).problems).toMatchObject([
    { message: 'Stripe has no price price_nowhere in this mode and account.' },
  ])
})

test('S0.17 C7 a linked price is sold as it is, and never changed or archived by us', async () => {
  const made = await madeInStripe(2900, { interval: 'month' })
  const terms = monthly('Linked', [fee('29.00', { providerPrice: linked(made.id) })])
  const { effects, problems } = await draft('linked', terms)
  expect(problems).toEqual([])
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'link_price', stripeId: made.id }))
  await publish('linked')
  const ada = await world.customer('Ada')
  await ada.subscribes('linked')
  const { data } = await stripe.subscriptions.list({ price: made.id })
  expect(data).toHaveLength(1)

  const next = await world.operator.post('/api/v1/plans/{planKey}/next', {
    params: { planKey: 'linked' },
  })
  const managed = monthly('Linked', [fee('39.00')])
  await world.operator.put('/api/v1/plans/{planKey}/draft', {
    params: { planKey: 'linked' },
    body: { revision: next.revision, definition: managed },
  })
  await publish('linked')
  await world.operator.post('/api/v1/plans/{planKey}/archive', { params: { planKey: 'linked' } })

  const after = await stripe.prices.retrieve(made.id)
  expect([after.active, after.metadata, after.nickname, after.lookup_key]).toEqual([
    made.active,
    made.metadata,
    made.nickname,
    made.lookup_key,
  ])
})

test('S4.16 the usage of a linked metered price reaches the meter it was made with', async () => {
  const meter = await stripe.billing.meters.create({
    display_name: 'Tokens',
    event_name: 'their_tokens',
    default_aggregation: { formula: 'sum' },
  })
  const made = await madeInStripe(10, { interval: 'month', usage_type: 'metered', meter: meter.id })
  const body = { key: 'tokens', name: 'Tokens' }
  await world.operator.post('/api/v1/meters', {
    body: { ...body, eventType: 'tokens', aggregation: 'sum', valueProperty: 'n', unit: 'token' },
  })
  await world.operator.post('/api/v1/features', { body: { ...body, meterKey: 'tokens' } })
  const card = priced(
    'tokens',
    { type: 'unit', amount: '0.10' },
    { providerPrice: linked(made.id) },
  )
  const { effects, problems } = await draft('metered', monthly('Metered', [card]))

  expect(problems).toEqual([])
  expect(effects).toContainEqual(
    expect.objectContaining({ kind: 'link_meter', stripeId: meter.id }),
  )
  await publish('metered')
  const { scope } = await world.running.domain.connections.stripe('test')
  expect(await world.running.domain.connections.mapping(scope, 'meter', 'tokens')).toMatchObject({
    externalId: meter.id,
    metadata: { eventName: 'their_tokens' },
  })
})

test('a linked price that was archived in Stripe is told, with what to do, and left alone', async () => {
  const made = await madeInStripe(1900, { interval: 'month' })
  await world.sells('gone', monthly('Gone', [fee('19.00', { providerPrice: linked(made.id) })]))
  await stripe.prices.update(made.id, { active: false })

  const { data } = await world.operator.get('/api/v1/catalog/drift')
  expect(data).toMatchObject([
    {
      planKey: 'gone',
      stripeId: made.id,
      isRepairable: false,
      remedy: expect.stringContaining('there') as string,
    },
  ])
  const { left } = await world.operator.post('/api/v1/catalog/drift/repair')
  expect(left).toHaveLength(1)
  expect((await stripe.prices.retrieve(made.id)).active).toBe(false)
})
