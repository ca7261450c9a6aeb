import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { openPage, readPage, submit } from './pages-support.ts'
import { createPrice, refusal, useSimulator } from './support.ts'

const simulator = useSimulator()

const CARD = {
  email: 'ada@example.com',
  cardNumber: '4242 4242 4242 4242',
  cardExpiry: '12 / 34',
  cardCvc: '123',
  billingName: 'Ada Lovelace',
  action: 'pay',
}

async function openSession(
  stripe: Stripe,
  extra: Partial<Stripe.Checkout.SessionCreateParams>,
): Promise<Stripe.Checkout.Session> {
  const price = await createPrice(stripe, 2_900)
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: 'https://example.com/done',
    ...extra,
  })
}

test('address, phone, tax number and consent are collected where the merchant asks for them', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe, {
    billing_address_collection: 'required',
    phone_number_collection: { enabled: true },
    tax_id_collection: { enabled: true },
    consent_collection: { promotions: 'auto' },
  })
  const missing = await readPage(await submit(session.url ?? '', CARD), session.url ?? '')
  expect(missing.html).toContain('Choose a country or region.')
  expect(missing.html).toContain('Enter a phone number')

  const paid = await missing.send({
    phone: '+49 30 1234567',
    country: 'DE',
    addressLine1: 'Unter den Linden 1',
    addressPostalCode: '10117',
    addressCity: 'Berlin',
    businessName: 'Analytical Engines GmbH',
    taxIdType: 'eu_vat',
    taxId: 'DE 123 456 789',
    promotions: 'on',
    action: 'pay',
  })

  expect(paid.status).toBe(303)
  const done = await stripe.checkout.sessions.retrieve(session.id)
  expect(done.customer_details).toMatchObject({
    business_name: 'Analytical Engines GmbH',
    phone: '+49 30 1234567',
    address: { line1: 'Unter den Linden 1', city: 'Berlin', country: 'DE' },
    tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
  })
  expect(done.consent).toEqual({ promotions: 'opt_in', terms_of_service: null })
  const taxIds = await stripe.customers.listTaxIds(done.customer as string)
  expect(taxIds.data[0]).toMatchObject({ type: 'eu_vat', value: 'DE123456789', country: 'DE' })
})

test("the merchant's own questions are asked, checked and answered", async () => {
  const stripe = simulator.stripe()
  const label = (custom: string) => ({ type: 'custom' as const, custom })
  const session = await openSession(stripe, {
    custom_fields: [
      {
        key: 'order',
        label: label('Order number'),
        type: 'numeric',
        numeric: { minimum_length: 4 },
      },
      {
        key: 'size',
        label: label('Size'),
        type: 'dropdown',
        dropdown: { options: [{ label: 'Small', value: 's' }] },
      },
      { key: 'note', label: label('Note'), type: 'text', optional: true },
    ],
  })
  const wrong = await readPage(
    await submit(session.url ?? '', { ...CARD, custom_order: '12a' }),
    session.url ?? '',
  )
  expect(wrong.html).toContain('Enter digits only.')
  expect(wrong.html).toContain('Fill in this field.')

  await wrong.send({ custom_order: '1234', custom_size: 's', action: 'pay' })

  const { custom_fields: fields } = await stripe.checkout.sessions.retrieve(session.id)
  expect(fields.map((field) => (field.dropdown ?? field.numeric ?? field.text)?.value)).toEqual([
    '1234',
    's',
    null,
  ])
})

test('what the page has no place for is refused, not ignored', async () => {
  const refused = await refusal(
    openSession(simulator.stripe(), {
      shipping_address_collection: { allowed_countries: ['DE'] },
    }),
  )

  expect(refused).toMatchObject({ statusCode: 400, param: 'shipping_address_collection' })
})

test('a tax number of a known customer needs leave to change their name', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ email: 'ada@example.com' })
  const wanted = { customer: customer.id, tax_id_collection: { enabled: true } }

  expect((await refusal(openSession(stripe, wanted))).param).toBe('customer_update')
  const session = await openSession(stripe, { ...wanted, customer_update: { name: 'auto' } })
  await submit(session.url ?? '', {
    ...CARD,
    businessName: 'Engines Ltd',
    taxIdType: 'gb_vat',
    taxId: 'GB123456789',
  })

  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ name: 'Engines Ltd' })
})

test('a known customer pays with a card they chose to keep, and only with one of theirs', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ email: 'ada@example.com' })
  const wanted = {
    customer: customer.id,
    saved_payment_method_options: { payment_method_save: 'enabled' as const },
  }
  const first = await openSession(stripe, wanted)
  expect((await openPage(first.url ?? '')).html).not.toContain('Another card')
  await submit(first.url ?? '', { ...CARD, saveCard: 'on' })
  const [kept] = (await stripe.customers.listPaymentMethods(customer.id)).data
  expect(kept?.allow_redisplay).toBe('always')
  const foreign = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_amex' } })

  const second = await openSession(stripe, wanted)
  const page = await openPage(second.url ?? '')
  expect(page.html).toContain('Visa •••• 4242')
  const refused = await page.send({ savedCard: foreign.id, action: 'pay' })
  expect(await refused.text()).toContain('Your card number is incomplete.')
  await page.send({ savedCard: kept?.id ?? '', action: 'pay' })

  const done = await stripe.checkout.sessions.retrieve(second.id, { expand: ['subscription'] })
  expect(done).toMatchObject({
    status: 'complete',
    subscription: { status: 'active', default_payment_method: kept?.id },
  })
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
})
