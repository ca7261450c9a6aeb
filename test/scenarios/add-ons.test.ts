import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { tellsBank, usesCardThatAsks } from '../support/asking-card.ts'
import { farebox } from '../support/cli.ts'
import { refusalOf } from '../support/coupons.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('small', monthly('Small', [fee('29.00'), quota('requests', '5')]))
  await world.sells('large', monthly('Large', [fee('99.00'), quota('requests', '50')]))
  await world.sells(
    'invoiced',
    monthly('Invoiced', [fee('50.00'), quota('requests', '5')], {
      engine: 'stripe_invoice',
      checkoutMode: 'setup',
    }),
  )
  await world.sells(
    'offline',
    monthly('Offline', [fee('50.00'), quota('requests', '5')], {
      engine: 'offline',
      isPaymentMethodRequired: false,
    }),
  )
  await world.sells('tried', {
    ...monthly('Tried', []),
    phases: [
      { key: 'trial', name: 'Trial', duration: 'P14D', rateCards: [quota('requests', '2')] },
      {
        key: 'main',
        name: 'Main',
        duration: null,
        rateCards: [fee('20.00'), quota('requests', '5')],
      },
    ],
  })
  await world.sells(
    'support',
    monthly('Support', [fee('15.00', { name: 'Support' })], {
      rateLimits: [{ name: 'calls', limit: 100, windowSeconds: 60 }],
      addOn: { planKeys: ['small', 'large'], maximumQuantity: 1 },
    }),
  )
  await world.sells(
    'extra',
    monthly('Extra calls', [fee('10.00', { name: 'Extra calls' }), quota('requests', '3')], {
      addOn: { planKeys: ['small', 'invoiced', 'offline', 'tried'], maximumQuantity: 5 },
    }),
  )
})
afterAll(() => world.close())

const preview = (
  actor: Actor,
  body: { planKey?: string; addOns?: { key: string; quantity: number }[] },
) => actor.portal.post('/api/v1/portal/subscription/change/preview', { body })
const confirm = (actor: Actor, { quoteId }: { quoteId: string }) =>
  actor.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })
const extra = (quantity: number) => ({ addOns: [{ key: 'extra', quantity }] })
const limitOf = async (actor: Actor) => (await actor.overview()).quotas[0]?.limit
const totals = async (actor: Actor) => {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  return data.toReversed().map(({ kind, state, total }) => `${kind} ${state} ${total.amountMinor}`)
}

test('an add-on costs what its preview says, to the cent, raises the quota at once, and renews with the plan', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('small')
  await ada.callsTimes(4)
  await world.advance('P15D')

  const { data: offered } = await ada.portal.get('/api/v1/portal/subscription/add-ons')
  expect(offered.map(({ key, quantity }) => [key, quantity])).toEqual([
    ['support', 0],
    ['extra', 0],
  ])
  const quote = await preview(ada, extra(2))
  expect(quote).toMatchObject({
    kind: 'add_ons',
    direction: 'upgrade',
    timing: 'immediate',
    addOns: [{ key: 'extra', quantityBefore: 0, quantityAfter: 2 }],
    quotas: [{ limitBefore: '5', limitAfter: '11', usedAfter: '4', remainingAfter: '7' }],
    payment: { kind: 'before_change' },
  })
  const result = await confirm(ada, quote)
  expect(result).toMatchObject({
    kind: 'applied',
    subscription: { planKey: 'small', addOns: [{ key: 'extra', quantity: 2 }] },
  })
  const { data } = await ada.portal.get('/api/v1/portal/invoices')
  expect(data[0]).toMatchObject({ kind: 'change', state: 'paid', total: quote.invoice?.total })
  expect(await limitOf(ada)).toBe('11')
  await ada.callsTimes(7)

  await world.advance('P1M')
  expect((await totals(ada)).at(-1)).toBe('period paid 4900')
  const { data: findings } = await world.operator.get('/api/v1/findings', {})
  expect(findings).toEqual([])
})

const mine = async (actor: Actor) => {
  const { subscription } = await actor.overview()
  if (subscription === null) throw new Error('There is no subscription')
  return subscription
}
const heldBy = async (actor: Actor) =>
  (await mine(actor)).addOns.map(({ key, quantity }) => `${key} ${quantity}`)
