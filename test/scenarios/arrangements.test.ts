import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('small', monthly('Small', [fee('29.00'), quota('requests', '5')]))
})
afterAll(() => world.close())

type Override =
  | { readonly kind: 'allow_until'; readonly until: string }
  | { readonly kind: 'deny'; readonly note: string }

async function mine(actor: Actor) {
  const { subscription } = await actor.overview()
  if (subscription === null) throw new Error('There is no subscription')
  return subscription
}

async function override(actor: Actor, to: Override | null, ifMatch?: number) {
  const { id } = await mine(actor)
  return world.operator.put('/api/v1/subscriptions/{subscriptionId}/access', {
    params: { subscriptionId: id },
    body: { override: to },
    ...(ifMatch !== undefined && { ifMatch }),
  })
}

const isRefused = (actor: Actor, code: string) =>
  until(
    () => actor.calls(),
    ({ status, body }) => status === 403 && body['code'] === code,
  )
const isLetIn = (actor: Actor) =>
  until(
    () => actor.calls(),
    ({ status }) => status === 200,
  )

test('an operator keeps somebody out who has paid, with a reason, and lets them in again', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('small')
  await ada.callsTimes(1)

  await override(ada, { kind: 'deny', note: 'scrapes us' })
  const refusal = await isRefused(ada, 'customer_suspended')
  expect(refusal.body['detail']).toMatch(/scrapes us/)
  expect(await mine(ada)).toMatchObject({ lifecycle: 'active', paymentStatus: 'paid' })
  expect((await ada.overview()).alerts).toEqual([
    { kind: 'access_denied', message: 'Access has been turned off: scrapes us' },
  ])

  await override(ada, null)
  await isLetIn(ada)
})

test('an operator lets somebody in until a date who is suspended, and no longer', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('small')
  const { id } = await mine(bob)
  await override(bob, { kind: 'deny', note: 'wait' })
  const day = new Date(Date.parse(await world.now()) + 86_400_000).toISOString()
  await override(bob, { kind: 'allow_until', until: day })
  await world.operator.post('/api/v1/customers/{customerId}/suspend', {
    params: { customerId: bob.customerId },
    body: { reason: 'operator' },
  })
  await isLetIn(bob)

  await world.advance('P2D')

  await isRefused(bob, 'customer_suspended')
  const { data } = await world.operator.get('/api/v1/audit-entries', {
    query: { targetKind: 'subscription', targetId: id },
  })
  const entries = data.filter(({ action }) => action === 'subscription.access_overridden')
  expect(entries.map(({ after }) => after)).toEqual([
    { accessOverride: { kind: 'allow_until', until: expect.any(Number) as number } },
    { accessOverride: { kind: 'deny', note: 'wait' } },
  ])
  expect(entries[0]?.actorKind).toBe('operator')
})

test('S5.15.5 who acts on a version that is gone changes nothing and is told so', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('small')
  const { version, id } = await mine(eve)
  await override(eve, { kind: 'deny', note: 'first' }, version)

  await expect(override(eve, null, version)).rejects.toMatchObject({ code: 'subscription_changed' })
  const params = { subscriptionId: id }
  const late = { params, body: {}, ifMatch: version }
  await expect(
    world.operator.post('/api/v1/subscriptions/{subscriptionId}/cancel', late),
  ).rejects.toMatchObject({ code: 'subscription_changed' })
  await expect(
    eve.portal.post('/api/v1/portal/subscription/cancel', { ifMatch: version }),
  ).rejects.toMatchObject({ code: 'subscription_changed' })
  expect(await mine(eve)).toMatchObject({
    cancelAt: null,
    accessOverride: { kind: 'deny', note: 'first' },
  })
})

test('S5.15.5 two who cancel at the same moment cancel once', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('small')
  const { version } = await mine(kim)

  const both = await Promise.allSettled(
    [1, 2].map(() => kim.portal.post('/api/v1/portal/subscription/cancel', { ifMatch: version })),
  )

  expect(both.some(({ status }) => status === 'fulfilled')).toBe(true)
  const { cancelAt, currentPeriod, id } = await mine(kim)
  expect(cancelAt).toBe(currentPeriod?.endsAt)
  const { data } = await world.operator.get('/api/v1/audit-entries', {
    query: { targetKind: 'subscription', targetId: id },
  })
  expect(data.filter(({ action }) => action === 'subscription.canceled')).toHaveLength(1)
})
