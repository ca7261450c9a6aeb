import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('S3.7 S3.20 a customer subscribes, pays, calls, uses up the quota, renews and leaves', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')

  const first = await ada.calls('/v1/ping')
  expect(first.status).toBe(200)
  expect(first.body).toEqual({ pong: true, customer: ada.customerId })

  await ada.callsTimes(999)
  const beyond = await ada.calls('/v1/ping')
  expect(beyond.status).toBe(403)
  expect(beyond.body).toMatchObject({ code: 'quota_exceeded' })
  const seen = await until(
    () => ada.overview(),
    ({ quotas }) => quotas[0]?.used === '1000',
  )
  expect(seen.quotas[0]).toMatchObject({ featureKey: 'requests', limit: '1000' })

  await world.advance('P1M')
  expect((await ada.calls('/v1/ping')).status).toBe(200)
  expect(await ada.invoices()).toMatchInlineSnapshot(`
    [
      "2900 usd paid: 1 × Pro (at $29.00 / month) 2900",
      "2900 usd paid: 1 × Pro (at $29.00 / month) 2900",
    ]
  `)

  const canceled = await ada.portal.post('/api/v1/portal/subscription/cancel')
  expect(canceled.lifecycle).toBe('canceling')
  expect((await ada.calls('/v1/ping')).status).toBe(200)
  await world.advance('P1M')
  const after = await ada.calls('/v1/ping')
  expect([after.status, after.body['code']]).toEqual([403, 'subscription_ended'])
})
