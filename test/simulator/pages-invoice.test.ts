import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { openPage, readPage, submit } from './pages-support.ts'
import {
  advance,
  createClock,
  createCustomer,
  DAY,
  JANUARY,
  NEW_YEAR,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

const CARD = {
  cardNumber: '4242 4242 4242 4242',
  cardExpiry: '12 / 34',
  cardCvc: '123',
  billingName: 'Ada Lovelace',
  action: 'pay',
}

/** An invoice over the amounts, sent to a customer who has no card. */
async function sentInvoice(
  stripe: Stripe,
  amounts: readonly number[] = [2_900],
  customerParams: Stripe.CustomerCreateParams = {},
): Promise<Stripe.Invoice> {
  const customer = await stripe.customers.create({
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    ...customerParams,
  })
  const invoice = await stripe.invoices.create({
    customer: customer.id,
    collection_method: 'send_invoice',
    days_until_due: 30,
    description: 'Thank you',
  })
  for (const [index, amount] of amounts.entries()) {
    await stripe.invoiceItems.create({
      customer: customer.id,
      invoice: invoice.id,
      amount,
      currency: 'usd',
      description: `Consulting (part ${index + 1})`,
    })
  }
  return stripe.invoices.finalizeInvoice(invoice.id)
}

async function pdfOf(url: string): Promise<string> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/pdf')
  return Buffer.from(await response.arrayBuffer()).toString('latin1')
}

/** Follows a PDF's own table to its objects, as a reader does, and returns them by number. */
function objectsOf(pdf: string): Map<number, string> {
  expect(pdf).toMatch(/^%PDF-1\.4\n/)
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1])
  const table = /^xref\n0 (\d+)\n0000000000 65535 f \n((?:\d{10} 00000 n \n)+)trailer/.exec(
    pdf.slice(start),
  )
  const offsets = (table?.[2] ?? '').match(/\d{10}(?= 00000 n)/g) ?? []
  expect(offsets).toHaveLength(Number(table?.[1]) - 1)
  return new Map(
    offsets.map((offset, index) => {
      const object = pdf.slice(Number(offset))
      expect(object.startsWith(`${index + 1} 0 obj\n`)).toBe(true)
      const body = object.slice(0, object.indexOf('\nendobj'))
      const length = /\/Length (\d+) >>\nstream\n/.exec(body)
      if (length !== null) {
        const from = (length.index ?? 0) + length[0].length
        expect(body.slice(from + Number(length[1]))).toBe('\nendstream')
      }
      return [index + 1, body]
    }),
  )
}

test('an open invoice is paid on its page, once, however often the form is sent', async () => {
  const stripe = simulator.stripe()
  const invoice = await sentInvoice(stripe)
  const page = await openPage(invoice.hosted_invoice_url ?? '')
  expect(page.html).toContain('Consulting (part 1)')
  expect(page.html).toContain('Pay $29.00')

  const [answer] = await Promise.all([page.send(CARD), page.send(CARD)])

  expect(answer.headers.get('location')).toBe(`/i/${invoice.id}`)
  expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({
    status: 'paid',
    amount_paid: 2_900,
  })
  expect((await stripe.charges.list()).data).toHaveLength(1)
  const paid = await openPage(invoice.hosted_invoice_url ?? '')
  expect(paid.html).toMatch(/data-testid="status"[^>]*>\s*Paid/)
  expect(paid.html).not.toContain('<form')
})

test('a card declined on the invoice page is told in place and leaves the invoice open', async () => {
  const stripe = simulator.stripe()
  const invoice = await sentInvoice(stripe)
  const url = invoice.hosted_invoice_url ?? ''

  const answer = await submit(url, { ...CARD, cardNumber: '4000000000009995' })

  const declined = await readPage(answer, url)
  expect(declined.html).toMatch(/role="alert"[^>]*>\s*Your card has insufficient funds\./)
  expect(declined.html).toContain('value="4000000000009995"')
  expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: 'open' })
  await declined.send({ cardNumber: '4242424242424242', action: 'pay' })
  expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: 'paid' })
})

test('a payment the bank asks about goes through its challenge and comes back to the invoice', async () => {
  const stripe = simulator.stripe()
  const invoice = await sentInvoice(stripe)
  const url = invoice.hosted_invoice_url ?? ''
  const sent = await submit(url, { ...CARD, cardNumber: '4000002760003184' })
  const challenge = `${simulator.url}${sent.headers.get('location')}`
  expect((await openPage(url)).html).toContain('Confirm with your bank')

  const failed = await submit(challenge, { outcome: 'fail' })
  expect(failed.headers.get('location')).toBe(`/i/${invoice.id}`)
  expect((await openPage(url)).html).toContain('did not go through')
  const again = await submit(url, { ...CARD, cardNumber: '4000002760003184' })
  const passed = await submit(`${simulator.url}${again.headers.get('location')}`, {
    outcome: 'complete',
  })

  expect(passed.headers.get('location')).toBe(`/i/${invoice.id}`)
  expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: 'paid' })
})

test('paying an overdue renewal on its page makes the subscription active again', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator)
  await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id })
  const failing = (await stripe.customers.listPaymentMethods(customer.id)).data[0]
  await stripe.subscriptions.update(subscription.id, { default_payment_method: failing?.id ?? '' })
  await advance(stripe, clock, NEW_YEAR + JANUARY + DAY)
  const overdue = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(overdue.status).toBe('past_due')
  const invoice = overdue.latest_invoice as Stripe.Invoice
  const page = await openPage(invoice.hosted_invoice_url ?? '')
  expect(page.html).toMatch(/data-testid="status"[^>]*>\s*Past due/)

  await page.send(CARD)

  expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' })
})

