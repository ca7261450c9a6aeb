import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { control } from '../support/simulator-control.ts'
import { fee, monthly, priced, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const standby = monthly('Standby', [quota('requests', '2')])
  await world.operator.post('/api/v1/plans', {
    body: { key: 'standby', isDefault: true, definition: standby },
  })
  await world.operator.post('/api/v1/plans/{planKey}/publish', { params: { planKey: 'standby' } })
  const cards = [fee('29.00'), priced('requests', { type: 'unit', amount: '0.50' })]
  await world.sells('falls_back', monthly('Falls back', cards))
  await world.sells('stops', monthly('Stops', cards, { onSubscriptionEnd: 'deactivate' }))
  await world.sells(
    'suspends',
    monthly('Suspends', cards, { onSubscriptionEnd: 'suspend_customer' }),
  )
})
afterAll(() => world.close())

const mine = async (actor: Actor) => (await actor.overview()).subscription
const answers = (actor: Actor, status: number, code?: string) =>
  until(
    () => actor.calls(),
    (answer) => answer.status === status && (code === undefined || answer.body['code'] === code),
  )
const lastInvoice = (actor: Actor, begins: string) =>
  until(
    async () => (await actor.invoices()).at(-1),
    (invoice) => invoice?.startsWith(begins) === true,
  )

async function cancelsNow(actor: Actor): Promise<void> {
  const subscriptionId = (await mine(actor))?.id ?? ''
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/cancel', {
    params: { subscriptionId },
    body: { timing: 'now' },
  })
}
async function suspended(actor: Actor, reason: 'operator' | 'abuse'): Promise<void> {
  const params = { customerId: actor.customerId }
  await world.operator.post('/api/v1/customers/{customerId}/suspend', { params, body: { reason } })
}
async function reinstated(actor: Actor, reason: 'operator' | 'abuse'): Promise<void> {
  const params = { customerId: actor.customerId }
  await world.operator.post('/api/v1/customers/{customerId}/reinstate', {
    params,
    body: { reason },
  })
}
const reasons = async ({ customerId }: Actor) => {
  const params = { customerId }
  const { suspensions } = await world.operator.get('/api/v1/customers/{customerId}', { params })
  return suspensions.map(({ reason }) => reason)
}

test('canceled at the period’s end it runs till then, the usage is billed, and the default plan follows with the same key', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('falls_back')
  await ada.callsTimes(4)
  await ada.portal.post('/api/v1/portal/subscription/cancel')
  await ada.callsTimes(1)
  expect(await mine(ada)).toMatchObject({ planKey: 'falls_back', lifecycle: 'canceling' })

  await world.advance('P1M')

  await until(
    () => mine(ada),
    (subscription) => subscription?.planKey === 'standby',
  )
  expect(await mine(ada)).toMatchObject({ lifecycle: 'active', paymentStatus: 'not_required' })
  await lastInvoice(ada, '250 usd paid')
  await ada.callsTimes(2)
  await answers(ada, 403, 'quota_exceeded')
})

test('canceled at once, the usage is billed at once and the default plan follows', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('falls_back')
  await bob.callsTimes(3)
  await world.advance('P10D')

  await cancelsNow(bob)

  await until(
    () => mine(bob),
    (subscription) => subscription?.planKey === 'standby',
  )
  await lastInvoice(bob, '150 usd paid')
  await answers(bob, 200)
})

test('where the plan says that it is over, the keys stop at the period’s end and not before', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('stops')
  await eve.portal.post('/api/v1/portal/subscription/cancel')
  await world.advance('P27D')
  await eve.callsTimes(1)

  await world.advance('P5D')

  await answers(eve, 403, 'subscription_ended')
  expect(await mine(eve)).toMatchObject({ planKey: 'stops', lifecycle: 'ended' })
})

test('canceled at once where the plan says that it is over, the keys stop at once', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('stops')
  await kim.callsTimes(1)

  await cancelsNow(kim)

  await answers(kim, 403, 'subscription_ended')
})

