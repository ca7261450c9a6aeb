import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreditUnit } from '../../src/domain/credits/grant.ts'
import type { UsageEvent } from '../../src/domain/ingest/usage-event.ts'
import { DAY_MS } from '../../src/kit/instant.ts'
import { decimal, formatDecimal } from '../../src/kit/decimal.ts'
import { type BackOffice, openBackOffice, type Payer, payOnPage } from '../support/back-office.ts'
import { giveCredits } from '../support/credit-pack.ts'
import { fee, monthly, priced, putOnSale } from '../support/sold-plans.ts'

const DOLLARS: CreditUnit = { kind: 'money', currency: 'usd' }
const REQUESTS: CreditUnit = { kind: 'feature', featureKey: 'requests' }
const A_QUARTER = { type: 'unit', amount: '0.25' } as const
const TIERS: Parameters<typeof priced>[1] = {
  type: 'tiered',
  mode: 'graduated',
  tiers: [
    { upToAmount: '10', unitPrice: '1.00' },
    { upToAmount: null, unitPrice: '0.50' },
  ],
}
/** Ten dollars of credits for ten dollars. */
const A_PACK = {
  key: 'ten',
  name: 'Ten dollars',
  unit: DOLLARS,
  amountPerPack: decimal('10'),
  price: { amountMinor: 1_000n, currency: 'usd' },
  priority: 100,
  validFor: null,
  appliesTo: null,
} as const

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await putOnSale(
    office,
    'metered',
    monthly('Metered', [fee('10.00'), priced('requests', A_QUARTER)]),
  )
  const three = {
    entitlement: {
      type: 'metered',
      issueAfterReset: '3',
      usagePeriod: 'P1M',
      onLimit: 'bill_overage',
    },
  } as const
  await putOnSale(
    office,
    'three',
    monthly('Three', [fee('10.00'), priced('requests', A_QUARTER, three)]),
  )
  await putOnSale(
    office,
    'prepaid',
    monthly('Prepaid', [fee('10.00'), priced('requests', TIERS)], { settlement: 'credit_only' }),
  )
  await office.domain.creditPurchases.putPack(office.caller, A_PACK, 0)
  await putOnSale(office, 'tiers', monthly('Tiers', [fee('10.00'), priced('requests', TIERS)]))
})
afterAll(() => office.close())

const gives = (payer: Payer, unit: CreditUnit, amount: string) =>
  giveCredits(office, payer, unit, amount)

let events = 0
const anEvent = ({ id }: Payer, time: number | null = null): UsageEvent => ({
  source: 'test',
  id: `event-${events++}`,
  type: 'request',
  time,
  subject: id,
  subscriptionId: null,
  data: {},
})

/** Answers the ids of the events. */
async function uses(payer: Payer, count: number, time: number | null = null): Promise<string[]> {
  const all = Array.from({ length: count }, () => anEvent(payer, time))
  const results = await office.domain.ingest.take('test', all, all, false)
  expect(results.every(({ state }) => state === 'counted')).toBe(true)
  return all.map(({ id }) => id)
}

async function voids(ids: readonly string[]): Promise<void> {
  for (const id of ids) await office.domain.ingest.void(office.caller, 'test', id, 'a mistake')
}

/** What there is of each unit, and what is held. */
const balances = async ({ id }: Payer) =>
  (await office.domain.credits.balances('test', id)).map(
    ({ unit, available, reserved, debt }) =>
      `${unit} ${formatDecimal(available)} ${formatDecimal(reserved)} ${formatDecimal(debt)}`,
  )

/** The newest renewal: total, and its lines but the fee. */
async function lastInvoice({ id }: Payer) {
  const { data } = await office.domain.billing.list('test', { customerId: id }, { limit: 20 })
  const [newest] = data
    .filter(({ kind }) => kind !== 'first')
    .toSorted((a, b) => b.createdAt - a.createdAt)
  const { invoice, lines } = await office.domain.billing.get('test', newest?.id ?? '')
  const stripe = await office.stripe.invoices.retrieve(invoice.stripeInvoiceId ?? '')
  expect(BigInt(stripe.total)).toBe(invoice.totalMinor)
  return {
    total: Number(invoice.totalMinor),
    lines: lines
      .filter(({ amountMinor, rateCardKey }) => rateCardKey === 'requests' && amountMinor !== 0n)
      .map(({ description, amountMinor }) => `${description} ${amountMinor}`)
      .toSorted(),
  }
}

async function nextInvoice(payer: Payer) {
  await office.advance('P1M')
  await office.advance('P1D')
  return lastInvoice(payer)
}

