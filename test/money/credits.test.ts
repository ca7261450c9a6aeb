import { afterAll, beforeAll, expect, test } from 'vitest'
import { decimal, formatDecimal } from '../../src/kit/decimal.ts'
import { type BackOffice, openBackOffice, type Payer, payOnPage } from '../support/back-office.ts'
import { creditsOf, CREDITS, sellsCredits } from '../support/credit-pack.ts'
import { control } from '../support/simulator-control.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await sellsCredits(office)
})
afterAll(() => office.close())

const available = (payer: Payer) => creditsOf(office, payer)
const give = ({ id }: Payer, amount: string, changes = {}) =>
  office.domain.credits.grant(office.caller, id, {
    unit: CREDITS,
    amount: decimal(amount),
    category: 'promotional',
    priority: 100,
    expiresAt: null,
    appliesTo: null,
    note: null,
    ...changes,
  })
const burn = ({ id }: Payer, amount: string, reference: string) =>
  office.domain.credits.consume(office.caller, id, {
    unit: CREDITS,
    amount: decimal(amount),
    featureKey: null,
    reference,
  })
const ledger = async ({ id }: Payer) =>
  (await office.domain.credits.entries('test', id, { limit: 100 })).data
    .toReversed()
    .map(({ type, amount, balanceAfter }) => [type, Number(amount), Number(balanceAfter)].join(' '))

async function buys(payer: Payer, quantity: number): Promise<{ id: string; status: number }> {
  const { id, checkoutUrl } = await office.domain.creditPurchases.buy(office.caller, {
    customerId: payer.id,
    packKey: 'hundred',
    quantity,
    returnUrl: 'http://console.test/credits?{purchase}',
  })
  const status = await payOnPage(office.simulatorUrl, checkoutUrl ?? '', 'pm_card_visa')
  return { id, status }
}

test('S4.9 a purchase grants when its payment is known, once, whatever tells of it and how often', async () => {
  const ada = await office.customer('Ada')
  const { id, status } = await buys(ada, 2)
  expect(status).toBe(200)
  expect(await available(ada)).toBe('0')

  await office.settle()
  expect(await available(ada)).toBe('200')
  expect(await office.domain.creditPurchases.get('test', ada.id, id)).toMatchObject({
    state: 'paid',
    amount: { amountMinor: 2000n },
  })

  const { data } = await office.domain.inbox.list('test', {}, { limit: 100 })
  for (const event of data) await office.domain.inbox.replay(office.caller, event.id)
  await office.settle()
  expect(await available(ada)).toBe('200')
  expect(await ledger(ada)).toEqual(['granted 200 200'])
})

test('a page nobody paid on in time ends its purchase, and nothing is granted', async () => {
  const late = await office.customer('Late')
  const { id } = await office.domain.creditPurchases.buy(office.caller, {
    customerId: late.id,
    packKey: 'hundred',
    quantity: 1,
    returnUrl: 'http://console.test/credits?{purchase}',
  })
  expect(await office.domain.creditPurchases.get('test', late.id, id)).toMatchObject({
    state: 'pending',
  })

  await office.advance('P1D')

  expect(await office.domain.creditPurchases.get('test', late.id, id)).toMatchObject({
    state: 'expired',
  })
  expect(await available(late)).toBe('0')
})

test('what was paid and told to nobody is granted after a journey longer than Stripe keeps its events', async () => {
  const traveller = await office.customer('Traveller')
  await buys(traveller, 1)

  await office.advance('P40D')

  expect(await available(traveller)).toBe('100')
})

test('U45 what expires sooner and was given is burned first, and consumption named the same burns once', async () => {
  const bob = await office.customer('Bob')
  const now = office.domain.clocks.now('test')
  await give(bob, '50')
  await give(bob, '30', { expiresAt: now + 86_400_000 })

  await burn(bob, '40', 'job-1')
  await burn(bob, '40', 'job-1')
  expect(await available(bob)).toBe('40')
  expect(await ledger(bob)).toEqual([
    'granted 50 50',
    'granted 30 80',
    'burned 30 50',
    'burned 10 40',
  ])
  await expect(burn(bob, '41', 'job-2')).rejects.toMatchObject({ code: 'insufficient_credits' })
  expect(await available(bob)).toBe('40')
})

