import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/domain/catalog/plan.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { aFee, aPlan } from '../support/plans.ts'
import { arrangeCallFault } from '../support/simulator-control.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await sells('card_small', '30.00', 'stripe_subscription', false)
  await sells('sent_small', '30.00', 'stripe_subscription', true)
  await sells('sent_large', '90.00', 'stripe_subscription', true)
  await sells('card_large', '90.00', 'stripe_subscription', false)
  await sells('ours_small', '30.00', 'stripe_invoice', true)
  await sells('ours_large', '90.00', 'stripe_invoice', true)
  await sells('offline_small', '30.00', 'offline', true)
})
afterAll(() => office.close())

async function sells(key: string, amount: string, engine: Engine, isSent: boolean) {
  const { domain, caller } = office
  const definition = aPlan(
    {
      engine,
      isPaymentMethodRequired: !isSent,
      ...(isSent && { collection: 'send_invoice', daysUntilDue: 14 }),
    },
    [aFee(amount)],
  )
  await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
  await domain.publishing.publish(caller, key)
}

/** Oldest first: `change open 3000 send_invoice`. */
async function invoices({ id: customerId }: Payer): Promise<string[]> {
  const { data } = await office.domain.billing.list('test', { customerId }, { limit: 50 })
  return data
    .toReversed()
    .map(
      ({ kind, state, totalMinor, collection }) => `${kind} ${state} ${totalMinor} ${collection}`,
    )
}

async function inStripe({ stripeCustomerId }: Payer) {
  const { data } = await office.stripe.subscriptions.list({ customer: stripeCustomerId })
  return data
}

const mailsTo = async (name: string) =>
  (await office.mails())
    .filter((mail) => mail.startsWith(`${name}@`))
    .map((mail) => mail.slice(mail.indexOf(': [Test] ') + 9))
    .map((mail) => mail.replace(/[A-Z\d]+-\d+/, '#').replace(/ on \d+ \w+ \d+/, ' on …'))

async function changes(payer: Payer, planKey: string, timing: 'immediate' | 'at_period_end') {
  const { domain, caller } = office
  const { id } = await payer.subscription()
  const request = { planKey, planVersion: null, timing }
  const preview = await domain.changes.preview(caller, id, request)
  const change = await domain.changes.execute(caller, id, preview.change.id)
  await office.settle()
  return { preview, change }
}

test.each(['lost_request', 'lost_response'])(
  'who dies between the purchase and Stripe (%s) is followed by whoever comes next, once',
  async (kind) => {
    const ada = await office.customer(`ada_${kind}`)
    await arrangeCallFault(office, { kind, method: 'POST', path: '/v1/subscriptions', next: 4 })

    await expect(ada.subscribes('sent_small')).rejects.toMatchObject({ code: 'stripe_unavailable' })
    expect(await office.domain.subscriptions.findOpen('test', ada.id)).toBeUndefined()
    const next = await openBackOffice({
      database: office.database,
      simulatorUrl: office.simulatorUrl,
    })
    await next.settle()
    next.domain.clocks.close()

    expect(await ada.subscription()).toMatchObject({
      planKey: 'sent_small',
      collection: 'send_invoice',
    })
    expect(await inStripe(ada)).toMatchObject([
      { status: 'active', collection_method: 'send_invoice', days_until_due: 14 },
    ])
    expect(await invoices(ada)).toEqual(['first open 3000 send_invoice'])
  },
)

