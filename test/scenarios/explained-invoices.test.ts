import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('U57 each line of an invoice says how it came about, tier by tier', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('payg')
  await ada.callsTimes(30)
  await world.advance('P1M')

  expect(await ada.explains()).toMatchInlineSnapshot(`
    [
      "requests | 30 requests were measured from … to …. | 30 requests × $0.01 = $0.30.",
    ]
  `)
})

test('S3.9 a fee is explained as what the plan costs a month', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('pro')
  const explained = await until(
    () => bob.explains(),
    ({ length }) => length > 0,
  )

  expect(explained).toMatchInlineSnapshot(`
    [
      "subscription | The fee is $29.00.",
    ]
  `)
})

test('U40 invoices that are what our rules make them leave no finding', async () => {
  const { data } = await world.operator.get('/api/v1/findings')
  // The catalog is not what this is about: while it is published, Stripe may be a moment ahead of it.
  expect(data.filter(({ category }) => category !== 'drift')).toEqual([])
})