/** Previews and confirms at once, and waits until it is so. */
async function takes(actor: Actor, quantity: number): Promise<void> {
  expect(await confirm(actor, await preview(actor, extra(quantity)))).toMatchObject({
    kind: 'applied',
  })
}
const noFindings = async () => {
  const { data } = await world.operator.get('/api/v1/findings', {})
  expect(data.map(({ summary }) => summary)).toEqual([])
}

test('less of an add-on waits for the period’s end, can be taken back, and is what renews', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('small')
  await takes(bob, 3)
  await world.advance('P10D')

  const less = await preview(bob, extra(1))
  expect(less).toMatchObject({ direction: 'downgrade', timing: 'at_period_end', invoice: null })
  expect(less.nextInvoice?.amountDue.amountMinor).toBe(3900)
  expect(await confirm(bob, less)).toMatchObject({
    kind: 'scheduled',
    subscription: {
      addOns: [{ key: 'extra', quantity: 3 }],
      change: { state: 'scheduled', kind: 'add_ons', addOns: [{ key: 'extra', quantity: 1 }] },
    },
  })
  expect(await limitOf(bob)).toBe('14')
  await bob.portal.post('/api/v1/portal/subscription/change/undo')
  expect((await mine(bob)).change).toBeNull()

  await confirm(bob, await preview(bob, extra(1)))
  await world.advance('P1M')
  expect(await mine(bob)).toMatchObject({ change: null, addOns: [{ quantity: 1 }] })
  expect(await limitOf(bob)).toBe('8')
  expect((await totals(bob)).at(-1)).toBe('period paid 3900')

  await confirm(bob, await preview(bob, { addOns: [] }))
  await world.advance('P1M')
  expect(await heldBy(bob)).toEqual([])
  expect((await totals(bob)).at(-1)).toBe('period paid 2900')
  await noFindings()
})

test('nothing of an add-on is granted before it is paid, and everything then', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('small')
  await usesCardThatAsks(eve)
  await world.advance('P10D')

  const quote = await preview(eve, extra(2))
  const result = await confirm(eve, quote)
  if (result.kind !== 'awaiting_payment' || result.paymentUrl === null) {
    throw new Error(`It does not wait: ${result.kind}`)
  }
  expect(await limitOf(eve)).toBe('5')
  await eve.callsTimes(5)
  expect(await eve.calls()).toMatchObject({ status: 403 })

  await tellsBank(result.paymentUrl, 'complete')
  await until(
    () => heldBy(eve),
    (held) => held[0] === 'extra 2',
  )
  await until(
    () => eve.calls(),
    ({ status }) => status === 200,
  )
  expect((await mine(eve)).change).toBeNull()
})

test('another plan keeps the add-ons that go with it, and says which it ends', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('small')
  const both = {
    addOns: [
      { key: 'extra', quantity: 2 },
      { key: 'support', quantity: 1 },
    ],
  }
  await confirm(kim, await preview(kim, both))
  expect((await heldBy(kim)).toSorted()).toEqual(['extra 2', 'support 1'])
  await world.advance('P15D')

  const quote = await preview(kim, { planKey: 'large' })
  expect(quote.notices.map(({ kind }) => kind)).toContain('add_ons_ended')
  expect(quote.addOns).toEqual([
    { key: 'extra', name: 'Extra calls', quantityBefore: 2, quantityAfter: 0 },
  ])
  expect(quote.invoice?.lines.map(({ description }) => description).join()).not.toMatch(/Support/)
  await confirm(kim, quote)
  expect(await mine(kim)).toMatchObject({ planKey: 'large', addOns: [{ key: 'support' }] })
  const { data } = await kim.portal.get('/api/v1/portal/invoices')
  expect(data[0]).toMatchObject({ kind: 'change', total: quote.invoice?.total })

  await world.advance('P1M')
  expect((await totals(kim)).at(-1)).toBe('period paid 11400')
  await noFindings()
})

test('a pause gives an add-on back with its plan, and both go on together', async () => {
  const liv = await world.customer('Liv')
  await liv.subscribes('small')
  await takes(liv, 1)
  await world.advance('P15D')
  const { id } = await mine(liv)
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/pause', {
    params: { subscriptionId: id },
    body: { resumesAt: null },
  })
  await world.advance('P2M')
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/resume', {
    params: { subscriptionId: id },
  })
  await until(
    () => mine(liv),
    ({ lifecycle }) => lifecycle === 'active',
  )
  expect(await limitOf(liv)).toBe('8')
  await world.advance('P1M')
  expect((await totals(liv)).at(-1)).toMatch(/^period paid 3900$/)
  await noFindings()
})

