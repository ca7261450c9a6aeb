import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { control } from '../support/simulator-control.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const quarter = { type: 'unit', amount: '0.25' } as const
  const tiers: Parameters<typeof priced>[1] = {
    type: 'tiered',
    mode: 'graduated',
    tiers: [
      { upToAmount: '2', unitPrice: '1.00' },
      { upToAmount: null, unitPrice: '0.50' },
    ],
  }
  await world.sells(
    'prepaid',
    monthly('Prepaid', [priced('requests', quarter, { entitlement: null })], {
      isPaymentMethodRequired: false,
      settlement: 'credit_only',
    }),
  )
  await world.sells('metered', monthly('Metered', [fee('10.00'), priced('requests', quarter)]))
  await world.sells('tiers', monthly('Tiers', [fee('10.00'), priced('requests', tiers)]))
  await world.operator.put('/api/v1/credit-packs/{packKey}', {
    params: { packKey: 'dollars' },
    body: {
      name: 'Credits',
      unit: 'money:usd',
      amountPerPack: '1',
      priceMinor: 100,
      currency: 'usd',
    },
  })
})
afterAll(() => world.close())

/** As the portal does it: to Stripe's page, which is not paid yet. */
async function choosesCredits({ portal }: Actor, quantity: number) {
  const { id: purchaseId, checkoutUrl } = await portal.post('/api/v1/portal/credit-purchases', {
    body: { packKey: 'dollars', quantity },
  })
  const read = () =>
    portal.get('/api/v1/portal/credit-purchases/{purchaseId}', { params: { purchaseId } })
  return {
    read,
    async pays(card = 'pm_card_visa') {
      const session = /cs_test_\w+/.exec(checkoutUrl ?? '')?.[0] ?? ''
      const { simulatorUrl } = world.running
      const paid = await fetch(`${simulatorUrl}/v1/payment_pages/${session}/confirm`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer sk_test_farebox',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ payment_method: card }),
      })
      expect(paid.status).toBe(200)
      await until(read, ({ state }) => state === 'paid')
    },
    returnsTo: () =>
      fetch(`${world.running.consoleUrl}/portal/billing/credits?purchase=${purchaseId}`),
  }
}

const buysCredits = async (actor: Actor, quantity: number, card?: string) =>
  (await choosesCredits(actor, quantity)).pays(card)

const credits = ({ portal }: Actor) => portal.get('/api/v1/portal/credits')
const available = async (actor: Actor) => (await credits(actor)).balances[0]?.available ?? '0'

const isRefused = (actor: Actor) =>
  until(
    () => actor.calls(),
    ({ status }) => status === 403,
  )
const isLetIn = (actor: Actor) =>
  until(
    () => actor.calls(),
    ({ status }) => status === 200,
  )

test('S4.5 $1.00 × 25 paid on hosted Checkout is granted by the webhook, never by the redirect, and redelivered once', async () => {
  const ada = await world.customer('Ada')
  const purchase = await choosesCredits(ada, 25)

  await purchase.returnsTo()
  expect(await purchase.read()).toMatchObject({ state: 'pending', amount: { amountMinor: 2_500 } })
  expect((await credits(ada)).grants).toEqual([])

  await purchase.pays()
  expect(await available(ada)).toBe('25')

  const { inbox } = world.running.domain
  const { data } = await inbox.list('test', {}, { limit: 100 })
  const params = data.map(({ id }) => ({ eventId: id }))
  for (const each of params) {
    await world.operator.post('/api/v1/webhook-events/{eventId}/replay', { params: each })
  }
  await inbox.drain()
  expect((await credits(ada)).grants).toMatchObject([{ category: 'paid', amount: '25' }])
  expect(await available(ada)).toBe('25')
})

test('a prepaid customer runs out, is refused and told what to do, tops up and goes on', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('prepaid')
  await isRefused(bob)
  await buysCredits(bob, 1)
  await isLetIn(bob)
  await bob.callsTimes(3)

  const refusal = await isRefused(bob)

  const href = `${world.running.consoleUrl}/portal/billing/credits`
  expect(refusal.body).toMatchObject({
    code: 'insufficient_credits',
    actions: expect.arrayContaining([{ rel: 'top_up', href }]),
  })
  await buysCredits(bob, 1)
  await isLetIn(bob)
  await bob.callsTimes(3)
  await isRefused(bob)
  await world.running.gateway.flush()
  expect(
    await until(
      () => available(bob),
      (left) => left === '0',
    ),
  ).toBe('0')
})

test.each([
  ['lost', 'voided', '0'],
  ['won', 'active', '20'],
] as const)(
  'U50 while a purchase is disputed nothing of it is spent; %s, what is left is %s',
  async (outcome, state, left) => {
    const cleo = await world.customer(`Cleo ${outcome}`.replace(' ', '_'))
    await cleo.subscribes('prepaid')
    await buysCredits(cleo, 20, 'pm_card_createDispute')
    await until(
      () => credits(cleo),
      ({ grants }) => grants[0]?.isFrozen === true,
    )
    await isRefused(cleo)

    const { data } = await world.running.domain.disputes.list(
      'test',
      { customerId: cleo.customerId },
      { limit: 1 },
    )
    const simulatorUrl = world.running.simulatorUrl ?? ''
    await control({ simulatorUrl }, `/_sim/disputes/${data[0]?.stripeDisputeId}`, { outcome })

    await until(
      () => credits(cleo),
      ({ grants }) =>
        outcome === 'lost' ? grants[0]?.state === 'voided' : grants[0]?.isFrozen === false,
    )
    expect((await credits(cleo)).grants[0]?.state).toBe(state)
    if (outcome === 'won') await isLetIn(cleo)
    else await isRefused(cleo)
    expect(Number(await available(cleo))).toBeLessThanOrEqual(Number(left))
  },
)

test.each(['metered', 'tiers'])(
  'U44 the next invoice foretells what credits pay, to the cent (%s)',
  async (planKey) => {
    const dan = await world.customer(`Dan_${planKey}`)
    await dan.subscribes(planKey)
    await buysCredits(dan, 2)
    await dan.callsTimes(10)
    await world.running.gateway.flush()
    const foretold = await until(
      async () => (await dan.portal.get('/api/v1/portal/next-invoice')).invoice,
      (invoice) => (invoice?.lines.length ?? 0) === 3,
    )

    await world.advance('P1M')
    await world.advance('P1D')

    const invoices = await until(
      () => dan.invoices(),
      ({ length }) => length > 1,
    )
    expect(invoices[1]).toMatch(new RegExp(`^${foretold?.total.amountMinor} usd`))
    expect(foretold?.lines.map(({ amount }) => amount.amountMinor)).toContain(-200)
  },
)
