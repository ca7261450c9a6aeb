import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { control } from '../support/simulator-control.ts'
import { idOf } from '../support/stripe-id.ts'
import { uses } from '../support/usage.ts'

/** What Stripe tells, made to be told by doing what it tells of. */
let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

const paying = async (name: string, planKey = 'pro', card?: string): Promise<Payer> => {
  const payer = await office.customer(name)
  await payer.subscribes(planKey, card)
  await office.settle()
  return payer
}
const states = async (type: string) => {
  const { data } = await office.domain.inbox.list('test', { type }, { limit: 100 })
  return data.map(({ state }) => state)
}
const subscriptionOf = async ({ stripeCustomerId }: Payer) => {
  const { data } = await office.stripe.subscriptions.list({ customer: stripeCustomerId })
  const [subscription] = data
  if (subscription === undefined) throw new Error('No subscription')
  return subscription
}
const openFindings = async (filter: { customerId?: string } = {}) =>
  (await office.domain.findings.list('test', { ...filter, state: 'open' }, { limit: 100 })).data
const reports = (payer: Payer) =>
  office.database.db
    .selectFrom('meterReports')
    .select(['id', 'state', 'value', 'resends', 'nextAt', 'error'])
    .where('customerId', '=', payer.id)
    .orderBy('id')
    .execute()
const counted = async ({ stripeCustomerId }: Payer) => {
  const { data: meters } = await office.stripe.billing.meters.list()
  const minute = Math.floor(office.domain.clocks.now('test') / 60_000) * 60
  const { data } = await office.stripe.billing.meters.listEventSummaries(meters[0]?.id ?? '', {
    customer: stripeCustomerId,
    start_time: minute - 30 * 86_400,
    end_time: minute + 86_400,
  })
  return data[0]?.aggregated_value ?? 0
}

const PROMISED = [
  ...['completed', 'expired', 'async_payment_succeeded', 'async_payment_failed'].map(
    (what) => `checkout.session.${what}`,
  ),
  ...['updated', 'deleted'].map((what) => `customer.${what}`),
  ...['created', 'updated', 'deleted', 'paused', 'resumed', 'trial_will_end'].map(
    (what) => `customer.subscription.${what}`,
  ),
  ...['applied', 'expired'].map((what) => `customer.subscription.pending_update_${what}`),
  ...['created', 'finalized', 'finalization_failed', 'updated', 'voided', 'sent', 'paid'].map(
    (what) => `invoice.${what}`,
  ),
  ...['marked_uncollectible', 'payment_action_required', 'overdue', 'upcoming', 'deleted'].map(
    (what) => `invoice.${what}`,
  ),
  ...['payment_succeeded', 'payment_failed'].map((what) => `invoice.${what}`),
  'invoice_payment.paid',
  ...['succeeded', 'payment_failed', 'requires_action', 'processing', 'canceled'].map(
    (what) => `payment_intent.${what}`,
  ),
  ...['succeeded', 'failed', 'refunded', 'refund.updated'].map((what) => `charge.${what}`),
  ...['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map(
    (what) => `charge.dispute.${what}`,
  ),
  ...['created', 'updated', 'failed'].map((what) => `refund.${what}`),
  ...['created', 'updated', 'voided'].map((what) => `credit_note.${what}`),
  ...['attached', 'detached', 'updated', 'automatically_updated'].map(
    (what) => `payment_method.${what}`,
  ),
  ...['succeeded', 'setup_failed'].map((what) => `setup_intent.${what}`),
  ...['created', 'updated', 'deleted'].map((what) => `customer.tax_id.${what}`),
  ...['created', 'updated', 'released', 'completed', 'canceled', 'aborted', 'expiring'].map(
    (what) => `subscription_schedule.${what}`,
  ),
  'entitlements.active_entitlement_summary.updated',
  'billing.alert.triggered',
  'radar.early_fraud_warning.created',
  'product.updated',
  'price.updated',
]