test.each(['invoiced', 'offline'])(
  'where the periods are ours (%s), an add-on is on an invoice of ours, to the cent',
  async (planKey) => {
    const max = await world.customer(`Max-${planKey}`)
    await max.subscribes(planKey)
    await world.advance('P12D')
    const quote = await preview(max, extra(2))
    expect(quote.invoice?.lines).toMatchObject([{ isProration: true }])
    expect(await confirm(max, quote)).toMatchObject({ kind: 'applied' })
    const { data } = await max.portal.get('/api/v1/portal/invoices')
    expect(data[0]).toMatchObject({
      kind: 'change',
      state: planKey === 'offline' ? 'open' : 'paid',
      total: quote.invoice?.total,
    })
    expect(await limitOf(max)).toBe('11')

    await confirm(max, await preview(max, extra(1)))
    await world.advance('P1M')
    expect((await totals(max)).at(-1)).toMatch(/^period \w+ 6000$/)
    expect(await limitOf(max)).toBe('8')
    await noFindings()
  },
)

test('an add-on on an invoice of ours waits for its payment, and does not happen without', async () => {
  const ned = await world.customer('Ned')
  await ned.subscribes('invoiced')
  await usesCardThatAsks(ned)
  await world.advance('P3D')
  expect(await confirm(ned, await preview(ned, extra(1)))).toMatchObject({
    kind: 'awaiting_payment',
    subscription: { paymentStatus: 'paid', addOns: [] },
  })
  expect(await limitOf(ned)).toBe('5')
  await world.advance('P2D')
  await until(
    () => mine(ned),
    ({ change }) => change === null,
  )
  expect(await heldBy(ned)).toEqual([])
  expect((await totals(ned)).at(-1)).toMatch(/^change void/)
})

test('add-ons are refused where they make no sense, with the reason', async () => {
  const pia = await world.customer('Pia')
  await pia.subscribes('tried')
  const refused = (actor: Actor, body: Parameters<typeof preview>[1]) =>
    refusalOf(preview(actor, body))
  expect(await refused(pia, extra(1))).toBe('add_on_not_available')
  const roy = await world.customer('Roy')
  await roy.subscribes('large')
  expect(await refused(roy, extra(1))).toBe('add_on_not_available')
  const sue = await world.customer('Sue')
  await sue.subscribes('small')
  expect(await refused(sue, extra(6))).toBe('add_on_not_available')
  expect(await refused(sue, { planKey: 'extra' })).toBe('not_found')
  expect(await refused(sue, extra(0))).toBe('add_ons_unchanged')
})

test('whoever cancels keeps their add-ons until the end, and pays for them no longer', async () => {
  const tom = await world.customer('Tom')
  await tom.subscribes('small')
  await takes(tom, 1)
  await tom.portal.post('/api/v1/portal/subscription/cancel')
  expect(await limitOf(tom)).toBe('8')
  const before = await totals(tom)
  await world.advance('P2M')
  expect(await totals(tom)).toEqual(before)
  await noFindings()
})

test('operators add and give up add-ons from the command line', async () => {
  const uma = await world.customer('Uma')
  await uma.subscribes('small')
  const { id } = await mine(uma)
  const cli = (...words: string[]) => farebox(world, ['subscriptions', ...words].join(' '))
  const listed = await world.operator.get('/api/v1/subscriptions/{subscriptionId}/add-ons', {
    params: { subscriptionId: id },
  })
  expect(listed.data.map(({ key }) => key)).toEqual(['support', 'extra'])

  const shown = await cli('change', id, '--add-on', 'extra=2', '--dry-run')
  expect(shown.out).toMatch(/Extra calls: 0 → 2/)
  await cli('change', id, '--add-on', 'extra=2')
  await cli('change', id, '--add-on', 'support')
  expect((await heldBy(uma)).toSorted()).toEqual(['extra 2', 'support 1'])
  await cli('change', id, '--add-on', 'extra=0', '--now')
  expect(await heldBy(uma)).toEqual(['support 1'])
  expect((await cli('add-ons', id)).out).toMatch(/support\sSupport\s1\s1/)
})
