import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const own = { engine: 'stripe_invoice', checkoutMode: 'setup' } as const
  await world.sells(
    'compute',
    monthly('Compute', [priced('requests', { type: 'unit', amount: '0.25' })], {
      ...own,
      alignment: 'calendar',
    }),
  )
  await world.sells(
    'rented',
    // Nothing is said about how it is bought: a plan that we bill saves the card first, always.
    monthly('Rented', [fee('20.00'), priced('requests', { type: 'unit', amount: '0.25' })], {
      engine: 'stripe_invoice',
    }),
  )
  await world.sells('saved_first', monthly('Saved first', [fee('9.00')], { checkoutMode: 'setup' }))
})
afterAll(() => world.close())

async function savesCard(actor: Actor, planKey: string): Promise<void> {
  const purchase = await actor.choosesPlan(planKey)
  const saved = await purchase.pays()
  if (!saved.ok) throw new Error(await saved.text())
  await purchase.settles()
  const { unrevealedKeyIds } = await actor.portal.get('/api/v1/portal/overview')
  const { secret } = await actor.portal.post('/api/v1/portal/keys/{keyId}/reveal', {
    params: { keyId: unrevealedKeyIds[0] ?? '' },
  })
  actor.usesKey(secret)
}

test('S4 a card is saved first; what was used by the first of the month is invoiced then, once', async () => {
  const ada = await world.customer('Ada')
  await savesCard(ada, 'compute')
  expect((await ada.overview()).subscription).toMatchObject({
    planKey: 'compute',
    lifecycle: 'active',
    engine: 'stripe_invoice',
    paymentStatus: 'not_required',
  })
  expect(await ada.invoices()).toEqual([])
  await ada.callsTimes(10)

  const { endsAt } = (await ada.overview()).subscription?.currentPeriod ?? { endsAt: '' }
  expect(endsAt.slice(8)).toBe('01T00:00:00Z')
  await world.advance(endsAt)
  const invoices = await until(
    () => ada.invoices(),
    ([invoice]) => invoice?.includes('paid') === true,
  )
  expect(invoices).toEqual(['250 usd paid: requests: 10 250'])
  expect(await ada.explains()).toMatchInlineSnapshot(`
    [
      "requests | 10 requests were measured from … to …. | 10 requests × $0.25 = $2.50.",
    ]
  `)

  // Running again, by hand, bills nothing twice.
  const run = await world.operator.post('/api/v1/billing/runs')
  const done = await until(
    () => world.operator.get('/api/v1/billing/runs/{runId}', { params: { runId: run.id } }),
    ({ state }) => state === 'finished',
  )
  expect(done).toMatchObject({ total: 0, closed: 0, failed: 0 })
  expect(await ada.invoices()).toHaveLength(1)
})

test('a fee in advance is paid before there is access, then with each period, usage with its own', async () => {
  const bob = await world.customer('Bob')
  await savesCard(bob, 'rented')
  await until(
    () => bob.overview(),
    ({ subscription }) => subscription?.lifecycle === 'active',
  )
  await bob.callsTimes(4)
  await world.advance('P1M')
  await until(
    () => bob.invoices(),
    (invoices) => invoices.length === 2 && invoices.every((invoice) => invoice.includes('paid')),
  )
  expect(await bob.invoices()).toEqual([
    '2000 usd paid: Fee 2000',
    '2100 usd paid: requests: 4 100; Fee 2000',
  ])

  // The last invoice is for what was used until the end, and nothing ahead.
  await bob.callsTimes(2)
  await bob.portal.post('/api/v1/portal/subscription/cancel')
  await world.advance('P1M')
  const last = await until(
    () => bob.invoices(),
    (invoices) => invoices.length === 3,
  )
  expect(last.at(-1)).toBe('50 usd paid: requests: 2 50')
  expect((await bob.calls()).status).toBe(403)
})

test('a plan billed by Stripe can save the card first as well', async () => {
  const eve = await world.customer('Eve')
  await savesCard(eve, 'saved_first')
  expect((await eve.overview()).subscription).toMatchObject({
    engine: 'stripe_subscription',
    lifecycle: 'active',
  })
  const [invoice] = await until(
    () => eve.invoices(),
    ([first]) => first?.startsWith('900 usd paid') === true,
  )
  expect(invoice).toMatch(/^900 usd paid/)
})
