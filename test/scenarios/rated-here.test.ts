import { afterAll, beforeAll, expect, test } from 'vitest'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells(
    'agreed',
    monthly('Agreed', [
      fee('29.00'),
      priced(
        'requests',
        { type: 'unit', amount: '0.01' },
        { commitments: { usd: { minimum: '5.00' } } },
      ),
    ]),
  )
  await world.sells(
    'usage_only',
    monthly('Usage only', [
      priced(
        'requests',
        { type: 'unit', amount: '1.00' },
        { discounts: [{ type: 'percentage', percent: '10' }] },
      ),
    ]),
  )
})
afterAll(() => world.close())

test('what Stripe has no words for is rated here and stands on the renewal invoice, once', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('agreed')
  await ada.callsTimes(20)
  await world.advance('P1M')

  expect(await ada.invoices()).toMatchInlineSnapshot(`
    [
      "2900 usd paid: 1 × Agreed (at $29.00 / month) 2900",
      "3400 usd paid: 1 × Agreed (at $29.00 / month) 2900; requests: agreed minimum 480; requests: 20 20",
    ]
  `)
  expect(await ada.explains()).toMatchInlineSnapshot(`
    [
      "fee | The fee is $29.00.",
      "fee | The fee is $29.00.",
      "requests | A minimum of $5.00 was agreed; $0.20 were charged, the difference is $4.80.",
      "requests | 20 requests were measured from … to …. | 20 requests × $0.01 = $0.20.",
    ]
  `)
})

test('a plan all of whose charges are rated here is a Stripe subscription of nothing, with items', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('usage_only')
  await bob.callsTimes(3)
  await world.advance('P1M')

  expect(await bob.invoices()).toMatchInlineSnapshot(`
    [
      "0 usd paid: 1 × Usage only (at $0.00 / month) 0",
      "270 usd paid: 1 × Usage only (at $0.00 / month) 0; requests: 3 270",
    ]
  `)
})

test('usage counted while the draft is open is on it', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('agreed')
  await world.advance('P1M')
  await eve.callsTimes(1)
  await world.advance('P1M')
  expect((await eve.invoices()).length).toBe(3)
})
