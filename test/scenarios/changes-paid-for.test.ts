import { afterAll, beforeAll, expect, test } from 'vitest'
import { submit } from '../simulator/pages-support.ts'
import type { Actor } from '../support/actor.ts'
import { entered, tellsBank, usesCardThatAsks } from '../support/asking-card.ts'
import { control } from '../support/simulator-control.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('small', monthly('Small', [fee('29.00'), quota('requests', '5')]))
  await world.sells('large', monthly('Large', [fee('99.00'), quota('requests', '50')]))
})
afterAll(() => world.close())

const mine = async (actor: Actor) => (await actor.overview()).subscription
const limitOf = async (actor: Actor) => (await actor.overview()).quotas[0]?.limit
const newest = async (actor: Actor) =>
  (await actor.portal.get('/api/v1/portal/invoices')).data.map(
    ({ kind, state, total }) => `${kind} ${state} ${total.amountMinor}`,
  )[0]

/** Confirms the change to the large plan and answers with the page it is to be paid on. */
async function upgrades({ portal }: Actor): Promise<string> {
  const quote = await portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'large' },
  })
  const result = await portal.post('/api/v1/portal/subscription/change', {
    body: { quoteId: quote.quoteId },
  })
  if (result.kind !== 'awaiting_payment' || result.paymentUrl === null) {
    throw new Error(`It does not wait for a payment: ${JSON.stringify(result)}`)
  }
  return result.paymentUrl
}

/** Calls until the quota of five is used up, and once more. */
async function usesUpSmallPlan(actor: Actor): Promise<void> {
  await actor.callsTimes(5)
  expect(await actor.calls()).toMatchObject({ status: 403, body: { code: 'quota_exceeded' } })
}

test('an upgrade that the bank asks about gives nothing until the customer has answered, and everything then', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('small')
  await usesCardThatAsks(ada)
  await world.advance('P10D')

  const paymentUrl = await upgrades(ada)
  expect(await mine(ada)).toMatchObject({
    planKey: 'small',
    lifecycle: 'active',
    change: { state: 'awaiting_payment', planKey: 'large' },
  })
  await usesUpSmallPlan(ada)

  await tellsBank(paymentUrl, 'complete')

  await until(
    () => mine(ada),
    (subscription) => subscription?.planKey === 'large' && subscription.change === null,
  )
  await until(
    () => ada.calls(),
    ({ status }) => status === 200,
  )
  expect(await limitOf(ada)).toBe('50')
  await until(
    () => newest(ada),
    (invoice) => invoice?.startsWith('change paid') === true,
  )
  expect(await mine(ada)).toMatchObject({ paymentStatus: 'paid' })
})

test('an upgrade that the bank refuses leaves the old plan, and its page can be paid with another card', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('small')
  await usesCardThatAsks(bob)
  await world.advance('P10D')
  const paymentUrl = await upgrades(bob)

  await tellsBank(paymentUrl, 'fail')

  expect(await mine(bob)).toMatchObject({
    planKey: 'small',
    lifecycle: 'active',
    change: { state: 'awaiting_payment' },
  })
  await usesUpSmallPlan(bob)

  await submit(paymentUrl, entered('4242424242424242'))
  await until(
    () => mine(bob),
    (subscription) => subscription?.planKey === 'large',
  )
  await until(
    () => bob.calls(),
    ({ status }) => status === 200,
  )
})

test('an upgrade nobody pays for is given up after 23 hours and not before, and can be asked for again', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('small')
  await world.advance('P10D')
  await control({ simulatorUrl: world.running.simulatorUrl ?? '' }, '/_sim/declines', {
    code: 'insufficient_funds',
    next: 1,
  })
  await upgrades(eve)

  await world.advance('PT22H')
  expect(await mine(eve)).toMatchObject({
    planKey: 'small',
    change: { state: 'awaiting_payment' },
  })
  await world.advance('PT2H')

  await until(
    () => mine(eve),
    (subscription) => subscription?.change === null,
  )
  expect(await mine(eve)).toMatchObject({
    planKey: 'small',
    lifecycle: 'active',
    paymentStatus: 'paid',
  })
  expect(await newest(eve)).toMatch(/^change void/)
  await usesUpSmallPlan(eve)
  const quote = await eve.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'large' },
  })
  const again = await eve.portal.post('/api/v1/portal/subscription/change', {
    body: { quoteId: quote.quoteId },
  })
  expect(again).toMatchObject({ kind: 'applied', subscription: { planKey: 'large' } })
})