test('the endpoint asks for every event that something depends on, and thin ones go to a destination of their own', () => {
  expect(office.domain.inbox.eventTypes()).toEqual(expect.arrayContaining(PROMISED))
  expect(office.domain.inbox.thinEventTypes()).toEqual([
    'v1.billing.meter.error_report_triggered',
    'v1.billing.meter.no_meter_found',
  ])
})

test('the documentation names exactly the events to subscribe to', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/stripe-events.md'), 'utf8')
  const [, table = ''] = page.split('## Events')
  const named = [...table.matchAll(/`([^`]+)`/g)].map(([, type = '']) => type)
  const { inbox } = office.domain
  const wanted = [...inbox.eventTypes(), ...inbox.thinEventTypes()]
  expect(named.toSorted()).toEqual(wanted.toSorted())
})

test('an event of a type nobody knows is kept and does nothing', async () => {
  await office.stripe.coupons.create({ percent_off: 10, duration: 'once' })
  await office.settle()
  expect(await states('coupon.created')).toEqual(['ignored'])
})

test('usage Stripe took and then could not count is told, and sent again under a new identifier until it counts', async () => {
  const ada = await paying('Ada', 'payg')
  const { data: meters } = await office.stripe.billing.meters.list()
  const [meter] = meters
  await office.stripe.billing.meters.deactivate(meter?.id ?? '')
  await uses(office, ada, 7)
  await office.domain.reporting.flush('test')
  expect(await reports(ada)).toMatchObject([{ state: 'sent', value: 7n }])

  await office.settle()

  const [first, second] = await reports(ada)
  expect(first).toMatchObject({ state: 'dead', error: `Sent again as ${second?.id}` })
  expect(second).toMatchObject({ state: 'pending', value: 7n, resends: 1 })
  expect(await openFindings({ customerId: ada.id })).toMatchObject([
    { category: 'meter', subjectKind: 'usage', ours: { report: first?.id, value: '7' } },
  ])
  expect(await counted(ada)).toBe(0)

  await office.stripe.billing.meters.reactivate(meter?.id ?? '')
  await office.database.db
    .updateTable('meterReports')
    .set({ nextAt: new Date(0) })
    .where('state', '=', 'pending')
    .execute()
  await office.domain.reporting.flush('test')
  await office.settle()
  expect(await counted(ada)).toBe(7)
  expect((await reports(ada)).map(({ state }) => state)).toEqual(['dead', 'sent'])
})

test('usage under a name no meter has is told the same way', async () => {
  const bob = await paying('Bob', 'payg')
  await uses(office, bob, 3)
  await office.domain.reporting.flush('test')
  const [report] = await reports(bob)
  await office.stripe.billing.meterEvents.create({
    event_name: 'farebox_test_misspelled',
    identifier: report?.id ?? '',
    payload: { stripe_customer_id: bob.stripeCustomerId, value: '3' },
  })
  await office.settle()

  expect(await states('v1.billing.meter.no_meter_found')).toEqual(['processed'])
  expect(await openFindings({ customerId: bob.id })).toMatchObject([
    { category: 'meter', theirs: { code: 'no_meter' } },
  ])
})

test("another program's refused events are none of our business, and those of our meter nobody names are told", async () => {
  const send = (identifier: string, eventName: string) =>
    office.stripe.billing.meterEvents.create({
      event_name: eventName,
      identifier,
      payload: { stripe_customer_id: 'cus_nobody', value: '3' },
    })
  const before = (await openFindings()).length
  await send('theirs-1', 'somebody_elses')
  await office.settle()
  expect(await openFindings()).toHaveLength(before)

  await send('theirs-2', 'farebox_test_requests')
  await office.settle()
  expect(await openFindings()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ category: 'meter', subjectKind: 'meter', subjectId: 'requests' }),
    ]),
  )
})

test('a renewal announced has its subscription looked at, although the invoice has no id', async () => {
  await paying('Cleo')
  await office.advance('P1M')
  expect(await states('invoice.upcoming')).toEqual(expect.arrayContaining(['processed']))
  expect(new Set(await states('invoice.upcoming'))).toEqual(new Set(['processed']))
})

test('what a schedule does to a subscription in Stripe is followed', async () => {
  const dan = await paying('Dan')
  const { id } = await subscriptionOf(dan)
  const schedule = await office.stripe.subscriptionSchedules.create({ from_subscription: id })
  await office.stripe.subscriptionSchedules.release(schedule.id)
  await office.settle()
  for (const what of ['created', 'released']) {
    expect(await states(`subscription_schedule.${what}`)).toContain('processed')
  }
})

test('a change of rights in Stripe has the customer looked at', async () => {
  const { id: product } = await office.stripe.products.retrieve(
    idOf((await subscriptionOf(await paying('Eve'))).items.data[0]?.price.product),
  )
  const feature = await office.stripe.entitlements.features.create({ name: 'X', lookup_key: 'x' })
  await office.stripe.products.createFeature(product, { entitlement_feature: feature.id })
  await paying('Fay')
  const told = await states('entitlements.active_entitlement_summary.updated')
  expect(told.length).toBeGreaterThan(0)
  expect(new Set(told)).toEqual(new Set(['processed']))
})

test('an alert an operator set up in Stripe is told here', async () => {
  const gil = await paying('Gil', 'payg')
  const { data: meters } = await office.stripe.billing.meters.list()
  await office.stripe.billing.alerts.create({
    title: 'Much used',
    alert_type: 'usage_threshold',
    usage_threshold: { gte: 5, meter: meters[0]?.id ?? '', recurrence: 'one_time' },
  })
  await uses(office, gil, 9)
  await office.domain.reporting.flush('test')
  await office.settle()
  expect(await openFindings({ customerId: gil.id })).toMatchObject([
    { category: 'meter', summary: 'The alert "Much used" in Stripe went off at 9.' },
  ])
})

test('a product or price edited in Stripe is a drift, until it is put back', async () => {
  const { data: prices } = await office.stripe.prices.list({ active: true })
  const [price] = prices
  const product = idOf(price?.product)
  const { name } = await office.stripe.products.retrieve(product)
  const drifts = async () =>
    (await openFindings())
      .filter(({ category }) => category === 'drift')
      .map(({ subjectKind }) => subjectKind)
      .toSorted()

  await office.stripe.products.update(product, { name: 'Renamed by hand' })
  await office.stripe.prices.update(price?.id ?? '', { active: false })
  await office.settle()
  expect(await drifts()).toEqual(['price', 'product'])

  await office.stripe.products.update(product, { name })
  await office.stripe.prices.update(price?.id ?? '', { active: true })
  await office.settle()
  expect(await drifts()).toEqual([])
})

test('a new version published from here is no drift', async () => {
  const { catalog, publishing } = office.domain
  const versions = await catalog.versions('test', 'pro')
  const active = versions.find(({ state }) => state === 'active')
  if (active === undefined) throw new Error('Pro is not on sale')
  const draft = await catalog.draftNext(office.caller, 'pro')
  const definition = { ...active.definition, name: 'Pro II' }
  await catalog.updateDraft(office.caller, 'pro', draft.revision, definition)
  await publishing.publish(office.caller, 'pro')
  await office.settle()
  expect((await openFindings()).filter(({ category }) => category === 'drift')).toEqual([])
})

test('whatever happens to a customer at Stripe by itself or by hand is heard and applied', async () => {
  const { stripe } = office
  const hal = await paying('Hal')
  const customer = hal.stripeCustomerId
  const invoiceOf = async (amount = 500) => {
    const { id: invoice } = await stripe.invoices.create({
      customer,
      collection_method: 'send_invoice',
      days_until_due: 7,
    })
    await stripe.invoiceItems.create({ customer, invoice, amount, currency: 'usd' })
    return invoice
  }
  const pay = (card: string) =>
    stripe.paymentIntents
      .create({
        customer,
        amount: 700,
        currency: 'usd',
        payment_method: card,
        confirm: true,
        return_url: 'http://console.test/',
      })
      .catch(() => undefined)

  await stripe.customers.update(customer, { name: 'Hal the Second' })
  const taxId = await stripe.customers.createTaxId(customer, {
    type: 'eu_vat',
    value: 'DE123456789',
  })
  await stripe.customers.deleteTaxId(customer, taxId.id)
  const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
  await stripe.paymentMethods.update(method.id, { metadata: { note: 'spare' } })
  await stripe.paymentMethods.detach(method.id)
  await stripe.setupIntents.create({
    customer,
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  })
  await stripe.setupIntents
    .create({
      customer,
      payment_method: 'pm_card_visa_chargeDeclined',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    .catch(() => undefined)

  await stripe.invoices.voidInvoice((await stripe.invoices.finalizeInvoice(await invoiceOf())).id)
  await stripe.invoices.markUncollectible(
    (await stripe.invoices.finalizeInvoice(await invoiceOf())).id,
  )
  await stripe.invoices.del(await invoiceOf())
  await stripe.invoices.sendInvoice(await invoiceOf())
  const credited = await stripe.invoices.finalizeInvoice(await invoiceOf())
  const note = await stripe.creditNotes.create({ invoice: credited.id, amount: 100 })
  await stripe.creditNotes.voidCreditNote(note.id)

  await pay('pm_card_visa_chargeDeclined')
  const challenged = await pay('pm_card_threeDSecure2Required')
  await stripe.paymentIntents.cancel(challenged?.id ?? '')
  await control(office, '/_sim/delays', { next: 1 })
  const delayed = await pay('pm_card_visa')
  await control(office, `/_sim/payments/${delayed?.id}`, { outcome: 'succeed' })
  const paid = await pay('pm_card_visa')
  await stripe.refunds.create({ payment_intent: paid?.id ?? '', amount: 100 })
  const unlucky = await pay('pm_card_refundFail')
  const refund = await stripe.refunds.create({ payment_intent: unlucky?.id ?? '' })
  await control(office, `/_sim/refunds/${refund.id}`, { outcome: 'fail' })
  await pay('pm_card_createDispute')
  const { data: disputes } = await stripe.disputes.list()
  await stripe.disputes.update(disputes[0]?.id ?? '', {
    evidence: { uncategorized_text: 'winning_evidence' },
    submit: true,
  })
  const { id } = await subscriptionOf(hal)
  await stripe.subscriptions.update(id, { cancel_at: 'min_period_end' })
  await stripe.subscriptions.cancel(id)
  await office.settle()
  await stripe.customers.del(customer)
  await office.settle()

  const told = [
    'checkout.session.completed',
    ...['updated', 'deleted', 'tax_id.created', 'tax_id.deleted'].map((what) => `customer.${what}`),
    ...['created', 'updated', 'deleted'].map((what) => `customer.subscription.${what}`),
    ...['created', 'finalized', 'updated', 'paid', 'payment_succeeded', 'voided'].map(
      (what) => `invoice.${what}`,
    ),
    ...['marked_uncollectible', 'sent'].map((what) => `invoice.${what}`),
    'invoice_payment.paid',
    ...['succeeded', 'payment_failed', 'requires_action', 'processing', 'canceled'].map(
      (what) => `payment_intent.${what}`,
    ),
    ...['succeeded', 'failed', 'refunded'].map((what) => `charge.${what}`),
    ...['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map(
      (what) => `charge.dispute.${what}`,
    ),
    ...['created', 'updated', 'failed'].map((what) => `refund.${what}`),
    ...['created', 'voided'].map((what) => `credit_note.${what}`),
    ...['attached', 'updated', 'detached'].map((what) => `payment_method.${what}`),
    ...['succeeded', 'setup_failed'].map((what) => `setup_intent.${what}`),
  ]
  const unheard = []
  for (const type of told) {
    if (!(await states(type)).includes('processed')) unheard.push(type)
  }
  expect(unheard).toEqual([])
})
