import { monthly, type Walk } from './recorder.ts'

export async function walkCatalog({ stripe }: Walk): Promise<void> {
  await stripe.accounts.retrieveCurrent()
  const product = await stripe.products.create({ name: 'Walk', metadata: { part: 'catalog' } })
  await stripe.products.retrieve(product.id)
  await stripe.products.update(product.id, { description: 'All of it' })
  await stripe.products.list()
  await stripe.products.search({ query: 'metadata["part"]:"catalog"' })
  await stripe.products.del((await stripe.products.create({ name: 'Mistake' })).id)

  const price = await stripe.prices.create(monthly(product.id, 1_000))
  await stripe.prices.retrieve(price.id, { expand: ['product', 'currency_options'] })
  await stripe.prices.update(price.id, { nickname: 'Monthly', lookup_key: 'walk' })
  await stripe.prices.list({ product: product.id })
  await stripe.prices.search({ query: `product:"${product.id}"` })
  await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    billing_scheme: 'tiered',
    tiers_mode: 'volume',
    tiers: [
      { up_to: 10, flat_amount: 500 },
      { up_to: 'inf', unit_amount: 40 },
    ],
    recurring: { interval: 'year' },
    expand: ['tiers'],
  })

  const plan = await stripe.plans.create({
    product: product.id,
    currency: 'usd',
    interval: 'month',
    amount: 700,
  })
  await stripe.plans.retrieve(plan.id)
  await stripe.plans.update(plan.id, { nickname: 'Old style' })
  await stripe.plans.list()
  await stripe.plans.del(plan.id)

  const feature = await stripe.entitlements.features.create({
    name: 'Export',
    lookup_key: 'export',
  })
  await stripe.entitlements.features.retrieve(feature.id)
  await stripe.entitlements.features.update(feature.id, { name: 'Exports' })
  await stripe.entitlements.features.list()
  const attached = await stripe.products.createFeature(product.id, {
    entitlement_feature: feature.id,
  })
  await stripe.products.listFeatures(product.id)
  await stripe.products.retrieveFeature(product.id, attached.id)
  await stripe.products.deleteFeature(product.id, attached.id)

  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'forever', name: 'Q' })
  await stripe.coupons.retrieve(coupon.id, { expand: ['applies_to'] })
  await stripe.coupons.update(coupon.id, { name: 'A quarter off' })
  await stripe.coupons.list()
  const code = await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'QUARTER',
  })
  await stripe.promotionCodes.retrieve(code.id, { expand: ['promotion.coupon'] })
  await stripe.promotionCodes.update(code.id, { active: false })
  await stripe.promotionCodes.list()
  await stripe.coupons.del(coupon.id)

  const rate = await stripe.taxRates.create({
    display_name: 'VAT',
    percentage: 19,
    inclusive: false,
    country: 'DE',
  })
  await stripe.taxRates.retrieve(rate.id)
  await stripe.taxRates.update(rate.id, { description: 'Value added' })
  await stripe.taxRates.list()
}

export async function walkCustomers({ stripe }: Walk): Promise<void> {
  const customer = await stripe.customers.create({
    email: 'walk@example.com',
    name: 'Walk',
    address: { country: 'DE', city: 'Bonn' },
    source: 'tok_visa',
  })
  await stripe.customers.retrieve(customer.id, {
    expand: ['sources', 'subscriptions', 'tax', 'default_source'],
  })
  await stripe.customers.update(customer.id, { phone: '+49 228 1' })
  await stripe.customers.list({ email: 'walk@example.com' })
  await stripe.customers.search({ query: 'email:"walk@example.com"' })

  const booked = await stripe.customers.createBalanceTransaction(customer.id, {
    amount: -500,
    currency: 'usd',
  })
  await stripe.customers.retrieveBalanceTransaction(customer.id, booked.id)
  await stripe.customers.updateBalanceTransaction(customer.id, booked.id, { description: 'Sorry' })
  await stripe.customers.listBalanceTransactions(customer.id)

  const taxId = await stripe.customers.createTaxId(customer.id, {
    type: 'eu_vat',
    value: 'DE123456789',
  })
  await stripe.customers.retrieveTaxId(customer.id, taxId.id)
  await stripe.customers.listTaxIds(customer.id)
  await stripe.customers.deleteTaxId(customer.id, taxId.id)

  const source = await stripe.customers.createSource(customer.id, { source: 'tok_mastercard' })
  await stripe.customers.retrieveSource(customer.id, source.id)
  await stripe.customers.updateSource(customer.id, source.id, { name: 'W. Alk' })
  await stripe.customers.listSources(customer.id)
  await stripe.customers.deleteSource(customer.id, source.id)

  const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
  await stripe.paymentMethods.retrieve(method.id)
  await stripe.paymentMethods.attach(method.id, { customer: customer.id })
  await stripe.paymentMethods.update(method.id, { billing_details: { name: 'Walk' } })
  await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })
  await stripe.customers.listPaymentMethods(customer.id)
  await stripe.customers.retrievePaymentMethod(customer.id, method.id)
  await stripe.paymentMethods.detach(method.id)

  const discounted = await stripe.customers.create({ name: 'Discounted' })
  // Discounts on customers are of the past; older versions of the API still make them.
  for (const percent of [10, 20]) {
    const coupon = await stripe.coupons.create({ percent_off: percent, duration: 'forever' })
    await stripe.rawRequest(
      'POST',
      `/v1/customers/${discounted.id}`,
      { coupon: coupon.id },
      { apiVersion: '2024-06-20' },
    )
  }
  await stripe.customers.deleteDiscount(discounted.id)
  await stripe.customers.del(discounted.id)
}
