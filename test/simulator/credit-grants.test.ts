import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  createClock,
  createCustomer,
  DAY,
  HOUR,
  JANUARY,
  NEW_YEAR,
  refusal,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

/** A customer who pays one cent for each call. */
async function meteredCustomer() {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const meter = await stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: 'calls',
    default_aggregation: { formula: 'sum' },
  })
  const price = await stripe.prices.create({
    product_data: { name: 'Calls' },
    currency: 'usd',
    unit_amount: 1,
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  })
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  })
  const use = (value: number) =>
    stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { stripe_customer_id: customer.id, value: String(value) },
    })
  const grant = (value: number, extra: Partial<Stripe.Billing.CreditGrantCreateParams> = {}) =>
    stripe.billing.creditGrants.create({
      customer: customer.id,
      amount: { type: 'monetary', monetary: { currency: 'usd', value } },
      applicability_config: { scope: { price_type: 'metered' } },
      ...extra,
    })
  const balance = async () => {
    const summary = await stripe.billing.creditBalanceSummaries.retrieve({
      customer: customer.id,
      filter: { type: 'applicability_scope', applicability_scope: { price_type: 'metered' } },
    })
    return summary.balances[0]?.available_balance.monetary?.value ?? 0
  }
  return { stripe, clock, customer, meter, price, subscription, use, grant, balance }
}

async function renewed(stripe: Stripe, subscription: string): Promise<Stripe.Invoice> {
  const { data } = await stripe.invoices.list({ subscription })
  return data[0]!
}

test('credits pay for usage when the invoice is finalized, those that expire first', async () => {
  const { stripe, clock, subscription, use, grant, balance } = await meteredCustomer()
  const late = await grant(1_000)
  const soon = await grant(300, { expires_at: NEW_YEAR + 60 * DAY })
  expect(await balance()).toBe(1_300)
  await use(500)
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const invoice = await renewed(stripe, subscription.id)
  expect(invoice).toMatchObject({ status: 'paid', subtotal: 500, total: 0, amount_due: 0 })
  expect(invoice.total_pretax_credit_amounts?.map(({ amount }) => amount)).toEqual([300, 200])
  expect(await balance()).toBe(800)
  const ledger = await stripe.billing.creditBalanceTransactions.list({
    customer: invoice.customer as string,
  })
  expect(ledger.data.toReversed().map((entry) => [entry.credit_grant, entry.type])).toEqual([
    [late.id, 'credit'],
    [soon.id, 'credit'],
    [soon.id, 'debit'],
    [late.id, 'debit'],
  ])
})

test('what credits do not cover is charged', async () => {
  const { stripe, clock, subscription, use, grant } = await meteredCustomer()
  await grant(300)
  await use(500)
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  expect(await renewed(stripe, subscription.id)).toMatchObject({
    subtotal: 500,
    total: 200,
    amount_paid: 200,
  })
})

test('voiding an invoice gives its credits back', async () => {
  const { stripe, clock, subscription, customer, use, grant, balance } = await meteredCustomer()
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: '' } })
  await grant(300)
  await use(500)
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const invoice = await renewed(stripe, subscription.id)
  expect(invoice.status).toBe('open')
  expect(await balance()).toBe(0)
  await stripe.invoices.voidInvoice(invoice.id)
  expect(await balance()).toBe(300)
})

test('an expired grant loses what is left, and only an unused one can be voided', async () => {
  const { stripe, clock, use, grant, balance } = await meteredCustomer()
  const first = await grant(1_000, { expires_at: NEW_YEAR + 40 * DAY })
  await use(100)
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  expect((await refusal(stripe.billing.creditGrants.voidGrant(first.id))).message).toMatch(/Expire/)
  await advance(stripe, clock, NEW_YEAR + 41 * DAY)
  expect(await balance()).toBe(0)
  const second = await grant(700)
  expect((await stripe.billing.creditGrants.voidGrant(second.id)).voided_at).not.toBeNull()
  const third = await grant(700)
  await stripe.billing.creditGrants.expire(third.id)
  expect(await balance()).toBe(0)
  const { data } = await stripe.billing.creditBalanceTransactions.list({
    customer: second.customer as string,
  })
  expect(data.map((entry) => entry.debit?.type ?? entry.credit?.type).toReversed()).toEqual([
    'credits_granted',
    'credits_applied',
    'credits_expired',
    'credits_granted',
    'credits_voided',
    'credits_granted',
    'credits_expired',
  ])
})

test('credits are for metered prices only', async () => {
  const { stripe, grant } = await meteredCustomer()
  const flat = await stripe.prices.create({
    product_data: { name: 'Flat' },
    currency: 'usd',
    unit_amount: 500,
    recurring: { interval: 'month' },
  })
  const { param } = await refusal(
    grant(100, { applicability_config: { scope: { prices: [{ id: flat.id }] } } }),
  )
  expect(param).toBe('applicability_config[scope][prices][0][id]')
})

test('a usage alert goes off once for each customer who passes its threshold', async () => {
  const { stripe, customer, meter, use } = await meteredCustomer()
  const alert = await stripe.billing.alerts.create({
    alert_type: 'usage_threshold',
    title: 'Many calls',
    usage_threshold: { meter: meter.id, gte: 100, recurrence: 'one_time' },
  })
  await use(60)
  await use(60)
  await use(60)
  await expect
    .poll(async () => (await stripe.events.list({ type: 'billing.alert.triggered' })).data.length)
    .toBe(1)
  const { data } = await stripe.events.list({ type: 'billing.alert.triggered' })
  expect(data[0]!.data.object).toMatchObject({
    alert: { id: alert.id },
    customer: customer.id,
    value: 120,
  })
  await stripe.billing.alerts.archive(alert.id)
  expect((await stripe.billing.alerts.list()).data).toEqual([])
})