/** Buys a pack; answers the Stripe payment. */
async function buysTen({ id, stripeCustomerId }: Payer): Promise<string> {
  const { checkoutUrl } = await office.domain.creditPurchases.buy(office.caller, {
    customerId: id,
    packKey: 'ten',
    quantity: 1,
    returnUrl: 'http://console.test/credits?{purchase}',
  })
  expect(await payOnPage(office.simulatorUrl, checkoutUrl ?? '', 'pm_card_visa')).toBe(200)
  await office.settle()
  const { data } = await office.stripe.paymentIntents.list({ customer: stripeCustomerId, limit: 1 })
  return data[0]?.id ?? ''
}

/** A gateway that spends the customer's dollars on requests, one for a quarter. */
async function aGateway({ id: customerId }: Payer, producerId: string) {
  const { creditSpending, subscriptions } = office.domain
  const subscription = await subscriptions.findLatest('test', customerId)
  const rates = [{ unit: 'money:usd', perUnit: '0.25' }]
  const key = {
    mode: 'test',
    subscriptionId: subscription?.id ?? '',
    quotaKey: 'credits:requests',
    window: { startsAt: subscription?.currentPeriod?.startsAt ?? 0, endsAt: Date.UTC(2100, 0, 1) },
    credit: { customerId, featureKey: 'requests', rates },
  } as const
  let sequence = 0
  return {
    async leases(units: string): Promise<string> {
      const ask = {
        ...key,
        ceiling: null,
        debt: decimal(0),
        need: decimal(units),
        want: decimal(0),
      }
      const answer = await creditSpending.lease(producerId, ask)
      return answer.kind === 'leased' ? formatDecimal(answer.granted) : answer.kind
    },
    givesBack: (units: string) =>
      creditSpending.giveBack(producerId, { ...key, units: decimal(units) }),
    spends: (units: string) =>
      creditSpending.settle(producerId, ++sequence, [{ ...key, units: decimal(units) }]),
  }
}

const grantOf = async ({ id }: Payer) => {
  const [holding] = await office.domain.credits.grants('test', id)
  const { burned = decimal(0), reserved = decimal(0), voided = decimal(0) } = holding?.balance ?? {}
  return [burned, reserved, voided].map(formatDecimal).join(' ')
}

const lastMonth = () => office.domain.clocks.now('test') - 10 * DAY_MS

test('usage that is taken back gives back the credits it was paid with', async () => {
  const ada = await office.onPlan('Ada', 'metered')
  await gives(ada, REQUESTS, '2')
  await gives(ada, DOLLARS, '1')
  const ids = await uses(ada, 5)
  expect(await balances(ada)).toEqual(['feature:requests 0 0 0', 'money:usd 0.25 0 0'])

  await voids(ids.slice(0, 2))
  expect(await balances(ada)).toEqual(['feature:requests 0 0 0', 'money:usd 0.75 0 0'])
  await voids(ids.slice(2))

  expect(await balances(ada)).toEqual(['feature:requests 2 0 0', 'money:usd 1 0 0'])
  expect(await nextInvoice(ada)).toMatchObject({ total: 1_000, lines: [] })
})

test('an event in the place of another is paid in its place', async () => {
  const bob = await office.onPlan('Bob', 'metered')
  const eve = await office.onPlan('Eve', 'metered')
  await gives(bob, REQUESTS, '1')
  await gives(eve, DOLLARS, '1')
  const [id = ''] = await uses(bob, 1)

  await office.domain.ingest.replace(office.caller, 'test', id, anEvent(eve), 'misdirected')

  expect(await balances(bob)).toEqual(['feature:requests 1 0 0'])
  expect(await balances(eve)).toEqual(['money:usd 0.75 0 0'])
})

test('what the plan includes is not paid with credits, whichever of its events is taken back', async () => {
  const cleo = await office.onPlan('Cleo', 'three')
  await gives(cleo, REQUESTS, '2')
  // Three are included, two are paid with credits, one is billed.
  const ids = await uses(cleo, 6)

  await voids(ids.slice(0, 1))
  expect(await balances(cleo)).toEqual(['feature:requests 0 0 0'])
  await voids(ids.slice(1, 2))
  expect(await balances(cleo)).toEqual(['feature:requests 1 0 0'])
  await voids(ids.slice(2))

  expect(await balances(cleo)).toEqual(['feature:requests 2 0 0'])
})

test('U5 usage that comes after its invoice and is paid with credits is not charged as well', async () => {
  const dan = await office.onPlan('Dan', 'metered')
  await nextInvoice(dan)
  await gives(dan, REQUESTS, '3')
  await gives(dan, DOLLARS, '0.50')

  await uses(dan, 6, lastMonth())

  expect(await balances(dan)).toEqual(['feature:requests 0 0 0', 'money:usd 0 0 0'])
  expect(await nextInvoice(dan)).toEqual({
    total: 1_000 + 150 - 75 - 50,
    lines: [
      'requests: usage of an earlier period 150',
      'requests: usage of an earlier period: paid with credits -125',
    ],
  })
  // Said once.
  expect(await nextInvoice(dan)).toEqual({ total: 1_000, lines: [] })
})