test('a void invoice asks for nothing; an uncollectible one can still be paid', async () => {
  const stripe = simulator.stripe()
  const voided = await sentInvoice(stripe)
  await stripe.invoices.voidInvoice(voided.id)
  const given = await sentInvoice(stripe)
  await stripe.invoices.markUncollectible(given.id)

  const voidPage = await openPage(voided.hosted_invoice_url ?? '')
  expect(voidPage.html).toContain('nothing is to be paid')
  expect(voidPage.html).not.toContain('<form')
  await submit(given.hosted_invoice_url ?? '', CARD)

  expect(await stripe.invoices.retrieve(given.id)).toMatchObject({ status: 'paid' })
})

test('a draft has neither page nor PDF', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, await createClock(stripe))
  const draft = await stripe.invoices.create({ customer: customer.id })

  for (const path of [`/i/${draft.id}`, `/i/${draft.id}/pdf`]) {
    expect((await fetch(`${simulator.url}${path}`)).status, path).toBe(404)
  }
})

test('the PDF is one a reader can follow, with the figures of the invoice on it', async () => {
  const stripe = simulator.stripe()
  const invoice = await sentInvoice(stripe, [2_900, 150], {
    name: 'Ödön (Žofie) Łukasz 山',
    address: { line1: 'Straße 1', city: 'Köln', postal_code: '50667', country: 'DE' },
  })

  const pdf = await pdfOf(invoice.invoice_pdf ?? '')

  const objects = objectsOf(pdf)
  const text = [...objects.values()].join('\n')
  expect(text).toContain('/Type /Catalog')
  expect(text).toContain('/Count 1 ')
  for (const words of [
    invoice.number ?? '-',
    'Consulting \\(part 1\\)',
    '$29.00',
    '$1.50',
    '$30.50 due ',
    'Stra\u00dfe 1',
    'K\u00f6ln',
    '\u00d6d\u00f6n \\(Zofie\\)',
  ]) {
    expect(text).toContain(words)
  }
  expect(text).toContain(`/URI (${invoice.hosted_invoice_url ?? ''})`)
})

test('an invoice of a hundred lines fills several pages, each line on one of them', async () => {
  const stripe = simulator.stripe()
  const invoice = await sentInvoice(
    stripe,
    Array.from({ length: 100 }, (_, index) => 100 + index),
  )

  const objects = objectsOf(await pdfOf(invoice.invoice_pdf ?? ''))

  const streams = [...objects.values()].filter((object) => object.includes('stream\n'))
  expect(streams.length).toBeGreaterThan(3)
  expect(streams[0]).toContain(`Page 1 of ${streams.length}`)
  const all = streams.join('\n')
  for (let part = 1; part <= 100; part++) {
    expect(all.split(`Consulting \\(part ${part}\\)`)).toHaveLength(2)
  }
  const lowest = streams.flatMap((stream) =>
    [...stream.matchAll(/ g [\d.]+ ([\d.]+) Td/g)].map((match) => Number(match[1])),
  )
  expect(Math.min(...lowest)).toBeGreaterThanOrEqual(36)
})

test('discounts, taxes, credit notes and balances stand between subtotal and what is due', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ name: 'Ada', balance: -500 })
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once', name: 'Spring' })
  const rate = await stripe.taxRates.create({
    display_name: 'VAT',
    percentage: 20,
    inclusive: false,
  })
  const draft = await stripe.invoices.create({
    customer: customer.id,
    collection_method: 'send_invoice',
    days_until_due: 7,
    discounts: [{ coupon: coupon.id }],
    default_tax_rates: [rate.id],
  })
  await stripe.invoiceItems.create({
    customer: customer.id,
    invoice: draft.id,
    amount: 10_000,
    currency: 'usd',
  })
  const invoice = await stripe.invoices.finalizeInvoice(draft.id)
  const note = await stripe.creditNotes.create({ invoice: invoice.id, amount: 1_000 })

  const { html } = await openPage(invoice.hosted_invoice_url ?? '')

  const sums = (/<dl class="sums">([\s\S]*?)<\/dl>/.exec(html)?.[1] ?? '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  expect(sums).toBe(
    'Subtotal $100.00 Spring (10% off once) -$10.00 VAT 20% $18.00 Total $108.00 Applied balance -$5.00 Credit notes -$10.00 Amount due $93.00',
  )
  const pdf = [...objectsOf(await pdfOf(note.pdf)).values()].join('\n')
  expect(pdf).toContain('Credit note')
  expect(pdf).toContain(note.number)
  expect(pdf).toContain('Total credited')
})

test('the receipt of a charge says what was paid with which card', async () => {
  const stripe = simulator.stripe()
  const intent = await stripe.paymentIntents.create({
    amount: 1_500,
    currency: 'eur',
    payment_method: 'pm_card_mastercard',
    confirm: true,
    return_url: 'https://example.com',
  })
  const charge = await stripe.charges.retrieve(intent.latest_charge as string)
  await stripe.refunds.create({ charge: charge.id, amount: 500 })

  const { html } = await openPage(charge.receipt_url ?? '')

  for (const words of ['€15.00', 'MASTERCARD •••• 4444', '€5.00']) expect(html).toContain(words)
})
