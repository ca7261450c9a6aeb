import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { buysWith, offersCoupon, previewsWith } from '../support/coupons.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('odd', monthly('Odd', [fee('33.33'), fee('9.99', { key: 'support' })]))
  await world.sells('plus', monthly('Plus', [fee('99.00')]))
  await world.sells(
    'own',
    monthly('Own', [fee('33.33'), priced('requests', { type: 'unit', amount: '0.33' })], {
      engine: 'stripe_invoice',
      checkoutMode: 'setup',
    }),
  )
})
afterAll(() => world.close())

/** Totals, oldest first, once there are as many. */
const totals = async (actor: Actor, count: number): Promise<number[]> => {
  const { data } = await until(
    () => actor.portal.get('/api/v1/portal/invoices'),
    (page) => page.data.filter(({ state }) => state === 'paid').length >= count,
  )
  return data.map(({ total }) => total.amountMinor).toReversed()
}

test.each(['odd', 'own'])(
  'a percentage off the plan %s costs exactly what the preview said, on every invoice',
  async (planKey) => {
    await offersCoupon(world, `eighth_${planKey}`, {})
    const ada = await world.customer(`Ada_${planKey}`)

    const preview = await previewsWith(ada, planKey, `eighth_${planKey}`)
    await buysWith(ada, planKey, `Eighth_${planKey}`)
    await world.advance('P1M')
    await world.advance('PT2H')

    const due = preview.invoice?.amountDue.amountMinor ?? 0
    expect(due).toBe(planKey === 'odd' ? 3790 : 2916)
    expect(preview.coupon).toMatchObject({ name: `eighth_${planKey}` })
    expect(await totals(ada, 2)).toEqual([due, due])
  },
)

test('usage that we rate is discounted with its period, and late usage like it', async () => {
  await offersCoupon(world, 'half', { off: { type: 'percentage', percent: '50' } })
  const eve = await world.customer('Eve')
  await buysWith(eve, 'own', 'half')
  const { unrevealedKeyIds } = await eve.overview()
  const [keyId = ''] = unrevealedKeyIds
  const revealed = await eve.portal.post('/api/v1/portal/keys/{keyId}/reveal', {
    params: { keyId },
  })
  eve.usesKey(revealed.secret)
  await eve.callsTimes(3)
  await world.advance('P1M')

  expect(await totals(eve, 2)).toEqual([1667, 1667 + 50])
  expect((await eve.invoices())[1]).toContain('requests: 3 (half) 50')
})

test.each(['odd', 'own'])('an amount off %s once is taken off one invoice', async (planKey) => {
  const key = `hello_${planKey}`
  await offersCoupon(world, key, {
    off: { type: 'amount', amounts: { usd: '5.00' } },
    duration: { type: 'once' },
  })
  const bob = await world.customer(`Bob_${planKey}`)

  const preview = await previewsWith(bob, planKey, key)
  await buysWith(bob, planKey, key)
  await world.advance('P2M')
  await world.advance('PT2H')

  const full = planKey === 'odd' ? 4332 : 3333
  expect(preview.invoice?.amountDue.amountMinor).toBe(full - 500)
  expect(await totals(bob, 3)).toEqual([full - 500, full, full])
})

test.each(['odd', 'own'])('a coupon of two months is off two invoices of %s', async (planKey) => {
  const key = `two_${planKey}`
  const off = { type: 'percentage', percent: '100' } as const
  await offersCoupon(world, key, { off, duration: { type: 'repeating', months: 2 } })
  const kim = await world.customer(`Kim_${planKey}`)

  await buysWith(kim, planKey, key)
  await world.advance('P2M')
  await world.advance('PT2H')

  const full = planKey === 'odd' ? 4332 : 3333
  expect(await totals(kim, 3)).toEqual([0, 0, full])
})

test.each(['odd', 'own'])('the next invoice of %s is foretold with the coupon', async (planKey) => {
  await offersCoupon(world, `foretold_${planKey}`, {
    off: { type: 'percentage', percent: '33.33' },
  })
  const ivy = await world.customer(`Ivy_${planKey}`)
  await buysWith(ivy, planKey, `foretold_${planKey}`)

  const { invoice } = await until(
    () => ivy.portal.get('/api/v1/portal/next-invoice'),
    (answer) => answer.invoice !== null,
  )
  await world.advance('P1M')
  await world.advance('PT2H')

  expect((await totals(ivy, 2))[1]).toBe(invoice?.total.amountMinor)
  expect(invoice?.total.amountMinor).toBe(planKey === 'odd' ? 2888 : 2222)
})

test('a change of plan shows the coupon in its preview and charges exactly that', async () => {
  await offersCoupon(world, 'steady', { off: { type: 'percentage', percent: '20' } })
  const flo = await world.customer('Flo')
  await buysWith(flo, 'odd', 'steady')
  await world.advance('P10D')

  const preview = await flo.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'plus' },
  })
  await flo.portal.post('/api/v1/portal/subscription/change', {
    body: { quoteId: preview.quoteId },
  })
  const charged = await totals(flo, 2)
  await world.advance('P1M')
  await world.advance('PT2H')

  expect(charged[1]).toBe(preview.invoice?.amountDue.amountMinor)
  expect(preview.nextInvoice?.fees.amountMinor).toBe(7920)
  expect((await totals(flo, 3))[2]).toBe(7920)
})

test('a downgrade at the end of the period keeps the coupon', async () => {
  await offersCoupon(world, 'staying', { off: { type: 'percentage', percent: '10' } })
  const joy = await world.customer('Joy')
  await buysWith(joy, 'plus', 'staying')

  const preview = await joy.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'odd' },
  })
  const { quoteId } = preview
  await joy.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })
  await world.advance('P1M')
  await world.advance('PT2H')

  expect(preview.timing).toBe('at_period_end')
  expect(await totals(joy, 2)).toEqual([8910, 3899])
})

test.each(['odd', 'own'])(
  'an estimate for a subscriber of %s takes their coupon off as the invoice does',
  async (planKey) => {
    await offersCoupon(world, `asked_${planKey}`, {})
    const kay = await world.customer(`Kay_${planKey}`)
    await buysWith(kay, planKey, `asked_${planKey}`)
    const [invoiced] = await totals(kay, 1)
    const subscriptionId = (await kay.overview()).subscription?.id ?? ''

    const estimate = await world.operator.post('/api/v1/cost', { body: { subscriptionId } })

    expect(estimate.total.amountMinor).toBe(invoiced)
  },
)