test('usage that is taken back after its invoice gives back credits instead of money', async () => {
  const flo = await office.onPlan('Flo', 'metered')
  await gives(flo, REQUESTS, '3')
  const ids = await uses(flo, 4)
  expect(await nextInvoice(flo)).toMatchObject({ total: 1_000 + 100 - 75 })

  await voids(ids.slice(0, 2))

  // Of the two, one had been billed.
  expect(await balances(flo)).toEqual(['feature:requests 1 0 0'])
  expect(await nextInvoice(flo)).toEqual({
    total: 1_000 - 50 + 25,
    lines: [
      'requests: usage of an earlier period -50',
      'requests: usage of an earlier period: paid with credits 25',
    ],
  })
})

test('money that an invoice took pays late usage too, and comes back with usage that is taken back', async () => {
  const gus = await office.onPlan('Gus', 'tiers')
  await gives(gus, DOLLARS, '8')
  const ids = await uses(gus, 6)
  expect(await nextInvoice(gus)).toMatchObject({ total: 1_000 + 600 - 600 })
  expect(await balances(gus)).toEqual(['money:usd 2 0 0'])

  const late = await uses(gus, 3, lastMonth())
  expect(await nextInvoice(gus)).toMatchObject({ total: 1_000 + 300 - 200 })
  expect(await balances(gus)).toEqual(['money:usd 0 0 0'])
  await voids([...ids.slice(0, 3), ...late])

  expect(await nextInvoice(gus)).toMatchObject({ total: 1_000 - 600 + 500 })
  expect(await balances(gus)).toEqual(['money:usd 5 0 0'])
})

test('U49 a refund in part takes what a gateway holds of a pack once it comes back, and no more than it paid for', async () => {
  const ida = await office.onPlan('Ida', 'metered')
  const payment = await buysTen(ida)
  const gateway = await aGateway(ida, 'gateway-ida')
  expect(await gateway.leases('32')).toBe('32')

  // At the dashboard, where nobody asks what is in use.
  await office.stripe.refunds.create({ payment_intent: payment, amount: 600 })
  await office.settle()
  expect(await balances(ida)).toEqual(['money:usd 0 8 0'])
  expect(await gateway.leases('1')).toBe('0')
  await gateway.spends('12')
  await gateway.givesBack('20')

  // Ten dollars: six are refunded, three are used, one is left.
  expect(await grantOf(ida)).toBe('3 0 6')
  expect(await balances(ida)).toEqual(['money:usd 1 0 0'])
})

test('U49 a pack that is refunded whole leaves nothing, whether it is in use or used and taken back', async () => {
  const jo = await office.onPlan('Jo', 'metered')
  const payment = await buysTen(jo)
  const gateway = await aGateway(jo, 'gateway-jo')
  const ids = await uses(jo, 4)
  await gateway.leases('20')

  const refund = await office.stripe.refunds.create({ payment_intent: payment })
  await office.settle()
  await gateway.givesBack('20')
  await voids(ids.slice(0, 2))

  expect(await grantOf(jo)).toBe('1 0 9.5')
  expect(await balances(jo)).toEqual(['money:usd 0 0 0'])
  expect(refund.status).toBe('succeeded')
})

test('a debt is paid first by the pack that is bought next, and forgiven when its invoice is void', async () => {
  const kim = await office.onPlan('Kim', 'prepaid')
  await gives(kim, DOLLARS, '2')
  await uses(kim, 6)
  expect(await nextInvoice(kim)).toMatchObject({ total: 1_000 + 600 - 600 })
  expect(await balances(kim)).toEqual(['money:usd -4 0 4'])

  await buysTen(kim)

  expect(await balances(kim)).toEqual(['money:usd 6 0 0'])
  await kim.changesCard('pm_card_chargeCustomerFail')
  await uses(kim, 8)
  expect(await nextInvoice(kim)).toMatchObject({ total: 1_000 })
  expect(await balances(kim)).toEqual(['money:usd -2 0 2'])
  await buysTen(kim)
  expect(await balances(kim)).toEqual(['money:usd 8 0 0'])

  const open = await office.stripe.invoices.list({ customer: kim.stripeCustomerId, limit: 1 })
  expect(open.data[0]).toMatchObject({ status: 'open' })
  await office.stripe.invoices.voidInvoice(open.data[0]?.id ?? '')
  await office.settle()

  expect(await balances(kim)).toEqual(['money:usd 16 0 0'])
})