test('S4.26 a customer suspended by the end of a plan comes back by buying one, and that lifts no other reason', async () => {
  const lou = await world.customer('Lou')
  await lou.subscribes('suspends')
  await cancelsNow(lou)
  await answers(lou, 403, 'customer_suspended')
  expect(await reasons(lou)).toEqual(['subscription_deleted'])

  await suspended(lou, 'abuse')
  await expect(lou.choosesPlan('suspends')).rejects.toMatchObject({ code: 'customer_suspended' })
  await reinstated(lou, 'abuse')
  expect(await reasons(lou)).toEqual(['subscription_deleted'])
  const purchase = await lou.choosesPlan('suspends')
  await suspended(lou, 'operator')
  await purchase.pays()
  await purchase.settles()

  expect(await reasons(lou)).toEqual(['operator'])
  await answers(lou, 403)
  await reinstated(lou, 'operator')
  expect(await reasons(lou)).toEqual([])
  expect(await mine(lou)).toMatchObject({ planKey: 'suspends', lifecycle: 'active' })
})

test('S4.26 who removes the last payment method is suspended where that is the policy, until there is one again', async () => {
  const params = { settingKey: 'payment.on_last_method_removed' }
  await world.operator.put('/api/v1/settings/{settingKey}', { params, body: { value: 'suspend' } })
  const max = await world.customer('Max')
  await max.subscribes('stops')
  await max.callsTimes(1)
  const [method] = await until(
    async () => (await max.portal.get('/api/v1/portal/payment-methods')).data,
    (list) => list.length === 1,
  )
  await max.portal.delete('/api/v1/portal/payment-methods/{methodId}', {
    params: { methodId: method?.id ?? '' },
  })
  await answers(max, 403, 'customer_suspended')
  await suspended(max, 'operator')
  expect(await reasons(max)).toEqual(['payment_method_removed', 'operator'])

  const { url } = await max.portal.post('/api/v1/portal/payment-methods')
  const session = /cs_test_\w+/.exec(url)?.[0] ?? ''
  await fetch(`${world.running.simulatorUrl}/v1/payment_pages/${session}/confirm`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_farebox' },
    body: new URLSearchParams({ payment_method: 'pm_card_mastercard' }),
  })

  await until(
    () => reasons(max),
    (left) => left.length === 1,
  )
  expect(await reasons(max)).toEqual(['operator'])
  await answers(max, 403, 'customer_suspended')
  await reinstated(max, 'operator')
  await answers(max, 200)
  await world.operator.put('/api/v1/settings/{settingKey}', { params, body: { value: 'notify' } })
})

test('S3.28 who is blocked for an unpaid renewal and pays it is let in again, with the same key', async () => {
  const pia = await world.customer('Pia')
  await pia.subscribes('stops')
  await pia.callsTimes(1)
  const simulated = { simulatorUrl: world.running.simulatorUrl ?? '' }
  const decline = { code: 'insufficient_funds', next: 50 }
  await control(simulated, '/_sim/declines', decline)
  await world.advance('P1M')
  await until(
    () => mine(pia),
    (subscription) => subscription?.paymentStatus === 'failed',
  )
  const inGrace = await answers(pia, 200)
  expect(inGrace.headers.get('x-billing-status')).toBe('payment_overdue')
  await world.advance('P4D')
  await answers(pia, 403, 'payment_overdue')

  await control(simulated, '/_sim/declines/clear', {})
  const { data } = await pia.portal.get('/api/v1/portal/invoices')
  const unpaid = data.find(({ state }) => state === 'open')
  await pia.portal.post('/api/v1/portal/invoices/{invoiceId}/pay', {
    params: { invoiceId: unpaid?.id ?? '' },
  })

  const back = await answers(pia, 200)
  expect(back.headers.get('x-billing-status')).toBeNull()
  expect(await mine(pia)).toMatchObject({ lifecycle: 'active', paymentStatus: 'paid' })
})
