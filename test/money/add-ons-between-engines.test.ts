import { afterAll, beforeAll, expect, test } from 'vitest'
import { planDefinition } from '../../src/api/contract/plan-definition.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import type { SoldPlan } from '../support/world.ts'

const PLANS: Readonly<Record<string, SoldPlan>> = {
  club: monthly('Club', [fee('29.00'), quota('requests', '5')]),
  invoiced: monthly('Invoiced', [fee('50.00'), quota('requests', '7')], {
    engine: 'stripe_invoice',
    checkoutMode: 'setup',
  }),
  offline: monthly('Offline', [fee('70.00'), quota('requests', '9')], {
    engine: 'offline',
    isPaymentMethodRequired: false,
  }),
  extra: monthly('Extra calls', [fee('10.00', { name: 'Extra calls' }), quota('requests', '3')], {
    addOn: { planKeys: ['club', 'invoiced', 'offline'], maximumQuantity: 5 },
  }),
}

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice({ database: await testDatabase() })
  const { domain, caller } = office
  for (const [key, plan] of Object.entries(PLANS)) {
    const definition = planDefinition.parse(plan)
    await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
    await domain.publishing.publish(caller, key)
  }
})
afterAll(() => office.close())

/** Carries out what it previews, which is what is invoiced. */
async function changes(
  payer: Payer,
  request: { planKey: string | null; addOns?: { key: string; quantity: number }[] },
  timing: 'auto' | 'immediate' = 'auto',
) {
  const { domain, caller } = office
  const { id } = await payer.subscription()
  const preview = await domain.changes.preview(caller, id, {
    planVersion: null,
    timing,
    ...request,
  })
  await domain.changes.execute(caller, id, preview.change.id)
  await office.settle()
  if (preview.offer.quote.timing === 'immediate') {
    const { invoice } = preview.offer
    expect((await invoices(payer)).at(-1)).toMatch(
      new RegExp(`^change \\w+ ${String(invoice?.totalMinor)}$`),
    )
  }
  return preview
}

/** Oldest first: `change paid 3000`. */
async function invoices({ id: customerId }: Payer): Promise<string[]> {
  const { data } = await office.domain.billing.list('test', { customerId }, { limit: 50 })
  return data
    .toReversed()
    .map(({ kind, state, totalMinor }) => `${kind} ${state} ${String(totalMinor)}`)
}

async function has(payer: Payer, planKey: string, limit: string): Promise<void> {
  const subscription = await payer.subscription()
  expect(subscription).toMatchObject({ planKey, addOns: [{ quantity: 2 }] })
  const customer = await office.domain.accounts.get('test', payer.id)
  const [usage] = await office.domain.quotaUsages.of(customer, subscription)
  expect(usage?.limit).toBe(limit)
}

const billedByStripe = async ({ stripeCustomerId }: Payer) => {
  const { data } = await office.stripe.subscriptions.list({ customer: stripeCustomerId })
  return data
    .flatMap(({ items }) => items.data.map(({ quantity }) => quantity))
    .toSorted((a, b) => (a ?? 0) - (b ?? 0))
}

async function agrees({ id }: Payer): Promise<void> {
  const { found } = await office.domain.reconcile.customer(office.caller, id, true)
  expect(found).toEqual([])
  const { data } = await office.domain.findings.list('test', { state: 'open' }, { limit: 10 })
  expect(data.map(({ summary }) => summary)).toEqual([])
}

/** Whole periods, one after the other: their invoices are the fee of the plan and of both add-ons. */
test.each([
  { other: 'invoiced', limit: '13', period: '7000', back: 'auto' },
  { other: 'invoiced', limit: '13', period: '7000', back: 'immediate' },
  { other: 'offline', limit: '15', period: '9000', back: 'auto' },
] as const)(
  'add-ons go along to a plan that is $other and back ($back), never lost and never billed twice',
  { timeout: 240_000 },
  async ({ other, limit, period, back }) => {
    const ada = await office.customer(`Ada-${other}-${back}`)
    await ada.subscribes('club')
    await office.settle()
    await changes(ada, { planKey: null, addOns: [{ key: 'extra', quantity: 2 }] })
    await office.advance('P10D')

    const there = await changes(ada, { planKey: other })
    await has(ada, other, limit)
    const lines = there.offer.quote.invoice?.lines ?? []
    expect(lines.filter(({ planKey }) => planKey === 'extra')).toEqual([])
    expect(await billedByStripe(ada)).toEqual([])

    await office.advance('P31D')
    await has(ada, other, limit)
    expect((await invoices(ada)).at(-1)).toMatch(new RegExp(`^period \\w+ ${period}$`))

    await changes(ada, { planKey: 'club' }, back)
    await office.advance('P31D')
    await has(ada, 'club', '11')
    await until(
      async () => {
        await office.settle()
        return billedByStripe(ada)
      },
      (quantities) => quantities.join() === '1,2',
    )
    expect((await invoices(ada)).at(-1)).toBe('period paid 4900')
    const before = (await invoices(ada)).length

    await office.advance('P31D')
    await has(ada, 'club', '11')
    expect((await invoices(ada)).slice(before)).toEqual(['period paid 4900'])
    await agrees(ada)
  },
)
