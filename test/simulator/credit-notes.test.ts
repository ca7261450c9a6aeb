import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { createCustomer, eventTypes, refusal, useSimulator } from './support.ts'

const simulator = useSimulator()

/** A finalized invoice over 10.00 and 20.00. */
async function invoiced({ isPaid }: { readonly isPaid: boolean }) {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null)
  const draft = await stripe.invoices.create({ customer: customer.id })
  for (const amount of [1_000, 2_000]) {
    await stripe.invoiceItems.create({
      customer: customer.id,
      invoice: draft.id,
      currency: 'usd',
      amount,
    })
  }
  const invoice = isPaid
    ? await stripe.invoices.pay(draft.id)
    : await stripe.invoices.finalizeInvoice(draft.id)
  return { stripe, customer, invoice, id: invoice.id }
}

test('credit for an open invoice lowers what is to pay, to nothing at last', async () => {
  const { stripe, invoice, id } = await invoiced({ isPaid: false })
  const note = await stripe.creditNotes.create({ invoice: id, amount: 500 })
  expect(note).toMatchObject({
    amount: 500,
    number: `${invoice.number}-CN-01`,
    pre_payment_amount: 500,
    post_payment_amount: 0,
    type: 'pre_payment',
  })
  expect(await stripe.invoices.retrieve(id)).toMatchObject({
    status: 'open',
    total: 3_000,
    amount_due: 2_500,
    amount_remaining: 2_500,
    pre_payment_credit_notes_amount: 500,
  })
  const { data: payments } = await stripe.invoicePayments.list({ invoice: id })
  expect(payments[0]!.amount_requested).toBe(2_500)
  await stripe.creditNotes.create({ invoice: id, amount: 2_500 })
  expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'paid', amount_remaining: 0 })
  const types = await eventTypes(stripe)
  expect(types).toContain('invoice.paid')
  expect(types).not.toContain('invoice.payment_succeeded')
})

test('a voided credit note asks for its amount again', async () => {
  const { stripe, id } = await invoiced({ isPaid: false })
  const note = await stripe.creditNotes.create({ invoice: id, amount: 500 })
  const voided = await stripe.creditNotes.voidCreditNote(note.id)
  expect(voided).toMatchObject({ status: 'void' })
  expect(await stripe.invoices.retrieve(id)).toMatchObject({
    amount_remaining: 3_000,
    pre_payment_credit_notes_amount: 0,
  })
  expect((await refusal(stripe.creditNotes.voidCreditNote(note.id))).message).toMatch(/already/)
})

test('credit for a paid invoice is split as the request says, and the split must add up', async () => {
  const { stripe, customer, id } = await invoiced({ isPaid: true })
  const { message } = await refusal(
    stripe.creditNotes.create({ invoice: id, amount: 1_500, refund_amount: 500 }),
  )
  expect(message).toMatch(/must equal .*\(1500\)/)
  const note = await stripe.creditNotes.create({
    invoice: id,
    amount: 1_500,
    refund_amount: 500,
    credit_amount: 700,
    out_of_band_amount: 300,
    reason: 'order_change',
  })
  expect(note).toMatchObject({ type: 'post_payment', out_of_band_amount: 300 })
  const { data: refunds } = await stripe.refunds.list()
  expect(refunds.map(({ amount }) => amount)).toEqual([500])
  expect(note.refunds).toMatchObject([{ refund: refunds[0]!.id, amount_refunded: 500 }])
  expect(((await stripe.customers.retrieve(customer.id)) as Stripe.Customer).balance).toBe(-700)
  expect(await stripe.invoices.retrieve(id)).toMatchObject({
    status: 'paid',
    post_payment_credit_notes_amount: 1_500,
  })
})

test('credit notes can never give back more than the invoice asked for', async () => {
  const { stripe, id } = await invoiced({ isPaid: true })
  await stripe.creditNotes.create({ invoice: id, amount: 2_000, credit_amount: 2_000 })
  const { message } = await refusal(
    stripe.creditNotes.create({ invoice: id, amount: 1_001, credit_amount: 1_001 }),
  )
  expect(message).toMatch(/1000 of 3000/)
})

test('a preview shows the credit note and leaves nothing behind', async () => {
  const { stripe, invoice, id } = await invoiced({ isPaid: false })
  const line = invoice.lines.data[0]!
  const preview = await stripe.creditNotes.preview({
    invoice: id,
    lines: [{ type: 'invoice_line_item', invoice_line_item: line.id, amount: 250 }],
  })
  expect(preview).toMatchObject({ total: 250, pre_payment_amount: 250 })
  expect(preview.lines.data).toMatchObject([{ invoice_line_item: line.id, amount: 250 }])
  const lines = await stripe.creditNotes.listPreviewLineItems({ invoice: id, amount: 100 })
  expect(lines.data).toHaveLength(1)
  expect((await stripe.creditNotes.list({ invoice: id })).data).toEqual([])
  expect(await stripe.invoices.retrieve(id)).toMatchObject({ amount_remaining: 3_000 })
  expect(await eventTypes(stripe)).not.toContain('credit_note.created')
})

test('taxes of a line are credited with it', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null)
  const rate = await stripe.taxRates.create({
    display_name: 'VAT',
    percentage: 20,
    inclusive: false,
  })
  const draft = await stripe.invoices.create({
    customer: customer.id,
    default_tax_rates: [rate.id],
  })
  await stripe.invoiceItems.create({
    customer: customer.id,
    invoice: draft.id,
    currency: 'usd',
    amount: 1_000,
  })
  const invoice = await stripe.invoices.finalizeInvoice(draft.id)
  const note = await stripe.creditNotes.create({
    invoice: invoice.id,
    lines: [
      { type: 'invoice_line_item', invoice_line_item: invoice.lines.data[0]!.id, amount: 500 },
    ],
  })
  expect(note).toMatchObject({ subtotal: 500, total: 600, total_taxes: [{ amount: 100 }] })
  const rest = await stripe.creditNotes.create({ invoice: invoice.id, amount: 600 })
  expect(rest).toMatchObject({ subtotal: 500, total: 600, total_taxes: [{ amount: 100 }] })
  expect((await stripe.invoices.retrieve(invoice.id)).status).toBe('paid')
})
