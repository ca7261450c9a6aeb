import { createClock, DAY, idOf, refusal } from '../support.ts'
import type { Walk } from './recorder.ts'

const PAID = { amount: 2_000, currency: 'usd', confirm: true } as const

export async function walkPayments(walk: Walk): Promise<void> {
  const { stripe } = walk
  const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'usd' })
  await stripe.paymentIntents.update(intent.id, { amount: 1_000, metadata: { order: '1' } })
  await stripe.paymentIntents.retrieve(intent.id)
  await stripe.paymentIntents.confirm(intent.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://example.com',
  })
  await stripe.paymentIntents.list({ limit: 3 })
  await stripe.paymentIntents.search({ query: 'metadata["order"]:"1"' })
  await stripe.paymentIntents.cancel(
    (await stripe.paymentIntents.create({ amount: 900, currency: 'usd' })).id,
    { cancellation_reason: 'abandoned' },
  )

  const held = { ...PAID, payment_method: 'pm_card_visa', capture_method: 'manual' } as const
  const first = await stripe.paymentIntents.create({ ...held, return_url: 'https://example.com' })
  await stripe.paymentIntents.capture(first.id, { amount_to_capture: 1_500 })
  const second = await stripe.paymentIntents.create({ ...held, return_url: 'https://example.com' })
  const charge = idOf(second.latest_charge)
  await refusal(stripe.charges.capture(charge))
  await stripe.charges.retrieve(charge, {
    expand: ['refunds', 'balance_transaction', 'payment_intent.payment_method', 'customer'],
  })
  await stripe.charges.update(charge, { description: 'Captured' })
  await stripe.charges.list({ limit: 3 })
  await stripe.charges.search({ query: 'amount>100' })

  const balance = await stripe.balanceTransactions.list({ limit: 1 })
  await stripe.balanceTransactions.retrieve(balance.data[0]!.id)
  await stripe.balance.retrieve()

  const clock = await createClock(stripe)
  const { id: customer } = await stripe.customers.create({ test_clock: clock })
  await stripe.paymentIntents.create({ ...held, customer, return_url: 'https://example.com' })
  await walk.advance(clock, 8 * DAY)

  // A challenge that is never met, and a card that is refused.
  await stripe.paymentIntents.create({
    ...PAID,
    payment_method: 'pm_card_authenticationRequired',
    return_url: 'https://example.com',
  })
  await stripe.paymentIntents
    .create({ ...PAID, payment_method: 'pm_card_chargeDeclined', return_url: 'https://x.org' })
    .catch(() => undefined)
}

export async function walkSetups({ stripe }: Walk): Promise<void> {
  const customer = await stripe.customers.create({ name: 'Set up' })
  const intent = await stripe.setupIntents.create({ customer: customer.id })
  await stripe.setupIntents.update(intent.id, { description: 'A card for later' })
  await stripe.setupIntents.retrieve(intent.id)
  await stripe.setupIntents.confirm(intent.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://example.com',
  })
  await stripe.setupIntents.list({ customer: customer.id })
  await stripe.setupAttempts.list({ setup_intent: intent.id })
  await stripe.setupIntents.cancel((await stripe.setupIntents.create({})).id)
  await stripe.setupIntents.create({
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
    return_url: 'https://example.com',
  })
  await stripe.setupIntents
    .create({
      confirm: true,
      payment_method: 'pm_card_chargeDeclined',
      return_url: 'https://x.org',
    })
    .catch(() => undefined)
}

export async function walkAfterSales({ stripe, control }: Walk): Promise<void> {
  const pay = async (card: string): Promise<string> => {
    const intent = await stripe.paymentIntents.create({
      ...PAID,
      payment_method: card,
      return_url: 'https://example.com',
    })
    return intent.id
  }

  const refund = await stripe.refunds.create({
    payment_intent: await pay('pm_card_visa'),
    amount: 500,
    reason: 'requested_by_customer',
  })
  await stripe.refunds.retrieve(refund.id, { expand: ['charge', 'balance_transaction'] })
  await stripe.refunds.update(refund.id, { metadata: { why: 'asked' } })
  await stripe.refunds.list({ limit: 3 })
  await control(`/_sim/refunds/${refund.id}`, { outcome: 'fail' })
  const pending = await stripe.refunds.create({
    payment_intent: await pay('pm_card_pendingRefund'),
  })
  await stripe.refunds.cancel(pending.id)

  const disputed = await pay('pm_card_createDispute')
  const { data } = await stripe.disputes.list({ payment_intent: disputed })
  await stripe.disputes.retrieve(data[0]!.id, { expand: ['charge'] })
  await stripe.disputes.update(data[0]!.id, {
    evidence: { uncategorized_text: 'winning_evidence' },
    metadata: { case: '1' },
  })
  const other = await stripe.disputes.list({
    payment_intent: await pay('pm_card_createDisputeProductNotReceived'),
  })
  await stripe.disputes.close(other.data[0]!.id)

  await pay('pm_card_createIssuerFraudRecord')
  const warnings = await stripe.radar.earlyFraudWarnings.list()
  await stripe.radar.earlyFraudWarnings.retrieve(warnings.data[0]!.id)
}
