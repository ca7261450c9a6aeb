import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Refund } from '../../src/domain/refunds/refund.ts'
import type { RefundInput } from '../../src/domain/refunds/service.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

const operator = (id: string) => ({
  ...office.caller,
  actor: { kind: 'operator' as const, id, role: 'finance_admin' },
})
const input = (changes: Partial<RefundInput> = {}): RefundInput => ({
  amountMinor: null,
  reason: 'customer_request',
  note: null,
  accessEffect: 'none',
  creditEffect: 'none',
  issueCreditNote: false,
  ...changes,
})

async function paidFor(name: string, card?: string): Promise<{ payer: Payer; paymentId: string }> {
  const payer = await office.customer(name)
  expect(await payer.subscribes('pro', card)).toBe(200)
  await office.settle()
  const { data } = await office.domain.payments.list('test', { customerId: payer.id }, { limit: 1 })
  return { payer, paymentId: data[0]?.id ?? '' }
}

const refund = (paymentId: string, changes?: Partial<RefundInput>): Promise<Refund> =>
  office.domain.refunds.request(operator('op_1'), paymentId, input(changes))
const payment = (id: string) => office.domain.payments.get('test', id)
const stripeRefunds = async (paymentId: string) => {
  const { stripePaymentIntentId } = await payment(paymentId)
  const { data } = await office.stripe.refunds.list({ payment_intent: stripePaymentIntentId ?? '' })
  return data
}

test('S2.16 a part is given back, then the rest; the payment follows', async () => {
  const { paymentId } = await paidFor('Ada')

  expect(await refund(paymentId, { amountMinor: 900n })).toMatchObject({ state: 'succeeded' })
  expect(await payment(paymentId)).toMatchObject({
    state: 'partially_refunded',
    refundedMinor: 900n,
  })
  expect(await refund(paymentId)).toMatchObject({ amount: { amountMinor: 2000n } })
  expect(await payment(paymentId)).toMatchObject({ state: 'refunded', refundedMinor: 2900n })
  await office.settle()
  expect(await stripeRefunds(paymentId)).toHaveLength(2)
})

test('S2.28 more than what remains is refused, and Stripe never hears of it', async () => {
  const { paymentId } = await paidFor('Bob')
  await refund(paymentId, { amountMinor: 2000n })

  await expect(refund(paymentId, { amountMinor: 901n })).rejects.toMatchObject({
    code: 'amount_exceeds_remaining',
    extras: { refundable: { amountMinor: 900, currency: 'usd' } },
  })
  expect(await stripeRefunds(paymentId)).toHaveLength(1)
})

test('U48 two clicks at once give the money back once', async () => {
  const { paymentId } = await paidFor('Cleo')

  const both = await Promise.allSettled([refund(paymentId), refund(paymentId)])

  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await stripeRefunds(paymentId)).toHaveLength(1)
})

test('P10 a refund whose answer was lost stays pending, keeps its amount, and is found in Stripe', async () => {
  const { paymentId } = await paidFor('Dan')
  // The client tries three more times; none of the answers arrives.
  await arrangeCallFault(office, {
    kind: 'lost_response',
    method: 'POST',
    path: '/v1/refunds',
    next: 4,
  })

  const sent = await refund(paymentId)
  expect(sent).toMatchObject({ state: 'pending', stripeRefundId: null })
  await expect(refund(paymentId)).rejects.toMatchObject({ code: 'nothing_left_to_refund' })

  await office.domain.refunds.resolve('test', office.domain.clocks.now('test') + 1, 10)

  expect(await office.domain.refunds.get('test', sent.id)).toMatchObject({ state: 'succeeded' })
  expect(await stripeRefunds(paymentId)).toHaveLength(1)
})

test('a refund that Stripe refuses has failed, and its amount is free again', async () => {
  const { paymentId } = await paidFor('Eve')
  const { stripePaymentIntentId } = await payment(paymentId)
  await office.stripe.refunds.create({ payment_intent: stripePaymentIntentId ?? '', amount: 2000 })

  expect(await refund(paymentId)).toMatchObject({ state: 'failed', failureCode: 'stripe_rejected' })
  expect(await refund(paymentId, { amountMinor: 900n })).toMatchObject({ state: 'succeeded' })
})

