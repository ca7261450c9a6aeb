import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type SoldPlan, type World } from '../support/world.ts'

const trial = (name: string, changes: Partial<SoldPlan> = {}): SoldPlan => ({
  name,
  currencies: ['usd'],
  billingCadence: 'P1M',
  phases: [
    { key: 'trial', name: 'Trial', duration: 'P14D', rateCards: [quota('requests', '3')] },
    {
      key: 'main',
      name: 'Main',
      duration: null,
      rateCards: [fee('29.00'), quota('requests', '50')],
    },
  ],
  ...changes,
})

let world: World
beforeAll(async () => {
  world = await openWorld()
  const standby = monthly('Standby', [quota('requests', '1')])
  await world.operator.post('/api/v1/plans', {
    body: { key: 'standby', isDefault: true, definition: standby },
  })
  await world.operator.post('/api/v1/plans/{planKey}/publish', { params: { planKey: 'standby' } })
  await world.sells('tried', trial('Tried'))
  await world.sells('tried_own', trial('Own', { engine: 'stripe_invoice', checkoutMode: 'setup' }))
  await world.sells(
    'no_card',
    trial('No card', { isPaymentMethodRequired: false, onSubscriptionEnd: 'deactivate' }),
  )
  await world.sells('no_card_free', trial('Falls back', { isPaymentMethodRequired: false }))
})
afterAll(() => world.close())

async function set(key: string, value: string): Promise<void> {
  await world.operator.put('/api/v1/settings/{settingKey}', {
    params: { settingKey: key },
    body: { value },
  })
}
const mine = async (actor: Actor) => (await actor.overview()).subscription
const mails = async (actor: Actor, subject: RegExp) => {
  const { data: all } = await world.operator.get('/api/v1/mailbox')
  const to = `${actor.name.toLowerCase()}@example.com`
  return all.filter((mail) => mail.to === to && subject.test(mail.subject))
}

test('S3.47 a trial with a card costs nothing, is announced once, and charges when it ends', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('tried')
  expect(await mine(ada)).toMatchObject({ lifecycle: 'trialing', paymentStatus: 'not_required' })
  await ada.callsTimes(3)
  expect(await ada.calls()).toMatchObject({ status: 403, body: { code: 'quota_exceeded' } })

  await world.advance('P10D')
  expect(await mails(ada, /trial ends/)).toEqual([])
  await world.advance('P2D')
  const [mail] = await until(
    () => mails(ada, /trial ends/),
    (sent) => sent.length > 0,
  )
  expect(mail?.subject).toMatch(/Your Tried trial ends on/)
  await world.advance('P3D')

  const after = await until(
    () => mine(ada),
    (subscription) => subscription?.paymentStatus === 'paid',
  )
  expect(after).toMatchObject({ lifecycle: 'active' })
  expect((await ada.invoices()).at(-1)).toMatch(/^2900 usd paid/)
  expect((await ada.overview()).quotas[0]).toMatchObject({ limit: '50' })
  expect(await mails(ada, /trial ends/)).toHaveLength(1)
})

test('what is used in the trial is counted in the trial: the paid quota begins whole', async () => {
  const ann = await world.customer('Ann')
  // A trial is once for each card as well; the other stories have theirs.
  await ann.subscribes('tried', 'pm_card_discover')
  await ann.callsTimes(2)
  const [quota] = await until(
    async () => (await ann.overview()).quotas,
    ([seen]) => seen?.used === '2',
  )
  expect(quota).toMatchObject({ limit: '3' })
  expect(Date.parse(quota?.resetsAt ?? '')).toBe(Date.parse((await mine(ann))?.trialEndsAt ?? ''))

  await world.advance(quota?.resetsAt ?? '')

  expect((await ann.overview()).quotas[0]).toMatchObject({ limit: '50', used: '0' })
  await ann.callsTimes(50)
  expect((await ann.calls()).status).toBe(403)
})

test('U52 a customer has one trial: the next time the plan begins with its price', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('tried', 'pm_card_mastercard')
  await bob.portal.post('/api/v1/portal/subscription/cancel')
  await until(
    () => mine(bob),
    (subscription) => subscription?.planKey === 'standby',
  )

  const purchase = await bob.choosesPlan('tried')
  await purchase.pays('pm_card_mastercard')
  const { subscription } = await purchase.settles()

  expect(subscription).toMatchObject({ planKey: 'tried', lifecycle: 'active', trialEndsAt: null })
  await until(
    () => bob.invoices(),
    (invoices) => invoices.at(-1)?.startsWith('2900 usd paid') === true,
  )
  const sentences = await bob.explains()
  expect(sentences.at(-1)).toBe('fee | The fee is $29.00.')
  expect((await bob.overview()).quotas[0]).toMatchObject({ limit: '50' })
})

test('U52 a card that somebody else tried with ends the next trial at once', async () => {
  await set('subscriptions.one_trial_per_card', 'on')
  const eve = await world.customer('Eve')
  await eve.subscribes('tried', 'pm_card_amex')
  expect(await mine(eve)).toMatchObject({ lifecycle: 'trialing' })
  // Whoever comes later comes after her card was looked at.
  await world.advance('PT1H')

  const mal = await world.customer('Mal')
  await mal.subscribes('tried', 'pm_card_amex')

  await until(
    () => mine(mal),
    (subscription) => subscription?.lifecycle === 'active' && subscription.paymentStatus === 'paid',
  )
  expect((await mal.invoices()).at(-1)).toMatch(/^2900 usd paid/)
  expect(await mine(eve)).toMatchObject({ lifecycle: 'trialing' })

  const own = await world.customer('Owen')
  const purchase = await own.choosesPlan('tried_own')
  await purchase.pays('pm_card_amex')
  await purchase.settles()
  await until(
    () => mine(own),
    (subscription) => subscription?.lifecycle === 'active',
  )
  expect(await mine(own)).toMatchObject({ trialEndsAt: null, paymentStatus: 'paid' })
  await set('subscriptions.one_trial_per_card', 'off')
})

test('a trial without a card ends as configured: by default it is over, and the plan says what follows', async () => {
  const kim = await world.customer('Kim')
  const purchase = await kim.choosesPlan('no_card')
  expect((await purchase.pays(null)).ok).toBe(true)
  await purchase.settles()
  expect(await mine(kim)).toMatchObject({ lifecycle: 'trialing' })
  await world.advance('P12D')
  const [mail] = await until(
    () => mails(kim, /trial ends/),
    (sent) => sent.length > 0,
  )
  expect(mail?.text).toMatch(/add a payment method/)

  await world.advance('P3D')

  expect(await mine(kim)).toMatchObject({ planKey: 'no_card', lifecycle: 'ended' })
  expect((await kim.invoices()).every((invoice) => invoice.startsWith('0 usd'))).toBe(true)

  const lou = await world.customer('Lou')
  const second = await lou.choosesPlan('no_card_free')
  expect((await second.pays(null)).ok).toBe(true)
  await second.settles()
  await world.advance('P15D')
  expect(await mine(lou)).toMatchObject({ planKey: 'standby', lifecycle: 'active' })
})

test('a trial without a card waits for one where that is what is configured', async () => {
  await set('subscriptions.on_trial_end_without_method', 'pause')
  const max = await world.customer('Max')
  const purchase = await max.choosesPlan('no_card')
  expect((await purchase.pays(null)).ok).toBe(true)
  await purchase.settles()

  await world.advance('P15D')

  expect(await mine(max)).toMatchObject({ planKey: 'no_card', lifecycle: 'paused' })
  await set('subscriptions.on_trial_end_without_method', 'cancel')
})
