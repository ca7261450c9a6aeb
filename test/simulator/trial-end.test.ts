import { expect, test } from 'vitest'
import { createPrice, eventTypes, useSimulator } from './support.ts'

const simulator = useSimulator()

/** A trial of a customer who has never given a card. */
async function trial(behavior: 'cancel' | 'create_invoice' | 'pause') {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ name: 'Ada' })
  const price = await createPrice(stripe, 2_900)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    trial_period_days: 7,
    trial_settings: { end_behavior: { missing_payment_method: behavior } },
  })
  return { stripe, customer, id }
}

test('a trial that is ended by hand without a payment method pauses where that was asked for, and charges nothing', async () => {
  const { stripe, id } = await trial('pause')

  const paused = await stripe.subscriptions.update(id, { trial_end: 'now' })

  expect(paused.status).toBe('paused')
  const invoices = await stripe.invoices.list({ subscription: id })
  expect(invoices.data.map(({ amount_due: due }) => due)).toEqual([0])
  expect(await eventTypes(stripe)).toContain('customer.subscription.paused')
})

test('a trial that is ended by hand without a payment method cancels where that was asked for', async () => {
  const { stripe, id } = await trial('cancel')

  const canceled = await stripe.subscriptions.update(id, { trial_end: 'now' })

  expect(canceled.status).toBe('canceled')
  expect(await eventTypes(stripe)).toContain('customer.subscription.deleted')
})

test('a trial that is ended by hand goes on with a payment method, and without one where an invoice is wanted', async () => {
  const paying = await trial('pause')
  await paying.stripe.customers.update(paying.customer.id, {
    invoice_settings: {
      default_payment_method: (
        await paying.stripe.paymentMethods.attach('pm_card_visa', { customer: paying.customer.id })
      ).id,
    },
  })
  const owing = await trial('create_invoice')

  const active = await paying.stripe.subscriptions.update(paying.id, { trial_end: 'now' })
  const unpaid = await owing.stripe.subscriptions.update(owing.id, { trial_end: 'now' })

  expect(active.status).toBe('active')
  expect(unpaid.status).toBe('past_due')
})
