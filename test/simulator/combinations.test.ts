import { beforeAll, expect, test } from 'vitest'
import { createCustomer, createPrice, useSimulator } from './support.ts'

// What each parameter allows and their combination, or a bound, does not: the derived shapes cannot know.
const simulator = useSimulator()
const KEY = 'sk_test_combinations'
const ids: Record<string, string> = {}

beforeAll(async () => {
  const stripe = simulator.stripe(KEY)
  const plan = await createPrice(stripe, 1_000)
  const fee = await stripe.prices.create({
    product: plan.product as string,
    currency: 'usd',
    unit_amount: 500,
  })
  const customer = await createCustomer(stripe, null)
  Object.assign(ids, { plan: plan.id, fee: fee.id, product: plan.product, customer: customer.id })
})

const DATA = 'price_data[currency]=usd&price_data[product]=<product>&price_data[unit_amount]=1'
const SESSION = 'mode=subscription&success_url=https://x.org&line_items[0]'

test.each([
  ['/v1/prices', 'currency=usd&product=<product>&unit_amount=-1', 'unit_amount'],
  [
    '/v1/prices',
    'currency=usd&product=<product>&unit_amount=1&unit_amount_decimal=2',
    'unit_amount',
  ],
  ['/v1/prices', 'currency=usd&product=<product>', 'unit_amount'],
  ['/v1/prices', 'currency=usd&product=<product>&product_data[name]=x&unit_amount=1', 'product'],
  ['/v1/prices', 'currency=abc&product=<product>&unit_amount=1', 'currency'],
  [
    '/v1/prices',
    'currency=usd&product=<product>&unit_amount=1&transform_quantity[divide_by]=0&transform_quantity[round]=up',
    'transform_quantity[divide_by]',
  ],
  [
    '/v1/prices',
    'currency=usd&product=<product>&unit_amount=1&recurring[interval]=year&recurring[interval_count]=4',
    'recurring[interval_count]',
  ],
  ['/v1/subscriptions', 'customer=<customer>', 'items'],
  ['/v1/subscriptions', 'customer=<customer>&items[0][price]=<fee>', 'items[0][price]'],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&items[0][quantity]=-1',
    'items[0][quantity]',
  ],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&items[1][price]=<plan>',
    'items[1][price]',
  ],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&items[0][price_data][currency]=usd&items[0][price_data][product]=<product>&items[0][price_data][recurring][interval]=month',
    'items[0][price]',
  ],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&trial_period_days=5&trial_end=1999999999',
    'trial_end',
  ],
  ['/v1/subscriptions', 'customer=<customer>&items[0][price]=<plan>&cancel_at=1', 'cancel_at'],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&cancel_at=1999999999&cancel_at_period_end=true',
    'cancel_at',
  ],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&collection_method=send_invoice',
    'days_until_due',
  ],
  [
    '/v1/subscriptions',
    'customer=<customer>&items[0][price]=<plan>&days_until_due=3',
    'days_until_due',
  ],
  ['/v1/payment_intents', 'amount=10&currency=usd', 'amount'],
  ['/v1/payment_intents', 'amount=100000000&currency=usd', 'amount'],
  ['/v1/payment_intents', 'amount=1001&currency=kwd', 'amount'],
  ['/v1/payment_intents', 'amount=50001&currency=isk', 'amount'],
  ['/v1/payment_intents', 'amount=1000&currency=usd&off_session=true', 'off_session'],
  ['/v1/invoiceitems', 'customer=<customer>&amount=5&currency=usd&pricing[price]=<fee>', 'amount'],
  ['/v1/invoiceitems', `customer=<customer>&pricing[price]=<fee>&${DATA}`, 'pricing'],
  ['/v1/invoiceitems', 'customer=<customer>&pricing[price]=<plan>', 'pricing[price]'],
  [
    '/v1/checkout/sessions',
    `${SESSION}[price]=<plan>&line_items[0][quantity]=0`,
    'line_items[0][quantity]',
  ],
  ['/v1/checkout/sessions', `${SESSION}[price]=<fee>&line_items[0][quantity]=1`, 'line_items'],
  ['/v1/customers', 'email=nobody', 'email'],
  ['/v1/tax_rates', 'display_name=x&percentage=101&inclusive=false', 'percentage'],
  ['/v1/webhook_endpoints', 'url=nowhere&enabled_events[0]=*', 'url'],
  ['/v1/webhook_endpoints', 'url=https://x.org&enabled_events[0]=none', 'enabled_events[0]'],
])('POST %s with %s is refused for its %s', async (path, body, param) => {
  const response = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${KEY}`, 'Stripe-Version': '2026-10-28.endive' },
    body: new URLSearchParams(body.replaceAll(/<(\w+)>/g, (_, name: string) => ids[name] ?? '')),
  })
  const { error } = (await response.json()) as { error: { type: string; param: string } }
  expect({ status: response.status, type: error.type, param: error.param }).toEqual({
    status: 400,
    type: 'invalid_request_error',
    param,
  })
})