test('P25 a bank returns a refund that had succeeded: it has failed, and can be made again', async () => {
  const { paymentId } = await paidFor('Fay')
  const sent = await refund(paymentId, { accessEffect: 'none' })
  expect(sent).toMatchObject({ state: 'succeeded' })

  await control(office, `/_sim/refunds/${sent.stripeRefundId}`, { outcome: 'fail' })
  await office.settle()

  expect(await office.domain.refunds.get('test', sent.id)).toMatchObject({
    state: 'failed',
    failureCode: 'expired_or_canceled_card',
  })
  expect(await payment(paymentId)).toMatchObject({ state: 'succeeded', refundedMinor: 0n })
  expect(await office.domain.refunds.left('test', paymentId)).toBe(2900n)
})

test('a refund made in Stripe gets a row and no effects', async () => {
  const { payer, paymentId } = await paidFor('Gil')
  const { stripePaymentIntentId } = await payment(paymentId)
  await office.stripe.refunds.create({ payment_intent: stripePaymentIntentId ?? '', amount: 500 })
  await office.settle()

  expect(await office.domain.refunds.ofPayment('test', paymentId)).toMatchObject([
    { origin: 'stripe', reason: 'other', state: 'succeeded', amount: { amountMinor: 500n } },
  ])
  expect(await payment(paymentId)).toMatchObject({ state: 'partially_refunded' })
  expect(await office.domain.subscriptions.findOpen('test', payer.id)).toMatchObject({
    cancelAt: null,
  })
})

test('U49 S2.17 access ends with the refund when it is meant to, and the invoice gets its document', async () => {
  const { payer, paymentId } = await paidFor('Hal')
  await refund(paymentId, { accessEffect: 'cancel_now', issueCreditNote: true })
  await office.settle()

  expect(await office.domain.subscriptions.findOpen('test', payer.id)).not.toMatchObject({
    planKey: 'pro',
  })
  const { data: notes } = await office.domain.creditNotes.list(
    'test',
    { customerId: payer.id },
    { limit: 10 },
  )
  expect(notes).toMatchObject([
    { state: 'issued', amountMinor: 2900n, refundedMinor: 2900n, balanceMinor: 0n },
  ])
  await office.settle()
  const [row] = await office.domain.refunds.ofPayment('test', paymentId)
  expect(row?.effectsAppliedAt).not.toBeNull()
})

test('a large refund waits for a second person, and its amount is spoken for meanwhile', async () => {
  const { paymentId } = await paidFor('Ida')
  await office.domain.settings.set(office.caller, 'payment.refund_approval_above', '1000')
  const waiting = await refund(paymentId)
  expect(waiting).toMatchObject({ state: 'requested', approval: 'waiting' })
  await expect(refund(paymentId)).rejects.toMatchObject({ code: 'nothing_left_to_refund' })
  await expect(office.domain.refunds.approve(operator('op_1'), waiting.id)).rejects.toMatchObject({
    code: 'refund_needs_second_person',
  })

  expect(await office.domain.refunds.approve(operator('op_2'), waiting.id)).toMatchObject({
    state: 'succeeded',
    approval: 'approved',
    approvedBy: 'op_2',
  })
  await expect(office.domain.refunds.reject(operator('op_2'), waiting.id)).rejects.toMatchObject({
    code: 'refund_not_waiting',
  })
  await office.domain.settings.remove(office.caller, 'payment.refund_approval_above')
})

test('a credit note on a paid invoice becomes balance, never more than the invoice', async () => {
  const { payer } = await paidFor('Jan')
  const { data: invoices } = await office.domain.billing.list(
    'test',
    { customerId: payer.id },
    { limit: 1 },
  )
  const issue = (amountMinor: bigint) =>
    office.domain.creditNotes.issue(operator('op_1'), invoices[0]?.id ?? '', {
      amountMinor,
      reason: 'product_unsatisfactory',
      memo: null,
    })

  expect(await issue(1000n)).toMatchObject({ state: 'issued', balanceMinor: 1000n })
  await expect(issue(1901n)).rejects.toMatchObject({ code: 'amount_exceeds_invoice' })
  await office.settle()
  expect(await office.domain.connections.mirrored('test', payer.id)).toMatchObject({
    balanceMinor: -1000n,
  })
})
