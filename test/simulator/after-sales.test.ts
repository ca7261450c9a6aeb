import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  createClock,
  createCustomer,
  DAY,
  eventTypes,
  idOf,
  NEW_YEAR,
  refusal,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

async function pay(card: string, amount = 2_000) {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock, card)
  const intent = await stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    customer: customer.id,
    payment_method: idOf(customer.invoice_settings.default_payment_method),
    confirm: true,
    off_session: true,
  })
  return { stripe, clock, charge: idOf(intent.latest_charge), intent: intent.id }
}

async function balanceOf(stripe: Stripe): Promise<number> {
  const { available, pending } = await stripe.balance.retrieve()
  return (available[0]?.amount ?? 0) + (pending[0]?.amount ?? 0)
}

test('a refund lowers what is left of its charge, and never by more than that', async () => {
  const { stripe, charge, intent } = await pay('pm_card_visa')
  const paidIn = await balanceOf(stripe)

  const part = await stripe.refunds.create({ charge, amount: 500, reason: 'duplicate' })
  const tooMuch = await refusal(stripe.refunds.create({ charge, amount: 1_501 }))
  const rest = await stripe.refunds.create({ payment_intent: intent })
  const again = await refusal(stripe.refunds.create({ charge }))

  expect(part).toMatchObject({ status: 'succeeded', amount: 500, reason: 'duplicate' })
  expect(tooMuch).toMatchObject({ statusCode: 400, param: 'amount' })
  expect(rest.amount).toBe(1_500)
  expect(again.code).toBe('charge_already_refunded')
  expect(await stripe.charges.retrieve(charge)).toMatchObject({
    amount_refunded: 2_000,
    refunded: true,
  })
  // The fee of 2.9 % and 30 cents stays with Stripe.
  expect(paidIn).toBe(2_000 - 88)
  expect(await balanceOf(stripe)).toBe(-88)
  const types = await eventTypes(stripe)
  expect(types.slice(-4)).toEqual([
    'refund.created',
    'charge.refunded',
    'refund.created',
    'charge.refunded',
  ])
})

test('a pending refund succeeds a day later', async () => {
  const { stripe, clock, charge } = await pay('pm_card_pendingRefund')
  const refund = await stripe.refunds.create({ charge })
  expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' })

  await advance(stripe, clock, NEW_YEAR + 2 * DAY)

  expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded')
  expect(await eventTypes(stripe)).toContain('refund.updated')
})

test('a refund that had succeeded fails later, and the money is back', async () => {
  const { stripe, clock, charge } = await pay('pm_card_refundFail')
  const before = await balanceOf(stripe)
  const refund = await stripe.refunds.create({ charge })
  expect(refund.status).toBe('succeeded')

  await advance(stripe, clock, NEW_YEAR + 2 * DAY)

  expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  })
  expect(await stripe.charges.retrieve(charge)).toMatchObject({
    amount_refunded: 0,
    refunded: false,
  })
  expect(await balanceOf(stripe)).toBe(before)
  expect(await eventTypes(stripe)).toContain('refund.failed')
})

test('only a pending refund can be canceled', async () => {
  const { stripe, charge } = await pay('pm_card_pendingRefund')
  const refund = await stripe.refunds.create({ charge })

  expect((await stripe.refunds.cancel(refund.id)).status).toBe('canceled')

  const settled = await pay('pm_card_visa')
  const done = await settled.stripe.refunds.create({ charge: settled.charge })
  expect((await refusal(settled.stripe.refunds.cancel(done.id))).message).toContain('succeeded')
})

test('a dispute takes the money and a fee, and winning it brings the money back', async () => {
  const { stripe, charge } = await pay('pm_card_createDispute')
  const [dispute] = (await stripe.disputes.list({ charge })).data
  expect(dispute).toMatchObject({ reason: 'fraudulent', status: 'needs_response', amount: 2_000 })
  expect(await balanceOf(stripe)).toBe(2_000 - 88 - 2_000 - 1_500)
  expect((await refusal(stripe.refunds.create({ charge }))).code).toBe('charge_disputed')

  const won = await stripe.disputes.update(dispute!.id, {
    evidence: { uncategorized_text: 'winning_evidence' },
  })

  expect(won).toMatchObject({ status: 'won', evidence_details: { submission_count: 1 } })
  expect(await balanceOf(stripe)).toBe(2_000 - 88 - 1_500)
  const types = (await eventTypes(stripe)).filter((type) => type.startsWith('charge.dispute'))
  expect(types).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.updated',
    'charge.dispute.closed',
    'charge.dispute.funds_reinstated',
  ])
})

