import { afterAll, beforeAll, expect, test } from 'vitest'
import { farebox } from '../support/cli.ts'
import { openWorld, type World } from '../support/world.ts'
import { Stripe } from 'stripe'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import { until } from '../support/until.ts'

let world: World
let stripe: Stripe

beforeAll(async () => {
  world = await openWorld()
  const { hostname, port } = new URL(world.running.simulatorUrl ?? '')
  stripe = new Stripe(SIMULATOR_KEY, { host: hostname, port: Number(port), protocol: 'http' })
})
afterAll(() => world.close())

/** What Stripe has of a plan. */
async function inStripe(planKey: string) {
  const { data: products } = await stripe.products.list({ limit: 100 })
  const product = products.find(({ metadata }) => metadata['farebox_plan'] === planKey)
  if (product === undefined) throw new Error(`Stripe has no product of ${planKey}`)
  const { data: prices } = await stripe.prices.list({ product: product.id, limit: 100 })
  return { product, prices: prices.filter(({ active }) => active) }
}
const drift = async () => (await world.operator.get('/api/v1/catalog/drift')).data
const repair = () => world.operator.post('/api/v1/catalog/drift/repair')
const draftOf = async (planKey: string) =>
  world.operator.post('/api/v1/plans/{planKey}/next', { params: { planKey } })

test('S3.6 what nobody touched in Stripe does not drift', async () => {
  expect(await drift()).toEqual([])
  const { out, err, code } = await farebox(world, 'plans drift')
  expect([out, err, code]).toEqual(['', 'Stripe has everything as it was published.\n', 0])
})

test('S3.6 what was edited, archived and switched off is found, shown with what to do, and put back', async () => {
  const { product, prices } = await inStripe('scale')
  const meter = (await stripe.billing.meters.list()).data[0]
  await stripe.products.update(product.id, {
    name: 'Mine',
    active: false,
    metadata: { 'feature:requests': '9', theirs: 'stays' },
  })
  for (const { id } of prices) await stripe.prices.update(id, { active: false })
  await stripe.billing.meters.deactivate(meter?.id ?? '')

  const found = await drift()
  const shown = await farebox(world, 'plans drift')
  const doctor = await farebox(world, 'doctor')
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['product', 'price', 'meter']))
  expect(found.find(({ kind }) => kind === 'product')?.summary).toContain(
    'that it is archived, the name "Mine", the metadata feature:requests',
  )
  expect([shown.code, shown.out]).toEqual([3, expect.stringContaining('plans drift --repair')])
  expect(doctor.out).toContain('✖ catalog')

  const repaired = await farebox(world, 'plans drift --repair --yes')
  expect([repaired.code, repaired.err]).toEqual([0, expect.stringContaining('put back.')])
  expect(await drift()).toEqual([])
  const after = await inStripe('scale')
  expect(after.product).toMatchObject({
    name: 'Scale',
    active: true,
    metadata: { theirs: 'stays' },
  })
  expect(after.prices.map(({ id }) => id).toSorted()).toEqual(prices.map(({ id }) => id).toSorted())
  expect((await stripe.billing.meters.retrieve(meter?.id ?? '')).status).toBe('active')
})

test('the daily comparison tells it as findings, and settles those that are over', async () => {
  const { product, prices } = await inStripe('pro')
  await stripe.products.update(product.id, { description: 'Cheaper today' })
  await stripe.prices.update(prices[0]?.id ?? '', { active: false })
  const drifts = async () =>
    (
      await world.operator.get('/api/v1/findings', { query: { state: 'open', limit: 100 } })
    ).data.filter(({ category }) => category === 'drift')
  const compared = async () => {
    const { code } = await farebox(world, 'stripe reconcile')
    expect(code).toBe(0)
    return (await drifts()).map(({ subjectKind }) => subjectKind).toSorted()
  }

  expect(await compared()).toEqual(['price', 'product'])

  await repair()
  expect(await until(drifts, (open) => open.length === 0)).toEqual([])
  expect(await compared()).toEqual([])
})

test('publishing shows what was done in Stripe before it writes over it', async () => {
  const { product, prices } = await inStripe('pro')
  await stripe.products.update(product.id, { name: 'Professional' })
  await stripe.prices.update(prices[0]?.id ?? '', { active: false })
  await draftOf('pro')

  const { effects } = await world.operator.get('/api/v1/plans/{planKey}/diff', {
    params: { planKey: 'pro' },
  })
  expect(effects).toContainEqual(
    expect.objectContaining({
      kind: 'update_product',
      note: 'Overwrites the name "Professional".',
    }),
  )
  expect(effects).toContainEqual(
    expect.objectContaining({ kind: 'restore_price', stripeId: prices[0]?.id }),
  )

  await farebox(world, 'plans publish pro')
  expect(await drift()).toEqual([])
  expect((await inStripe('pro')).product.name).toBe('Pro')
})

test('a price that was replaced here and put on sale again there is archived again', async () => {
  const draft = await draftOf('scale')
  const definition = JSON.parse(
    JSON.stringify(draft.definition).replace('"99.00"', '"109.00"'),
  ) as typeof draft.definition
  const old = (await inStripe('scale')).prices.find(({ unit_amount: amount }) => amount === 9900)
  await world.operator.put('/api/v1/plans/{planKey}/draft', {
    params: { planKey: 'scale' },
    body: { revision: draft.revision, definition },
  })
  await farebox(world, 'plans publish scale')
  await stripe.prices.update(old?.id ?? '', { active: true })

  expect(await drift()).toMatchObject([
    {
      kind: 'price',
      stripeId: old?.id,
      summary: expect.stringContaining('on sale there') as string,
    },
  ])
  await repair()
  expect((await stripe.prices.retrieve(old?.id ?? '')).active).toBe(false)
  expect(await drift()).toEqual([])
})

test('what was taken off sale here stays off sale in Stripe', async () => {
  await farebox(world, 'plans archive payg --yes')
  const { product, prices } = await inStripe('payg')
  expect([product.active, prices]).toEqual([false, []])

  await stripe.products.update(product.id, { active: true })
  expect(await drift()).toMatchObject([{ planKey: 'payg', kind: 'product' }])
  await repair()
  expect((await stripe.products.retrieve(product.id)).active).toBe(false)
})
