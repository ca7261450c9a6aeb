import type { Stripe } from 'stripe'
import { createClock, DAY } from '../support.ts'
import { monthly, type Walk } from './recorder.ts'

async function payer(stripe: Stripe, clock?: string): Promise<string> {
  const { id } = await stripe.customers.create({
    email: 'payer@example.com',
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    ...(clock === undefined ? {} : { test_clock: clock }),
  })
  return id
}

export async function walkInvoices(walk: Walk): Promise<void> {
  const { stripe } = walk
  const clock = await createClock(stripe)
  const customer = await payer(stripe, clock)
  const draft = async (amount = 1_000): Promise<string> => {
    const invoice = await stripe.invoices.create({
      customer,
      collection_method: 'send_invoice',
      days_until_due: 5,
    })
    await stripe.invoiceItems.create({ customer, amount, currency: 'usd', invoice: invoice.id })
    return invoice.id
  }

  const item = await stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd' })
  await stripe.invoiceItems.retrieve(item.id)
  await stripe.invoiceItems.update(item.id, { description: 'Setup' })
  await stripe.invoiceItems.list({ customer, pending: true })
  await stripe.invoiceItems.del(item.id)

  const id = await draft()
  await stripe.invoices.retrieve(id)
  await stripe.invoices.update(id, { description: 'Walk', metadata: { walk: 'yes' } })
  await stripe.invoices.addLines(id, { lines: [{ description: 'More', amount: 300 }] })
  const lines = await stripe.invoices.listLineItems(id)
  await stripe.invoices.updateLineItem(id, lines.data[0]!.id, { description: 'Much more' })
  await stripe.invoices.updateLines(id, {
    lines: [{ id: lines.data[1]!.id, description: 'First' }],
  })
  await stripe.invoices.removeLines(id, {
    lines: [{ id: lines.data[0]!.id, behavior: 'delete' }],
  })
  await stripe.invoices.list({ customer })
  await stripe.invoices.search({ query: 'metadata["walk"]:"yes"' })
  await stripe.invoices.finalizeInvoice(id, { expand: ['payments', 'confirmation_secret'] })
  await stripe.invoices.sendInvoice(id)
  const payments = await stripe.invoicePayments.list({ invoice: id })
  await stripe.invoicePayments.retrieve(payments.data[0]!.id, { expand: ['invoice'] })
  await walk.advance(clock, 6 * DAY)
  await stripe.invoices.pay(id, { payment_method: 'pm_card_visa' })

  const lost = await stripe.invoices.finalizeInvoice(await draft())
  await stripe.invoices.markUncollectible(lost.id)
  await stripe.invoices.voidInvoice(lost.id)
  await stripe.invoices.del(await draft())

  const attached = await stripe.invoices.finalizeInvoice(await draft())
  const paid = await stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    customer,
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://example.com',
  })
  await stripe.invoices.attachPayment(attached.id, { payment_intent: paid.id })

  const nowhere = await stripe.invoices.create({
    customer,
    automatic_tax: { enabled: true },
    auto_advance: true,
  })
  await stripe.invoiceItems.create({ customer, amount: 900, currency: 'usd', invoice: nowhere.id })
  await walk.advance(clock, DAY)

  const { id: product } = await stripe.products.create({ name: 'Previewed' })
  const price = await stripe.prices.create(monthly(product, 1_500))
  await stripe.invoices.createPreview({
    customer,
    subscription_details: { items: [{ price: price.id }] },
  })
}

export async function walkCreditNotes({ stripe }: Walk): Promise<void> {
  const customer = await payer(stripe)
  const invoice = await stripe.invoices.create({
    customer,
    collection_method: 'send_invoice',
    days_until_due: 5,
  })
  await stripe.invoiceItems.create({ customer, amount: 900, currency: 'usd', invoice: invoice.id })
  await stripe.invoices.finalizeInvoice(invoice.id)
  await stripe.creditNotes.preview({ invoice: invoice.id, amount: 100 })
  await stripe.creditNotes.listPreviewLineItems({ invoice: invoice.id, amount: 100 })
  const note = await stripe.creditNotes.create({ invoice: invoice.id, amount: 100 })
  await stripe.creditNotes.retrieve(note.id, { expand: ['invoice'] })
  await stripe.creditNotes.update(note.id, { memo: 'With regrets' })
  await stripe.creditNotes.list({ customer })
  await stripe.creditNotes.listLineItems(note.id)
  await stripe.creditNotes.voidCreditNote(note.id)
}