test('evidence can be gathered before it is handed in, and losing evidence loses', async () => {
  const { stripe, charge } = await pay('pm_card_createDisputeProductNotReceived')
  const [dispute] = (await stripe.disputes.list({ charge })).data
  expect(dispute?.reason).toBe('product_not_received')

  const gathered = await stripe.disputes.update(dispute!.id, {
    evidence: { product_description: 'API calls', uncategorized_text: 'losing_evidence' },
    submit: false,
  })
  expect(gathered).toMatchObject({
    status: 'needs_response',
    evidence: { product_description: 'API calls' },
    evidence_details: { has_evidence: true, submission_count: 0 },
  })
  const lost = await stripe.disputes.update(dispute!.id, { submit: true })

  expect(lost.status).toBe('lost')
  const late = stripe.disputes.update(dispute!.id, { evidence: { uncategorized_text: 'more' } })
  expect((await refusal(late)).statusCode).toBe(400)
})

test('an inquiry moves no money until it is escalated', async () => {
  const { stripe, charge } = await pay('pm_card_createDisputeInquiry')
  const [inquiry] = (await stripe.disputes.list({ charge })).data
  expect(inquiry).toMatchObject({ status: 'warning_needs_response', is_charge_refundable: true })
  expect(await balanceOf(stripe)).toBe(2_000 - 88)

  const escalated = await stripe.disputes.update(inquiry!.id, {
    evidence: { uncategorized_text: 'escalate_inquiry_evidence' },
  })

  expect(escalated.status).toBe('needs_response')
  expect(await balanceOf(stripe)).toBe(-88 - 1_500)
})

test('an inquiry can be settled by a refund, which is allowed', async () => {
  const { stripe, charge } = await pay('pm_card_createDisputeInquiry')
  expect((await stripe.refunds.create({ charge })).status).toBe('succeeded')
})

test('a dispute nobody answers is lost when its time is up', async () => {
  const { stripe, clock, charge } = await pay('pm_card_createDispute')

  await advance(stripe, clock, NEW_YEAR + 8 * DAY)

  const [dispute] = (await stripe.disputes.list({ charge })).data
  expect(dispute).toMatchObject({ status: 'lost', evidence_details: { past_due: true } })
})

test('evidence that is no test string is weighed by the bank for a long time', async () => {
  const { stripe, clock, charge } = await pay('pm_card_createDispute')
  const [dispute] = (await stripe.disputes.list({ charge })).data
  await stripe.disputes.update(dispute!.id, { evidence: { uncategorized_text: 'They used it.' } })

  await advance(stripe, clock, NEW_YEAR + 30 * DAY)
  expect((await stripe.disputes.retrieve(dispute!.id)).status).toBe('under_review')
  await advance(stripe, clock, NEW_YEAR + 90 * DAY)
  expect((await stripe.disputes.retrieve(dispute!.id)).status).toBe('lost')
})

test('a fraud warning comes without a dispute', async () => {
  const { stripe, charge } = await pay('pm_card_createIssuerFraudRecord')

  const [warning] = (await stripe.radar.earlyFraudWarnings.list({ charge })).data

  expect(warning).toMatchObject({ actionable: true, charge })
  expect((await stripe.disputes.list({ charge })).data).toEqual([])
})

test('an authorization is captured in part, and the rest is never taken', async () => {
  const stripe = simulator.stripe()
  const held = await stripe.paymentIntents.create({
    amount: 2_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    capture_method: 'manual',
    confirm: true,
    return_url: 'https://example.com',
  })
  expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2_000 })
  expect(await balanceOf(stripe)).toBe(0)
  const tooMuch = stripe.paymentIntents.capture(held.id, { amount_to_capture: 2_001 })
  expect((await refusal(tooMuch)).param).toBe('amount_to_capture')

  const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1_200 })

  expect(taken).toMatchObject({ status: 'succeeded', amount_received: 1_200, amount_capturable: 0 })
  const again = await refusal(stripe.paymentIntents.capture(held.id))
  expect(again.code).toBe('payment_intent_unexpected_state')
  const canceled = await refusal(stripe.paymentIntents.cancel(held.id))
  expect(canceled.code).toBe('payment_intent_unexpected_state')
})
