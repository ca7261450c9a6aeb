import { afterAll, beforeAll, expect, test } from 'vitest'
import { planDefinition } from '../../src/api/contract/plan-definition.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import type { SoldPlan } from '../support/world.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await sells('club', monthly('Club', [fee('29.99'), quota('requests', '5')]))
  await sells(
    'invoiced',
    monthly('Invoiced', [fee('29.99'), quota('requests', '5')], {
      engine: 'stripe_invoice',
      checkoutMode: 'setup',
    }),
  )
  await sells('extra', addOn('7.77'))
})
afterAll(() => office.close())

const addOn = (price: string): SoldPlan =>
  monthly('Extra calls', [fee(price, { name: 'Extra calls' }), quota('requests', '3')], {
    addOn: { planKeys: ['club', 'invoiced'], maximumQuantity: null },
  })

async function sells(key: string, plan: SoldPlan): Promise<void> {
  const { catalog, publishing } = office.domain
  const definition = planDefinition.parse(plan)
  const isKnown = (await catalog.planOrder('test')).includes(key)
  if (isKnown) await catalog.saveDraft(office.caller, key, definition)
  else await catalog.createPlan(office.caller, { key, isDefault: false, definition })
  await publishing.publish(office.caller, key)
}

const paying = async (name: string): Promise<Payer> => {
  const payer = await office.customer(name)
  await payer.subscribes('club')
  await office.settle()
  return payer
}
const subscriptionOf = async ({ id }: Payer) => {
  const subscription = await office.domain.subscriptions.findOpen('test', id)
  if (subscription === undefined) throw new Error('No subscription')
  return subscription
}
const held = async (payer: Payer) => {
  const { addOns } = await subscriptionOf(payer)
  const all = await office.domain.catalog.held('test', addOns)
  return all.map(({ version, quantity }) => `${version.planKey}@${version.version} ${quantity}`)
}
const inStripe = async ({ stripeCustomerId }: Payer) => {
  const { data } = await office.stripe.subscriptions.list({ customer: stripeCustomerId })
  const [subscription] = data
  if (subscription === undefined) throw new Error('No subscription in Stripe')
  return subscription
}
async function takes(payer: Payer, quantity: number, timing: 'auto' | 'immediate' = 'auto') {
  const { changes } = office.domain
  const { id } = await subscriptionOf(payer)
  const addOns = [{ key: 'extra', quantity }]
  const request = { planKey: null, planVersion: null, timing, addOns }
  const preview = await changes.preview(office.caller, id, request)
  await changes.execute(office.caller, id, preview.change.id)
  await office.settle()
  return preview
}
const openFindings = async () =>
  (await office.domain.findings.list('test', { state: 'open' }, { limit: 100 })).data.map(
    ({ summary }) => summary,
  )

test('at whatever moment and in whatever number, the invoice is the preview to the cent, in Stripe too', async () => {
  const ada = await paying('Ada')
  const steps = [
    ['PT27H', 3],
    ['PT121H', 7],
    ['P9D', 2],
  ] as const
  for (const [time, quantity] of steps) {
    await office.advance(time)
    const { offer } = await takes(ada, quantity, 'immediate')
    const { data } = await office.stripe.invoices.list({ customer: ada.stripeCustomerId, limit: 1 })
    expect(BigInt(data[0]?.total ?? 0)).toBe(offer.invoice?.totalMinor)
    expect(offer.invoice?.totalMinor).toBe(offer.quote.invoice?.totalMinor)
    expect(await held(ada)).toEqual([`extra@1 ${quantity}`])
  }
  await office.advance('P1M')
  expect(await openFindings()).toEqual([])
})

test('what somebody changes at Stripe’s dashboard is what the subscription has', async () => {
  const bob = await paying('Bob')
  await takes(bob, 2)
  await office.advance('P2D')
  const { items, id } = await inStripe(bob)
  const item = items.data.find(({ quantity }) => quantity === 2)

  await office.stripe.subscriptions.update(id, { items: [{ id: item?.id ?? '', quantity: 4 }] })
  await office.settle()
  expect(await held(bob)).toEqual(['extra@1 4'])

  await office.advance('P3D')
  await office.stripe.subscriptions.update(id, { items: [{ id: item?.id ?? '', deleted: true }] })
  await office.settle()
  expect(await held(bob)).toEqual([])
  expect((await subscriptionOf(bob)).planKey).toBe('club')
})

test('who has an add-on keeps its price, and gets more of it at the same', async () => {
  const eve = await paying('Eve')
  await takes(eve, 1)
  await sells('extra', addOn('99.00'))

  const { offer } = await takes(eve, 2)
  expect(offer.quote.nextInvoice?.feesMinor).toBe(2999n + 2n * 777n)
  expect(await held(eve)).toEqual(['extra@1 2'])
  const count = async () => {
    const plans = await office.domain.catalog.plans('test')
    return plans.find(({ key }) => key === 'extra')?.subscriberCount ?? 0
  }
  const before = await count()
  const kim = await paying('Kim')
  await takes(kim, 1)
  expect(await held(kim)).toEqual(['extra@2 1'])
  expect(await count()).toBe(before + 1)
})

test('an add-on that is off sale can only become less', async () => {
  const liv = await paying('Liv')
  await takes(liv, 2)
  await office.domain.publishing.archive(office.caller, 'extra')

  await expect(takes(liv, 3)).rejects.toMatchObject({ code: 'add_on_not_available' })
  await takes(liv, 1, 'immediate')
  expect((await held(liv))[0]).toMatch(/^extra@\d 1$/)
  await sells('extra', addOn('7.77'))
})