test.each(['sent_small', 'ours_small', 'offline_small'])(
  '%s: never paid, it is reminded of, access stops after the days of grace, and the money brings it back',
  async (planKey) => {
    const name = `bob_${planKey.slice(0, planKey.indexOf('_'))}`
    const bob = await office.onPlan(name, planKey)
    const [first] = (await office.domain.billing.list('test', { customerId: bob.id }, { limit: 1 }))
      .data

    await office.advance('P13D')
    expect(await bob.subscription()).toMatchObject({ paymentStatus: 'pending' })
    expect(await office.domain.dunning.problemOf('test', bob.id)).toMatchObject({
      dueAt: first?.dueAt,
      blocksAt: (first?.dueAt ?? 0) + 3 * 86_400_000,
    })
    await office.advance('P9D')

    const told = (await mailsTo(name)).filter((mail) => mail !== 'Invoice # over $30.00')
    expect(told).toEqual([
      'Invoice # over $30.00 is due on …',
      'Invoice # over $30.00 is due on …',
      'Access stops on …',
      'Access to the API has stopped',
      'Invoice # over $30.00 is overdue',
    ])
    const paid = await office.domain.collection.markPaid(office.caller, first?.id ?? '', {
      reference: 'TR-1',
      paidAt: null,
      amountMinor: null,
    })
    await office.settle()
    const before = (await mailsTo(name)).length
    await office.advance('P5D')

    expect(paid).toMatchObject({ state: 'paid', paymentReference: 'TR-1' })
    expect(await bob.subscription()).toMatchObject({ paymentStatus: 'paid', overdueSince: null })
    expect(await mailsTo(name)).toContain('Thank you: $30.00 was paid')
    expect(await mailsTo(name)).toHaveLength(before)
  },
)

test('paid by its date, nobody hears of it but with the receipt', async () => {
  const cleo = await office.onPlan('cleo', 'sent_small')
  const [first] = (await office.domain.billing.list('test', { customerId: cleo.id }, { limit: 1 }))
    .data
  await office.stripe.invoices.pay(first?.stripeInvoiceId ?? '', { paid_out_of_band: true })
  await office.settle()
  await office.advance('P20D')

  expect((await mailsTo('cleo')).filter((mail) => /due|overdue|stop/i.test(mail))).toEqual([])
  expect(await cleo.subscription()).toMatchObject({ paymentStatus: 'paid' })
})

test.each(['sent', 'ours'])(
  '%s: an upgrade by invoice happens at once, and its invoice is what the preview said',
  async (kind) => {
    const dan = await office.onPlan(`dan_${kind}`, `${kind}_small`)
    const { preview } = await changes(dan, `${kind}_large`, 'immediate')

    expect(preview.payment).toMatchObject({ kind: 'by_invoice' })
    expect(await dan.subscription()).toMatchObject({ planKey: `${kind}_large` })
    const [, change] = await invoices(dan)
    expect(change).toBe(`change open ${String(preview.offer.invoice?.totalMinor)} send_invoice`)
  },
)

test('from a card to invoices and back: what is charged needs a card, and happens when it is paid', async () => {
  const eve = await office.onPlan('eve', 'card_small')
  const out = await changes(eve, 'sent_large', 'immediate')
  expect(out.preview.payment).toMatchObject({ kind: 'by_invoice' })
  expect(await eve.subscription()).toMatchObject({
    planKey: 'sent_large',
    collection: 'send_invoice',
  })
  expect(await inStripe(eve)).toMatchObject([
    { collection_method: 'send_invoice', days_until_due: 14 },
  ])

  const back = await changes(eve, 'card_small', 'at_period_end')
  expect(back.change.state).toBe('scheduled')
  await office.advance('P1M')
  expect(await eve.subscription()).toMatchObject({
    planKey: 'card_small',
    collection: 'charge_automatically',
  })

  const fay = await office.onPlan('fay', 'sent_small')
  await expect(changes(fay, 'card_large', 'immediate')).rejects.toMatchObject({
    code: 'payment_method_required',
  })
  await fay.changesCard('pm_card_chargeCustomerFail')
  await office.settle()
  await expect(changes(fay, 'card_large', 'immediate')).rejects.toMatchObject({
    code: 'card_declined',
  })
  expect(await fay.subscription()).toMatchObject({
    planKey: 'sent_small',
    collection: 'send_invoice',
  })
  await fay.changesCard('pm_card_visa')
  await office.settle()
  await changes(fay, 'card_large', 'immediate')
  expect(await fay.subscription()).toMatchObject({
    planKey: 'card_large',
    collection: 'charge_automatically',
  })
})
