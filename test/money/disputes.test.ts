import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { control } from '../support/simulator-control.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

const disputesOf = async ({ id }: Payer) =>
  (await office.domain.disputes.list('test', { customerId: id }, { limit: 10 })).data
const paymentOf = async ({ id }: Payer) =>
  (await office.domain.payments.list('test', { customerId: id }, { limit: 10 })).data[0]

async function disputing(name: string, card = 'pm_card_createDispute') {
  const payer = await office.customer(name)
  await payer.subscribes('pro', card)
  await office.settle()
  const [dispute] = await disputesOf(payer)
  if (dispute === undefined) throw new Error('There is no dispute')
  return { payer, dispute }
}

test('S2.20 a dispute is known with its deadline, its payment and a draft of the evidence', async () => {
  const { payer, dispute } = await disputing('Ada')

  expect(dispute).toMatchObject({
    state: 'needs_response',
    reason: 'fraudulent',
    amount: { amountMinor: 2900n, currency: 'usd' },
    feeMinor: 1500n,
    evidenceState: 'drafted',
  })
  expect(dispute.evidenceDueAt).toBeGreaterThan(dispute.openedAt)
  expect(dispute.evidence).toMatchObject({
    customer_name: 'Ada',
    customer_email_address: 'ada@example.com',
    product_description: expect.stringContaining('plan Pro'),
  })
  expect(await paymentOf(payer)).toMatchObject({ state: 'disputed', disputeStanding: 'open' })
})

test('P25 a disputed payment cannot be refunded on top', async () => {
  const { payer } = await disputing('Bob')
  const payment = await paymentOf(payer)
  await expect(
    office.domain.refunds.request(office.caller, payment?.id ?? '', {
      amountMinor: null,
      reason: 'customer_request',
      note: null,
      accessEffect: 'none',
      creditEffect: 'none',
      issueCreditNote: false,
    }),
  ).rejects.toMatchObject({ code: 'payment_disputed' })
})

test('S2.21 evidence is edited, submitted once, and the dispute can be won', async () => {
  const { payer, dispute } = await disputing('Cleo')
  const evidence = { ...dispute.evidence, uncategorized_text: 'winning_evidence' }
  await office.domain.disputes.editEvidence(office.caller, dispute.id, evidence)

  expect(await office.domain.disputes.submit(office.caller, dispute.id)).toMatchObject({
    state: 'won',
    evidenceState: 'submitted',
  })
  await expect(office.domain.disputes.submit(office.caller, dispute.id)).rejects.toMatchObject({
    code: 'dispute_not_answerable',
  })
  expect(await paymentOf(payer)).toMatchObject({ state: 'succeeded', disputeStanding: 'won' })
})

test('lost, the payment is lost for good: nothing of it can be refunded', async () => {
  const { payer, dispute } = await disputing('Dan')
  await control(office, `/_sim/disputes/${dispute.stripeDisputeId}`, { outcome: 'lost' })
  await office.settle()

  const payment = await paymentOf(payer)
  expect(payment).toMatchObject({ state: 'disputed_lost' })
  expect(await office.domain.refunds.left('test', payment?.id ?? '')).toBe(0n)
})

test('P25 an inquiry moves no money, and closes', async () => {
  const { payer, dispute } = await disputing('Eve', 'pm_card_createDisputeInquiry')
  expect(dispute).toMatchObject({ state: 'warning_needs_response', feeMinor: 0n })
  expect(await paymentOf(payer)).toMatchObject({ state: 'succeeded', disputeStanding: 'none' })

  await control(office, `/_sim/disputes/${dispute.stripeDisputeId}`, { outcome: 'won' })
  await office.settle()
  expect(await disputesOf(payer)).toMatchObject([{ state: 'warning_closed' }])
})

test('U50 the policy suspends whose payment is disputed, and winning takes exactly that back', async () => {
  await office.domain.settings.set(office.caller, 'payment.on_dispute', 'suspend_customer')
  const { payer, dispute } = await disputing('Fay')
  await office.domain.accounts.suspend(office.caller, payer.id, 'abuse', null)
  const reasons = async () => (await payer.customer()).suspensions.map(({ reason }) => reason)
  expect((await reasons()).toSorted()).toEqual(['abuse', 'dispute'])

  await control(office, `/_sim/disputes/${dispute.stripeDisputeId}`, { outcome: 'won' })
  await office.settle()
  expect(await reasons()).toEqual(['abuse'])
  await office.domain.settings.remove(office.caller, 'payment.on_dispute')
})

test('a dispute can be accepted, and a deadline nobody answered is reminded of once', async () => {
  const { dispute } = await disputing('Gil')
  await office.advance('P6D')
  const { data } = await office.domain.notifications.list('test', undefined, { limit: 100 })
  expect(data.every(({ template }) => template !== 'dispute_lost')).toBe(true)
  expect((await office.domain.disputes.get('test', dispute.id)).remindedAt).not.toBeNull()

  const { dispute: other } = await disputing('Hal')
  expect(await office.domain.disputes.accept(office.caller, other.id)).toMatchObject({
    state: 'lost',
  })
})

test('a fraud warning becomes a finding while there is still something to do', async () => {
  const payer = await office.customer('Ida')
  await payer.subscribes('pro', 'pm_card_createIssuerFraudRecord')
  await office.settle()
  const { data } = await office.domain.findings.list(
    'test',
    { customerId: payer.id, category: 'fraud' },
    { limit: 10 },
  )
  expect(data).toMatchObject([{ state: 'open', subjectKind: 'payment' }])
})