test('a comparison with Stripe finds nothing wrong with add-ons', async () => {
  const max = await paying('Max')
  await takes(max, 3)
  await office.advance('P1M')
  const compared = await office.domain.reconcile.customer(office.caller, max.id, true)
  expect(compared.found).toEqual([])
  expect(await openFindings()).toEqual([])
})

test.each(['club', 'invoiced'])(
  'an add-on stays as it is where other terms of its plan (%s) are agreed, and gives back what it cost',
  async (plan) => {
    const uma = await office.customer(`Uma-${plan}`)
    await uma.subscribes(plan)
    await office.settle()
    await takes(uma, 2)
    await office.advance('P7D')
    const { changes, quotaUsages, accounts } = office.domain
    const { id } = await subscriptionOf(uma)
    const overrides = {
      prices: { fee: { type: 'amount', amount: '19.99', currency: 'usd' } },
      quotas: { requests: '20' },
      reason: 'negotiated',
    } as const
    const agreed = await changes.previewOverrides(office.caller, id, {
      overrides,
      timing: 'immediate',
    })
    await changes.execute(office.caller, id, agreed.change.id, 'overrides')
    await office.settle()

    expect(agreed.offer.invoice?.totalMinor).toBe(agreed.offer.quote.invoice?.totalMinor)
    expect(new Set(agreed.offer.quote.invoice?.lines.map(({ planKey }) => planKey))).toEqual(
      new Set([plan]),
    )
    expect((await subscriptionOf(uma)).addOns).toMatchObject([{ quantity: 2 }])
    const limit = async () => {
      const customer = await accounts.get('test', uma.id)
      const [usage] = await quotaUsages.of(customer, await subscriptionOf(uma))
      return usage?.limit
    }
    expect(await limit()).toBe('26')

    await office.advance('P7D')
    const { offer } = await takes(uma, 0, 'immediate')
    expect(offer.quote.quotas).toMatchObject([{ limitBefore: '26', limitAfter: '20' }])
    const { currentPeriod } = await subscriptionOf(uma)
    const { startsAt = 0, endsAt = 0 } = currentPeriod ?? {}
    const left = (endsAt - offer.quote.effectiveAt) / (endsAt - startsAt)
    expect(Number(offer.quote.invoice?.totalMinor)).toBe(-Math.round(2 * 777 * left))
    expect(offer.invoice?.totalMinor).toBe(offer.quote.invoice?.totalMinor)
    expect(offer.quote.nextInvoice?.feesMinor).toBe(1999n)
    expect(await limit()).toBe('20')
    await office.advance('P1M')
    expect(await openFindings()).toEqual([])
  },
)

test.each(['club', 'invoiced'])(
  'terms that are scheduled for the plan (%s) stay scheduled while an add-on is bought, and hold with it',
  async (plan) => {
    const pia = await office.customer(`Pia-${plan}`)
    await pia.subscribes(plan)
    await office.settle()
    await office.advance('P5D')
    const { accounts, changes, quotaUsages } = office.domain
    const { id } = await subscriptionOf(pia)
    const overrides = {
      prices: { fee: { type: 'amount', amount: '19.99', currency: 'usd' } },
      quotas: { requests: '20' },
      reason: 'negotiated',
    } as const
    const request = { overrides, timing: 'at_period_end' } as const
    const { change } = await changes.previewOverrides(office.caller, id, request)
    await changes.execute(office.caller, id, change.id, 'overrides')

    const { offer } = await takes(pia, 2)
    expect(offer.invoice?.totalMinor).toBe(offer.quote.invoice?.totalMinor)
    expect(offer.quote.nextInvoice?.feesMinor).toBe(1999n + 2n * 777n)
    expect(await held(pia)).toEqual([expect.stringMatching(/^extra@\d 2$/)])
    expect(await changes.findOpen('test', id)).toMatchObject({ id: change.id, state: 'scheduled' })
    // One thing at a time is scheduled.
    await expect(takes(pia, 1)).rejects.toMatchObject({ code: 'change_pending' })

    await office.advance('P1M')
    expect(await changes.findOpen('test', id)).toBeUndefined()
    const subscription = await subscriptionOf(pia)
    expect(subscription).toMatchObject({ addOns: [{ quantity: 2 }], overrides })
    const [usage] = await quotaUsages.of(await accounts.get('test', pia.id), subscription)
    expect(usage?.limit).toBe('26')
    const { data } = await office.domain.billing.list('test', { customerId: pia.id }, { limit: 1 })
    expect(data[0]).toMatchObject({ kind: 'period', totalMinor: 1999n + 2n * 777n })
    expect(await openFindings()).toEqual([])
  },
)

test('an add-on that nobody pays for leaves the terms that are scheduled as they were', async () => {
  const ned = await paying('Ned')
  const { changes } = office.domain
  const { id } = await subscriptionOf(ned)
  const request = {
    overrides: { quotas: { requests: '20' }, reason: 'negotiated' },
    timing: 'at_period_end',
  } as const
  const { change } = await changes.previewOverrides(office.caller, id, request)
  await changes.execute(office.caller, id, change.id, 'overrides')
  await ned.changesCard('pm_card_chargeCustomerFail')

  await takes(ned, 1)
  expect(await changes.findOpen('test', id)).toMatchObject({ state: 'awaiting_payment' })
  expect((await subscriptionOf(ned)).addOns).toEqual([])
  await changes.takeBack(office.caller, id)
  await office.settle()
  expect(await changes.findOpen('test', id)).toMatchObject({ id: change.id, state: 'scheduled' })
  await ned.changesCard('pm_card_visa')
  await takes(ned, 2)
  await office.advance('P2D')
  expect(await changes.findOpen('test', id)).toMatchObject({ id: change.id, state: 'scheduled' })
  await changes.clearPath(office.caller, id)
  expect(await changes.findOpen('test', id)).toBeUndefined()
})
