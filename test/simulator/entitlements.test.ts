import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  DAY,
  HOUR,
  JANUARY,
  NEW_YEAR,
  refusal,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

async function keysOf(stripe: Stripe, customer: string): Promise<string[]> {
  const { data } = await stripe.entitlements.activeEntitlements.list({ customer })
  return data.map(({ lookup_key: key }) => key).toSorted()
}

async function summaries(stripe: Stripe): Promise<string[][]> {
  const { data } = await stripe.events.list({
    type: 'entitlements.active_entitlement_summary.updated',
  })
  return data.toReversed().map(({ data: { object } }) => {
    const summary = object as Stripe.Entitlements.ActiveEntitlementSummary
    return summary.entitlements.data.map(({ lookup_key: key }) => key).toSorted()
  })
}

test('a feature attached to a product reaches its subscribers with their next renewal', async () => {
  const { stripe, clock, customer, price } = await subscribe(simulator)
  const feature = await stripe.entitlements.features.create({ name: 'Fast', lookup_key: 'fast' })
  await stripe.products.createFeature(price.product as string, { entitlement_feature: feature.id })
  expect(await keysOf(stripe, customer.id)).toEqual([])
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  expect(await keysOf(stripe, customer.id)).toEqual(['fast'])
  expect(await summaries(stripe)).toEqual([['fast']])
})

test('a plan change moves entitlements with it, and the end of a subscription ends them', async () => {
  const { stripe, customer, price, subscription, item } = await subscribe(simulator)
  const attach = async (product: string, key: string) => {
    const feature = await stripe.entitlements.features.create({ name: key, lookup_key: key })
    return stripe.products.createFeature(product, { entitlement_feature: feature.id })
  }
  await attach(price.product as string, 'basic')
  const other = await stripe.prices.create({
    product_data: { name: 'Pro' },
    currency: 'usd',
    unit_amount: 9_900,
    recurring: { interval: 'month' },
  })
  await attach(other.product as string, 'pro')
  const swap = (to: string) =>
    stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, price: to }] })
  await swap(other.id)
  expect(await keysOf(stripe, customer.id)).toEqual(['pro'])
  await swap(price.id)
  expect(await keysOf(stripe, customer.id)).toEqual(['basic'])
  await stripe.subscriptions.cancel(subscription.id)
  expect(await keysOf(stripe, customer.id)).toEqual([])
  expect(await summaries(stripe)).toEqual([['pro'], ['basic'], []])
})

test('entitlements outlast a failed payment until the subscription ends', async () => {
  const { stripe, clock, customer, price } = await subscribe(simulator)
  const feature = await stripe.entitlements.features.create({ name: 'A', lookup_key: 'a' })
  await stripe.products.createFeature(price.product as string, { entitlement_feature: feature.id })
  await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id })
  const { data: cards } = await stripe.customers.listPaymentMethods(customer.id)
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: cards[0]!.id },
  })
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  expect(await keysOf(stripe, customer.id)).toEqual(['a'])
  await advance(stripe, clock, NEW_YEAR + JANUARY + 20 * DAY)
  expect(await keysOf(stripe, customer.id)).toEqual([])
})

test('lookup keys of features are unique, and archived features cannot be attached', async () => {
  const stripe = simulator.stripe()
  const feature = await stripe.entitlements.features.create({ name: 'Fast', lookup_key: 'fast' })
  const { param } = await refusal(
    stripe.entitlements.features.create({ name: 'Faster', lookup_key: 'fast' }),
  )
  expect(param).toBe('lookup_key')
  await stripe.entitlements.features.update(feature.id, { active: false })
  const product = await stripe.products.create({ name: 'Plan' })
  const { message } = await refusal(
    stripe.products.createFeature(product.id, { entitlement_feature: feature.id }),
  )
  expect(message).toMatch(/archived/)
  expect((await stripe.entitlements.features.list({ archived: true })).data).toHaveLength(1)
  expect((await stripe.entitlements.features.list({ archived: false })).data).toHaveLength(0)
})

test('a feature can be taken off its product again', async () => {
  const stripe = simulator.stripe()
  const { id } = await stripe.products.create({ name: 'Plan' })
  const feature = await stripe.entitlements.features.create({ name: 'Fast', lookup_key: 'fast' })
  const attached = await stripe.products.createFeature(id, { entitlement_feature: feature.id })
  expect((await stripe.products.retrieveFeature(id, attached.id)).entitlement_feature.name).toBe(
    'Fast',
  )
  expect((await stripe.products.deleteFeature(id, attached.id)).deleted).toBe(true)
  expect((await stripe.products.listFeatures(id)).data).toEqual([])
})
