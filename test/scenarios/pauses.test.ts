import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const cards = [fee('30.00'), priced('requests', { type: 'unit', amount: '0.50' })]
  await world.sells('paused', monthly('Paused', cards, { customersMayPause: true }))
  await world.sells(
    'paused_own',
    monthly('Own', cards, { engine: 'stripe_invoice', checkoutMode: 'setup' }),
  )
  await world.sells('firm', monthly('Firm', [fee('10.00'), quota('requests', '5')]))
})
afterAll(() => world.close())

async function mine(actor: Actor) {
  const { subscription } = await actor.overview()
  if (subscription === null) throw new Error('There is no subscription')
  return subscription
}
const totals = async (actor: Actor) => {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  return data.toReversed().map(({ state, total }) => `${state} ${total.amountMinor}`)
}
const kinds = async (actor: Actor) => {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  return data.toReversed().map(({ kind }) => kind)
}
const comesNext = async (actor: Actor) =>
  (await actor.portal.get('/api/v1/portal/next-invoice')).invoice
const operatorPauses = async (actor: Actor, resumesAt: string | null = null) => {
  const { id } = await mine(actor)
  return world.operator.post('/api/v1/subscriptions/{subscriptionId}/pause', {
    params: { subscriptionId: id },
    body: { resumesAt },
  })
}
const isAnswered = (actor: Actor, status: number, code?: string) =>
  until(
    () => actor.calls(),
    (answer) => answer.status === status && answer.body['code'] === code,
  )

test('who pauses has no access and pays nothing; going on costs the rest of the period only', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('paused')
  await ada.callsTimes(4)
  await world.advance('P10D')

  const paused = await ada.portal.post('/api/v1/portal/subscription/pause', { body: {} })
  expect(paused).toMatchObject({ lifecycle: 'paused', providerStatus: 'paused', resumesAt: null })
  await isAnswered(ada, 403, 'subscription_paused')
  expect((await ada.overview()).alerts).toEqual([
    {
      kind: 'paused',
      message: 'The subscription is paused: calls are refused until it is resumed.',
    },
  ])
  const credited = await until(
    () => totals(ada),
    (found) => found.length === 2,
  )
  const credit = Number(credited[1]?.split(' ')[1])
  expect(credit).toBeLessThan(-1_900)
  expect(credit).toBeGreaterThan(-2_100)
  expect(await kinds(ada)).toEqual(['first', 'pause'])
  // Nothing is invoiced before somebody ends the pause, and that invoice is not the last one.
  expect(await comesNext(ada)).toBeNull()

  await world.advance('P3M')
  expect(await totals(ada)).toHaveLength(2)

  const resumed = await ada.portal.post('/api/v1/portal/subscription/resume')
  expect(resumed).toMatchObject({ lifecycle: 'active', pausedAt: null, resumesAt: null })
  await isAnswered(ada, 200)
  const [, , rest] = await until(
    () => totals(ada),
    (found) => found.length === 3,
  )
  expect(rest).toMatch(/^paid \d+$/)
  expect(Number(rest?.split(' ')[1])).toBeLessThan(3_000)
  expect(await kinds(ada)).toEqual(['first', 'pause', 'resume'])
  expect(await comesNext(ada)).toMatchObject({ opens: expect.anything() })

  // What was used before the pause is on the next renewal, at its price and once.
  await world.advance('P1M')
  const invoices = await until(
    () => ada.invoices(),
    (found) => found.at(-1)?.includes('requests: 4') === true,
  )
  expect(invoices.at(-1)).toMatch(/requests: 4.* 200/)
  expect(invoices.filter((invoice) => invoice.includes('requests: 4'))).toHaveLength(1)
  expect((await ada.explains()).every((line) => !line.startsWith('- '))).toBe(true)
})

test('a pause ends by itself on its date', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('paused')
  await world.advance('P5D')
  const resumesAt = new Date(Date.parse(await world.now()) + 40 * 86_400_000).toISOString()
  expect(await operatorPauses(bob, resumesAt)).toMatchObject({ lifecycle: 'paused' })

  await world.advance('P39D')
  expect(await mine(bob)).toMatchObject({ lifecycle: 'paused' })
  await world.advance('P2D')

  await until(
    () => mine(bob),
    ({ lifecycle }) => lifecycle === 'active',
  )
  await isAnswered(bob, 200)
  const { data } = await world.operator.get('/api/v1/audit-entries', {
    query: { targetKind: 'subscription', targetId: (await mine(bob)).id },
  })
  const actions = data.map(({ action }) => action)
  expect(actions.filter((action) => action.startsWith('subscription.pause'))).toEqual([
    'subscription.paused',
    'subscription.pause_requested',
  ])
  expect(actions).toContain('subscription.resumed')
})

test('what we bill ourselves is paused alike: credit now, the rest of the period when it goes on', async () => {
  const eve = await world.customer('Eve')
  const purchase = await eve.choosesPlan('paused_own')
  await purchase.pays()
  await purchase.settles()
  await until(
    () => mine(eve),
    ({ lifecycle }) => lifecycle === 'active',
  )
  await world.advance('P10D')
  expect(await operatorPauses(eve)).toMatchObject({ lifecycle: 'paused', currentPeriod: null })
  await world.advance('P2M')
  const [, credit, ...more] = await until(
    () => totals(eve),
    (found) => found.length > 1,
  )
  expect(Number(credit?.split(' ')[1])).toBeLessThan(-1_900)
  expect(more).toEqual([])

  const { id } = await mine(eve)
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/resume', {
    params: { subscriptionId: id },
  })
  await world.advance('PT1H')
  expect(await mine(eve)).toMatchObject({ lifecycle: 'active' })
  const found = await until(
    () => totals(eve),
    (all) => all.length === 3,
  )
  expect(Number(found[2]?.split(' ')[1])).toBeLessThan(3_000)
  expect(await kinds(eve)).toEqual(['first', 'pause', 'resume'])
})

test('only what runs can be paused, by customers only where the plan says so, and it can be left', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('firm')
  await expect(
    kim.portal.post('/api/v1/portal/subscription/pause', { body: {} }),
  ).rejects.toMatchObject({ code: 'pause_not_offered' })
  await expect(operatorPauses(kim, '2020-01-01T00:00:00Z')).rejects.toMatchObject({
    code: 'pause_end_invalid',
  })
  await operatorPauses(kim)
  await expect(operatorPauses(kim)).rejects.toMatchObject({ code: 'subscription_not_pausable' })

  await kim.portal.post('/api/v1/portal/subscription/cancel')

  await until(
    () => mine(kim),
    ({ lifecycle }) => lifecycle === 'ended',
  )
})
