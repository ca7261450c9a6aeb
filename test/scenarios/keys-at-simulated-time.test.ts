import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('a replaced key works for its overlap and no longer, at the time test mode has', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  await world.advance('P10D')
  const {
    data: [key],
  } = await ada.portal.get('/api/v1/portal/keys')

  const { key: successor } = await ada.portal.post('/api/v1/portal/keys/{keyId}/rotate', {
    params: { keyId: key?.id ?? '' },
    body: { overlapHours: 24 },
  })

  expect((await ada.calls('/v1/ping')).status).toBe(200)
  expect(Date.parse(successor.createdAt)).toBeGreaterThan(Date.now() + 9 * 86_400_000)
  await world.advance('P2D')
  const late = await ada.calls('/v1/ping')
  expect([late.status, late.body['code']]).toEqual([401, 'key_expired'])
})
