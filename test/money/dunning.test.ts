import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

const mailsTo = async (name: string) =>
  (await office.mails())
    .filter((mail) => mail.startsWith(`${name}@`))
    .map((mail) => mail.slice(mail.indexOf(': [Test] ') + 9))
const casesOf = async ({ id }: Payer) =>
  (await office.domain.dunning.list('test', { customerId: id }, { limit: 10 })).data
const subscription = ({ id }: Payer) => office.domain.subscriptions.findOpen('test', id)

/** A month has passed, and the card that paid before does not any more. */
async function owing(name: string, card: string): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.subscribes('pro')
  await office.settle()
  await payer.changesCard(card)
  await office.settle()
  await office.advance('P1M')
  return payer
}

test('S3.27 a failed renewal is told once, with what happens next; access stays for the days of grace', async () => {
  const ada = await owing('ada', 'pm_card_chargeCustomerFail')

  expect(await casesOf(ada)).toMatchObject([{ state: 'open', sent: ['payment_failed'] }])
  expect(await subscription(ada)).toMatchObject({ paymentStatus: 'failed' })
  const problem = await office.domain.dunning.problemOf('test', ada.id)
  expect(problem).toMatchObject({ needsNewPaymentMethod: false })
  expect(problem?.invoice.amountDueMinor).toBe(2900n)
  const grace = (problem?.blocksAt ?? 0) - (problem?.invoice.issuedAt ?? 0)
  expect(grace).toBe(3 * 86_400_000)
  await office.settle()
  expect((await mailsTo('ada')).filter((mail) => mail.includes('failed'))).toEqual([
    'A payment of $29.00 failed',
  ])

  await office.advance('P4D')
  expect(await mailsTo('ada')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^Access stops on/),
      'Access to the API has stopped',
    ]),
  )
  const { data: told } = await office.domain.timeline.of(await ada.customer(), null, 'access', {
    limit: 1,
  })
  expect(told).toMatchObject([{ entry: { action: 'dunning.access_ended' } }])

  await ada.changesCard('pm_card_visa')
  await office.settle()
  expect(await subscription(ada)).toMatchObject({ paymentStatus: 'paid', overdueSince: null })
  expect(await casesOf(ada)).toMatchObject([{ state: 'recovered' }])
  expect(await office.domain.dunning.problemOf('test', ada.id)).toBeUndefined()
  const mails = await mailsTo('ada')
  expect(mails).toContain('Thank you: $29.00 was paid')
  expect(new Set(mails.filter((mail) => !mail.startsWith('Receipt'))).size).toBe(
    mails.filter((mail) => !mail.startsWith('Receipt')).length,
  )
})

test('when every retry has failed the invoice is given up, and that is said', async () => {
  const bob = await owing('bob', 'pm_card_chargeCustomerFail')
  await office.advance('P35D')

  const [first] = await casesOf(bob)
  expect(first?.state).toBe('exhausted')
  const { invoice } = await office.domain.billing.get('test', first?.invoiceId ?? '')
  expect(['uncollectible', 'void']).toContain(invoice.state)
  expect(await mailsTo('bob')).toContain('We have stopped trying to collect $29.00')
})

test('a customer pays an open invoice with a button, and a declined card says why', async () => {
  const cleo = await owing('cleo', 'pm_card_chargeCustomerFail')
  const [open] = await casesOf(cleo)
  const pay = () => office.domain.collection.payNow(office.caller, open?.invoiceId ?? '')

  await expect(pay()).rejects.toMatchObject({ code: 'card_declined' })
  await office.stripe.paymentMethods.attach('pm_card_visa', { customer: cleo.stripeCustomerId })
  await cleo.changesCard('pm_card_visa')
  expect(await pay()).toMatchObject({ state: 'paid' })
  await office.settle()
  expect(await casesOf(cleo)).toMatchObject([{ state: 'recovered' }])
  await expect(pay()).rejects.toMatchObject({ code: 'invoice_not_open' })
})

test('S4 money that came by bank transfer settles the invoice without a payment', async () => {
  const dan = await owing('dan', 'pm_card_chargeCustomerFail')
  const [open] = await casesOf(dan)
  const paid = await office.domain.collection.markPaid(office.caller, open?.invoiceId ?? '', {
    reference: 'Transfer 4711',
    paidAt: null,
    amountMinor: null,
  })

  expect(paid).toMatchObject({ state: 'paid', paymentReference: 'Transfer 4711' })
  expect(await subscription(dan)).toMatchObject({ paymentStatus: 'paid' })
  expect(await casesOf(dan)).toMatchObject([{ state: 'recovered' }])
})

test('the mails have a plain-text twin, and receipts can be switched off, problems cannot', async () => {
  const eve = await office.customer('eve')
  await office.domain.notifications.prefer('test', eve.id, 'receipts', false)
  await office.domain.notifications.prefer('test', eve.id, 'payments', false)
  await eve.subscribes('pro')
  await office.settle()
  expect(await mailsTo('eve')).toEqual([])
  await eve.changesCard('pm_card_chargeCustomerFail')
  await office.settle()
  await office.advance('P1M')

  expect(await mailsTo('eve')).toEqual(['A payment of $29.00 failed'])
  const { rows } = {
    rows: await office.database.db.selectFrom('mailboxMessages').selectAll().execute(),
  }
  const mail = rows.find(({ recipient }) => recipient === 'eve@example.com')
  expect(mail?.text).toContain('We could not collect $29.00')
  expect(mail?.html).toContain('We could not collect $29.00')
})