test('U11 of many at once only as many burn as there are credits', async () => {
  const cleo = await office.customer('Cleo')
  await give(cleo, '10')
  const all = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => burn(cleo, '3', `call-${n}`)),
  )
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(await available(cleo)).toBe('1')
})

test('credits expire by the clock at once, and the ledger says so afterwards', async () => {
  const dan = await office.customer('Dan')
  const now = office.domain.clocks.now('test')
  await give(dan, '20', { expiresAt: now + 3 * 86_400_000 })
  await burn(dan, '5', 'call')
  await office.advance('P4D')

  expect(await available(dan)).toBe('0')
  expect(await ledger(dan)).toEqual(['granted 20 20', 'burned 5 15', 'expired 15 0'])
})

test('only the unburned part of a purchase is refunded, and a refund takes its credits with it', async () => {
  const eve = await office.customer('Eve')
  await buys(eve, 1)
  await office.settle()
  await burn(eve, '25', 'call')
  const { data } = await office.domain.payments.list('test', { customerId: eve.id }, { limit: 1 })
  const request = (amountMinor: bigint | null) =>
    office.domain.refunds.request(office.caller, data[0]?.id ?? '', {
      amountMinor,
      reason: 'customer_request',
      note: null,
      accessEffect: 'none',
      creditEffect: 'void_unburned',
      issueCreditNote: false,
    })

  await expect(request(1000n)).rejects.toMatchObject({ code: 'credits_already_used' })
  const payment = await office.domain.payments.get('test', data[0]?.id ?? '')
  const foretold = await office.domain.creditAfterSales.takenBackFor(payment, 750n)
  const refund = await request(null)
  expect(refund).toMatchObject({ state: 'succeeded', amount: { amountMinor: 750n } })
  expect(foretold && formatDecimal(foretold.amount)).toBe('75')
  expect(await available(eve)).toBe('0')

  await control(office, `/_sim/refunds/${refund.stripeRefundId}`, { outcome: 'fail' })
  await office.settle()
  expect(await available(eve)).toBe('75')
})

test('U50 while a purchase is disputed its credits are frozen, and no others; won, they are back', async () => {
  const fay = await office.customer('Fay')
  await give(fay, '7')
  const { checkoutUrl } = await office.domain.creditPurchases.buy(office.caller, {
    customerId: fay.id,
    packKey: 'hundred',
    quantity: 1,
    returnUrl: 'http://console.test/credits?{purchase}',
  })
  await payOnPage(office.simulatorUrl, checkoutUrl ?? '', 'pm_card_createDispute')
  await office.settle()
  expect(await available(fay)).toBe('7')

  const { data } = await office.domain.disputes.list('test', { customerId: fay.id }, { limit: 1 })
  await control(office, `/_sim/disputes/${data[0]?.stripeDisputeId}`, { outcome: 'won' })
  await office.settle()
  expect(await available(fay)).toBe('107')
})

test('a balance that runs low is told of once, and again after more was given', async () => {
  const ida = await office.customer('Ida')
  const told = async () => {
    await office.settle()
    return (await office.mails())
      .filter((mail) => mail.startsWith('ida@'))
      .map((mail) => mail.slice(mail.indexOf(': ') + 2))
      .filter((subject) => /low|used up/.test(subject))
  }
  await give(ida, '10')

  await burn(ida, '9', 'a')
  await burn(ida, '0.5', 'b')
  expect(await told()).toHaveLength(1)
  await burn(ida, '0.5', 'c')
  expect(await told()).toHaveLength(2)
  await give(ida, '10')
  await burn(ida, '9', 'd')

  const subjects = await told()
  expect(subjects).toHaveLength(3)
  expect(new Set(subjects).size).toBe(2)
})
