import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreditUnit } from '../../src/domain/credits/grant.ts'
import { formatDecimal } from '../../src/kit/decimal.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { giveCredits } from '../support/credit-pack.ts'
import { fee, monthly, priced, putOnSale } from '../support/sold-plans.ts'

const DOLLARS: CreditUnit = { kind: 'money', currency: 'usd' }
const REQUESTS: CreditUnit = { kind: 'feature', featureKey: 'requests' }
const TIERS: Parameters<typeof priced>[1] = {
  type: 'tiered',
  mode: 'graduated',
  tiers: [
    { upToAmount: '10', unitPrice: '1.00' },
    { upToAmount: null, unitPrice: '0.50' },
  ],
}

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  const unit = { type: 'unit', amount: '0.25' } as const
  await putOnSale(office, 'metered', monthly('Metered', [fee('10.00'), priced('requests', unit)]))
  await putOnSale(office, 'tiers', monthly('Tiers', [fee('10.00'), priced('requests', TIERS)]))
  await putOnSale(
    office,
    'own',
    monthly('Own', [fee('10.00'), priced('requests', TIERS)], {
      engine: 'stripe_invoice',
      checkoutMode: 'setup',
    }),
  )
})
afterAll(() => office.close())

const gives = (payer: Payer, unit: CreditUnit, amount: string) =>
  giveCredits(office, payer, unit, amount)

let events = 0
async function uses({ id }: Payer, count: number): Promise<void> {
  const all = Array.from({ length: count }, () => ({
    source: 'test',
    id: `event-${events++}`,
    type: 'request',
    time: null,
    subject: id,
    subscriptionId: null,
    data: {},
  }))
  const results = await office.domain.ingest.take('test', all, all, false)
  expect(results.every(({ state }) => state === 'counted')).toBe(true)
}

const available = async ({ id }: Payer) =>
  (await office.domain.credits.balances('test', id)).map(
    ({ unit, available: left, reserved }) =>
      `${unit} ${formatDecimal(left)} ${formatDecimal(reserved)}`,
  )

/** The newest invoice, ours and Stripe's. */
async function lastInvoice(payer: Payer) {
  const { data } = await office.domain.billing.list('test', { customerId: payer.id }, { limit: 10 })
  const [newest] = data
    .filter(({ kind }) => kind !== 'first')
    .toSorted((a, b) => b.createdAt - a.createdAt)
  const { invoice, lines } = await office.domain.billing.get('test', newest?.id ?? '')
  const stripe = await office.stripe.invoices.retrieve(invoice.stripeInvoiceId ?? '')
  expect(BigInt(stripe.total)).toBe(invoice.totalMinor)
  return {
    id: invoice.id,
    state: invoice.state,
    total: Number(invoice.totalMinor),
    credits: lines
      .filter(({ lineKey }) => lineKey?.startsWith('credits:'))
      .map(({ description, amountMinor }) => `${description} ${amountMinor}`),
  }
}

const causes = async ({ id }: Payer) =>
  (await office.domain.credits.entries('test', id, { limit: 100 })).data
    .toReversed()
    .map(({ type, amount, causeKind }) => `${type} ${Number(amount)} ${causeKind}`)

test('U44 money burned when usage happened is on the invoice, before the total, and Stripe charges the rest', async () => {
  const ada = await office.onPlan('Ada', 'metered')
  await gives(ada, DOLLARS, '3')

  await uses(ada, 20)
  expect(await available(ada)).toEqual(['money:usd 0 0'])
  await office.advance('P1M')
  await office.advance('P1D')

  expect(await lastInvoice(ada)).toMatchObject({
    state: 'paid',
    total: 1_000 + 500 - 300,
    credits: ['requests: paid with credits -300'],
  })
  expect((await causes(ada)).slice(0, 2)).toEqual(['granted 3 grant', 'burned 0.25 usage'])
})

test.each(['tiers', 'own'])(
  'money pays on the invoice what has no price of its own while it is used, and the ledger names it (%s)',
  async (planKey) => {
    const bob = await office.onPlan(`Bob_${planKey}`, planKey)
    await gives(bob, DOLLARS, '7.50')

    await uses(bob, 14)
    expect(await available(bob)).toEqual(['money:usd 7.5 0'])
    await office.advance('P1M')
    await office.advance('P1D')

    const invoice = await lastInvoice(bob)
    expect(invoice).toMatchObject({
      state: 'paid',
      total: 1_000 + 1_200 - 750,
      credits: ['requests: paid with credits -750'],
    })
    expect(await available(bob)).toEqual(['money:usd 0 0'])
    expect((await causes(bob)).slice(-2)).toEqual(['released 7.5 invoice', 'burned 7.5 invoice'])
    const { data } = await office.domain.credits.entries('test', bob.id, { limit: 1 })
    expect(data[0]?.causeId).toBe(invoice.id)
  },
)

test('units that a grant paid for are taken off at the price they would have cost', async () => {
  const cleo = await office.onPlan('Cleo', 'tiers')
  await gives(cleo, REQUESTS, '4')

  await uses(cleo, 14)
  await office.advance('P1M')
  await office.advance('P1D')

  expect(await lastInvoice(cleo)).toMatchObject({
    state: 'paid',
    total: 1_000 + 1_000,
    credits: ['requests: paid with credits -200'],
  })
})

test('what an invoice does not need stays on the grant', async () => {
  const dan = await office.onPlan('Dan', 'own')
  await gives(dan, DOLLARS, '5')

  await uses(dan, 3)
  await office.advance('P1M')
  await office.advance('P1D')

  expect(await lastInvoice(dan)).toMatchObject({ state: 'paid', total: 1_000 })
  expect(await available(dan)).toEqual(['money:usd 2 0'])
})

test('an invoice that is void gives back the money it took', async () => {
  const eve = await office.onPlan('Eve', 'tiers')
  await gives(eve, DOLLARS, '5')
  await uses(eve, 10)
  await eve.changesCard('pm_card_chargeCustomerFail')
  await office.advance('P1M')
  await office.advance('P1D')
  expect(await lastInvoice(eve)).toMatchObject({ state: 'open', total: 1_000 + 1_000 - 500 })
  expect(await available(eve)).toEqual(['money:usd 0 0'])

  const { data } = await office.stripe.invoices.list({
    customer: eve.stripeCustomerId,
    status: 'open',
  })
  await office.stripe.invoices.voidInvoice(data[0]?.id ?? '')
  await office.settle()

  expect(await available(eve)).toEqual(['money:usd 5 0'])
  expect((await causes(eve)).at(-1)).toBe('adjusted 5 invoice')
})
