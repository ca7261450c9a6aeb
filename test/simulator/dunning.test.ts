import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  createClock,
  createCustomer,
  createPrice,
  DAY,
  eventTypes,
  HOUR,
  idOf,
  JANUARY,
  NEW_YEAR,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

let accounts = 0

/** A monthly subscription whose renewal at the end of January is not paid. */
async function failRenewal(
  card = 'pm_card_chargeCustomerFail',
  settings: Readonly<Record<string, unknown>> = {},
) {
  accounts += 1
  const key = `sk_test_dunning${accounts}`
  const stripe = simulator.stripe(key)
  await simulator.control('POST', '/_sim/settings', settings, key)
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 1_000)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  })
  const failing = await stripe.paymentMethods.attach(card, { customer: customer.id })
  await stripe.subscriptions.update(id, { default_payment_method: failing.id })
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const subscription = await stripe.subscriptions.retrieve(id)
  const failedAt = NEW_YEAR + JANUARY + HOUR
  return { key, stripe, clock, customer, subscription, failedAt }
}

async function newestInvoice(stripe: Stripe, subscription: string): Promise<Stripe.Invoice> {
  const [invoice] = (await stripe.invoices.list({ subscription })).data
  return invoice!
}

test.each([
  ['cancel', 'canceled'],
  ['unpaid', 'unpaid'],
  ['past_due', 'past_due'],
  ['pause', 'paused'],
])('when the last retry has failed and the account says %s, it is %s', async (action, status) => {
  const { stripe, clock, subscription, failedAt } = await failRenewal(undefined, {
    afterRetries: action,
    paymentRetrySeconds: [DAY, 3 * DAY],
  })
  expect(subscription.status).toBe('past_due')

  await advance(stripe, clock, failedAt + 2 * DAY)
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('past_due')
  await advance(stripe, clock, failedAt + 4 * DAY)

  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after.status).toBe(status)
  expect(await newestInvoice(stripe, subscription.id)).toMatchObject({
    attempt_count: 3,
    next_payment_attempt: null,
  })
  if (status === 'paused') {
    expect(after.status_details?.paused.subscription.type).toBe('final_payment_failure')
  }
})

test('every failed attempt is told once, with the time of the next', async () => {
  const { stripe, clock, failedAt } = await failRenewal(undefined, {
    paymentRetrySeconds: [DAY, 3 * DAY],
  })
  await advance(stripe, clock, failedAt + 4 * DAY)

  const { data } = await stripe.events.list({ type: 'invoice.payment_failed' })

  const told = data.toReversed().map((event) => event.data.object as Stripe.Invoice)
  expect(told.map((invoice) => [invoice.attempt_count, invoice.next_payment_attempt])).toEqual([
    [1, failedAt + DAY],
    [2, failedAt + 3 * DAY],
    [3, null],
  ])
})

test('a new default method is used at the next retry, and all is well again', async () => {
  const { stripe, clock, customer, subscription, failedAt } = await failRenewal()
  const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: good.id })
  expect((await newestInvoice(stripe, subscription.id)).status).toBe('open')

  await advance(stripe, clock, failedAt + 3 * DAY + HOUR)

  expect((await newestInvoice(stripe, subscription.id)).status).toBe('paid')
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
})

test('after a hard decline nobody bothers the bank again until there is another method', async () => {
  const { key, stripe, clock, customer, subscription } = await failRenewal('pm_card_visa')
  await simulator.control('POST', '/_sim/declines', { code: 'lost_card' }, key)
  const renewal = NEW_YEAR + JANUARY + 28 * DAY
  await advance(stripe, clock, renewal + 2 * HOUR)
  expect(await newestInvoice(stripe, subscription.id)).toMatchObject({
    status: 'open',
    attempt_count: 1,
  })

  await advance(stripe, clock, renewal + 4 * DAY)
  expect(await newestInvoice(stripe, subscription.id)).toMatchObject({
    status: 'open',
    attempt_count: 1,
    next_payment_attempt: renewal + HOUR + 5 * DAY,
  })
  const other = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: other.id })
  await advance(stripe, clock, renewal + 6 * DAY)

  expect(await newestInvoice(stripe, subscription.id)).toMatchObject({
    status: 'paid',
    attempt_count: 2,
  })
})

test('a bank that wants to see the customer is told apart, and passing its challenge pays', async () => {
  const { key, stripe, subscription } = await failRenewal('pm_card_authenticationRequired')
  expect(subscription.status).toBe('past_due')
  const types = await eventTypes(stripe)
  expect(types).toContain('invoice.payment_action_required')
  const invoice = await stripe.invoices.retrieve(idOf(subscription.latest_invoice), {
    expand: ['payments'],
  })
  const intent = invoice.payments?.data[0]?.payment.payment_intent as string

  await simulator.control('POST', `/_sim/authentications/${intent}`, { outcome: 'complete' }, key)

  expect((await stripe.invoices.retrieve(invoice.id)).status).toBe('paid')
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
})

test('an unpaid subscription keeps making drafts that nobody collects, and paying the last invoice revives it', async () => {
  const { stripe, clock, subscription, failedAt } = await failRenewal(undefined, {
    afterRetries: 'unpaid',
    paymentRetrySeconds: [DAY],
  })
  await advance(stripe, clock, failedAt + 2 * DAY)
  const unpaid = await newestInvoice(stripe, subscription.id)
  await advance(stripe, clock, NEW_YEAR + JANUARY + 29 * DAY)

  expect(await newestInvoice(stripe, subscription.id)).toMatchObject({
    status: 'draft',
    auto_advance: false,
  })
  await stripe.invoices.pay(unpaid.id, { payment_method: 'pm_card_visa' })

  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
})

test.each(['voidInvoice', 'markUncollectible'] as const)(
  '%s on what is owed makes the subscription active again',
  async (settle) => {
    const { stripe, subscription } = await failRenewal()
    await stripe.invoices[settle](idOf(subscription.latest_invoice))
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
  },
)

test('a sent invoice is overdue when its date has passed, and then so is the subscription', async () => {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 1_000)
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    collection_method: 'send_invoice',
    days_until_due: 7,
  })
  expect(subscription.status).toBe('active')

  await advance(stripe, clock, NEW_YEAR + 10 * DAY)

  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('past_due')
  expect(await eventTypes(stripe)).toContain('invoice.overdue')
  const invoice = await newestInvoice(stripe, subscription.id)
  await stripe.invoices.pay(invoice.id, { paid_out_of_band: true })
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
  const types = await eventTypes(stripe)
  expect(types).toContain('invoice.paid')
  expect(types).not.toContain('invoice.payment_succeeded')
})

test('a plan change credits a period that has not been paid as if it would be', async () => {
  const { stripe, clock, subscription } = await failRenewal()
  const double = await createPrice(stripe, 2_000)
  const [item] = subscription.items.data
  const half = (item!.current_period_start + item!.current_period_end) / 2
  await advance(stripe, clock, half)

  await stripe.subscriptions.update(subscription.id, {
    items: [{ id: item!.id, price: double.id }],
  })

  const { data } = await stripe.invoiceItems.list({ customer: idOf(subscription.customer) })
  expect(data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([-500, 1_000])
})
