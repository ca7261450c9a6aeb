import { afterAll, beforeAll, expect, test } from 'vitest'
import { decimal } from '../../src/kit/decimal.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { creditsOf, CREDITS, sellsCredits } from '../support/credit-pack.ts'
import { control } from '../support/simulator-control.ts'

const SETTING = {
  isEnabled: true,
  packKey: 'hundred',
  quantity: 1,
  threshold: decimal(10),
  maximumPerDay: null,
  maximumPerMonth: null,
}

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await sellsCredits(office)
})
afterAll(() => office.close())

async function withCard(name: string, card = 'pm_card_visa'): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.changesCard(card)
  await office.settle()
  return payer
}

const topsUp = ({ id }: Payer, changes: Partial<typeof SETTING> | object = {}) =>
  office.domain.topUps.set(office.caller, id, { ...SETTING, ...changes })

const available = (payer: Payer) => creditsOf(office, payer)

const give = ({ id }: Payer, amount: string) =>
  office.domain.credits.grant(office.caller, id, {
    unit: CREDITS,
    amount: decimal(amount),
    category: 'promotional',
    priority: 100,
    expiresAt: null,
    appliesTo: null,
    note: null,
  })

let burns = 0
const burn = ({ id }: Payer, amount: string) =>
  office.domain.credits.consume(office.caller, id, {
    unit: CREDITS,
    amount: decimal(amount),
    featureKey: null,
    reference: `burn-${burns++}`,
  })

async function payments({ id }: Payer): Promise<string[]> {
  const { data } = await office.domain.payments.list('test', { customerId: id }, { limit: 10 })
  return data.map(({ state }) => state).toSorted()
}

const failuresTold = async (name: string) =>
  (await office.mails()).filter((mail) => mail.startsWith(`${name}@`) && mail.includes('top-up'))

test('U43 of calls in parallel that pass the threshold one top-up is bought', async () => {
  const ada = await withCard('Ada')
  await give(ada, '12')
  await topsUp(ada)

  await Promise.all([burn(ada, '1'), burn(ada, '1'), burn(ada, '1'), burn(ada, '1')])
  await office.settle()

  expect(await payments(ada)).toEqual(['succeeded'])
  expect(await available(ada)).toBe('108')
})

test('U43 after a decline nothing more is bought until somebody looks, who is told once and then topped up at once', async () => {
  const bob = await withCard('Bob', 'pm_card_chargeCustomerFail')
  await give(bob, '12')
  await topsUp(bob)

  await burn(bob, '5')
  await office.settle()
  await burn(bob, '7')
  await office.settle()
  expect(await payments(bob)).toEqual(['failed'])
  expect(await available(bob)).toBe('0')
  expect(await failuresTold('bob')).toEqual([
    'bob@example.com: [Test] The automatic top-up of $10.00 failed',
  ])

  await bob.changesCard('pm_card_visa')
  await office.settle()
  await topsUp(bob)
  await office.settle()
  expect(await payments(bob)).toEqual(['failed', 'succeeded'])
  expect(await available(bob)).toBe('100')
  const { data: history } = await office.domain.topUps.history('test', bob.id, { limit: 10 })
  expect(history.map(({ state }) => state)).toEqual(['paid', 'failed'])
  expect(history[1]?.failureMessage).toMatch(/declined/)
})

test('U43 a payment the bank refuses days later fails its top-up: the next is not in flight for ever', async () => {
  const cleo = await withCard('Cleo')
  await give(cleo, '12')
  await topsUp(cleo)
  const { stripeCustomerId: customer } = cleo
  await control(office, '/_sim/delays', { customer, next: 1 })

  await burn(cleo, '5')
  await office.settle()
  await burn(cleo, '1')
  await office.settle()
  expect(await payments(cleo)).toEqual(['processing'])
  const { data } = await office.stripe.paymentIntents.list({ customer })
  await control(office, `/_sim/payments/${data[0]?.id}`, { outcome: 'fail' })
  await office.settle()

  expect(await payments(cleo)).toEqual(['failed'])
  expect(await failuresTold('cleo')).toHaveLength(1)
  await burn(cleo, '1')
  await office.settle()
  expect(await payments(cleo)).toEqual(['failed'])

  await topsUp(cleo)
  await office.settle()
  expect(await payments(cleo)).toEqual(['failed', 'succeeded'])
  expect(await available(cleo)).toBe('105')
})

test('U43 a payment that took days and succeeds grants once, and the next may follow', async () => {
  const dan = await withCard('Dan')
  await give(dan, '12')
  await topsUp(dan)
  const { stripeCustomerId: customer } = dan
  await control(office, '/_sim/delays', { customer, next: 1 })
  await burn(dan, '5')
  await office.settle()
  expect(await available(dan)).toBe('7')

  const { data } = await office.stripe.paymentIntents.list({ customer })
  await control(office, `/_sim/payments/${data[0]?.id}`, { outcome: 'succeed' })
  await office.settle()
  expect(await available(dan)).toBe('107')
  await burn(dan, '100')
  await office.settle()
  expect(await available(dan)).toBe('107')
})

test('U43 no more is bought than the limits of a day and a month allow, and what they held back is bought when they are over', async () => {
  await office.advance('2030-03-30T10:00:00Z')
  const eve = await withCard('Eve')
  await give(eve, '20')
  await topsUp(eve, { maximumPerDay: decimal(100), maximumPerMonth: decimal(200) })

  await burn(eve, '20')
  await office.settle()
  await burn(eve, '100')
  await office.settle()
  expect(await available(eve)).toBe('0')

  await office.advance('2030-03-31T10:00:00Z')
  expect(await available(eve)).toBe('100')
  await burn(eve, '100')
  await office.settle()
  expect(await available(eve)).toBe('0')

  await office.advance('2030-04-01T10:00:00Z')
  expect(await available(eve)).toBe('100')
  expect(await payments(eve)).toEqual(['succeeded', 'succeeded', 'succeeded'])
})

test('without a card a top-up fails with the reason, and asks nobody for money', async () => {
  const fay = await office.customer('Fay')
  await give(fay, '5')

  await topsUp(fay)
  await office.settle()

  expect(await payments(fay)).toEqual([])
  expect(await failuresTold('fay')).toHaveLength(1)
})
