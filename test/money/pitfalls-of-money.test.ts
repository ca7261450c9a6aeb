import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../src/kit/instant.ts'
import { type BackOffice, openBackOffice, type Payer, payOnPage } from '../support/back-office.ts'
import { creditsOf, sellsCredits } from '../support/credit-pack.ts'
import { control } from '../support/simulator-control.ts'
import { idOf } from '../support/stripe-id.ts'
import { uses } from '../support/usage.ts'

/** Pitfalls about what is owed, paid and given back. */

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await sellsCredits(office)
})
afterAll(() => office.close())

async function paying(name: string, planKey = 'pro'): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.subscribes(planKey)
  await office.settle()
  return payer
}
const open = async ({ id }: Payer) => {
  const subscription = await office.domain.subscriptions.findLatest('test', id)
  if (subscription === undefined) throw new Error('Nothing is subscribed to')
  return subscription
}
const invoicesOf = async ({ id }: Payer) =>
  (await office.domain.billing.list('test', { customerId: id }, { limit: 10 })).data
const inStripe = async ({ stripeCustomerId }: Payer) =>
  (await office.stripe.invoices.list({ customer: stripeCustomerId })).data
const balanceOf = (payer: Payer) => creditsOf(office, payer)

test.each([
  ['succeed', '100'],
  ['fail', '0'],
])(
  'P7 a completed purchase that is not paid yet gives nothing; when the bank lets it %s it gives %s',
  async (outcome, given) => {
    const ada = await office.customer(`Ada ${outcome}`.replace(' ', '-'))
    const { checkoutUrl } = await office.domain.creditPurchases.buy(office.caller, {
      customerId: ada.id,
      packKey: 'hundred',
      quantity: 1,
      returnUrl: 'http://console.test/credits?{purchase}',
    })
    await control(office, '/_sim/delays', { next: 1 })
    await payOnPage(office.simulatorUrl, checkoutUrl ?? '', 'pm_card_visa')
    const { data } = await office.stripe.checkout.sessions.list({ customer: ada.stripeCustomerId })
    expect(data).toMatchObject([{ status: 'complete', payment_status: 'unpaid' }])
    await office.settle()
    expect(await balanceOf(ada)).toBe('0')

    const intent = idOf(data[0]?.payment_intent)
    await control(office, `/_sim/payments/${intent}`, { outcome })
    await office.settle()
    expect(await balanceOf(ada)).toBe(given)
  },
)

test('P15 the period is that of the items, and follows them into the next', async () => {
  const bob = await paying('Bob')
  const itemPeriod = async () => {
    const { data } = await office.stripe.subscriptions.list({ customer: bob.stripeCustomerId })
    const [subscription] = data
    expect(subscription).not.toHaveProperty('current_period_end')
    const [item] = subscription?.items.data ?? []
    return {
      startsAt: (item?.current_period_start ?? 0) * 1000,
      endsAt: (item?.current_period_end ?? 0) * 1000,
    }
  }
  const first = await itemPeriod()
  expect((await open(bob)).currentPeriod).toMatchObject(first)

  await office.advance('P1M')
  const second = await itemPeriod()
  expect(second.startsAt).toBe(first.endsAt)
  expect((await open(bob)).currentPeriod).toMatchObject(second)
})

test.each(['now', 'period_end'] as const)(
  'P21 what was used before a cancellation (%s) is billed, not dropped',
  async (timing) => {
    const cleo = await paying(`Cleo-${timing.replace('_', '-')}`, 'payg')
    await office.advance('P1D')
    await uses(office, cleo, 1_200)
    await office.domain.cancellations.cancel(office.caller, (await open(cleo)).id, timing)
    await office.settle()
    if (timing === 'period_end') await office.advance('P1M')
    await office.advance('PT2H')

    const lines = (await inStripe(cleo)).flatMap(({ lines: { data } }) => data)
    const quantity = lines.reduce((sum, line) => sum + (line.quantity ?? 0), 0)
    expect(quantity).toBe(1_200)
    expect((await open(cleo)).endsAt).not.toBeNull()
  },
)

test('P22 amounts are Stripe’s own, to the minor unit, whatever fraction a unit costs', async () => {
  const dan = await paying('Dan', 'scale')
  await uses(office, dan, 12_347)
  await office.domain.reporting.flush('test')
  await office.advance('P1M')
  await office.advance('PT2H')

  const theirs = await inStripe(dan)
  const ours = await invoicesOf(dan)
  expect(ours).toHaveLength(theirs.length)
  for (const { id, total, amount_paid: paid } of theirs) {
    const mirrored = ours.find(({ stripeInvoiceId }) => stripeInvoiceId === id)
    expect(mirrored).toMatchObject({ totalMinor: BigInt(total), amountPaidMinor: BigInt(paid) })
  }
  // 2,347 beyond what is included, at 0.2 cents: 4.694, which is 469 cents beside the fee.
  expect(ours.map(({ totalMinor }) => totalMinor)).toContain(9900n + 469n)
})

test('P23 an upgrade carried out later than it was previewed costs what the preview said', async () => {
  const eve = await paying('Eve')
  await office.advance('P10D')
  const { id } = await open(eve)
  const request = { planKey: 'scale', planVersion: null, timing: 'immediate' } as const
  const { change, offer } = await office.domain.changes.preview(office.caller, id, request)
  const later = office.domain.clocks.now('test') + 5 * MINUTE_MS
  await office.advance(new Date(later).toISOString())

  await office.domain.changes.execute(office.caller, id, change.id)
  await office.settle()

  expect(offer.invoice).not.toBeNull()
  const [invoice] = await invoicesOf(eve)
  expect(invoice).toMatchObject({ kind: 'change', totalMinor: offer.invoice?.totalMinor })
})

test('P25 past due is not unpaid: grace lasts until Stripe has given up, and paying ends it at once', async () => {
  const fay = await paying('Fay')
  await fay.changesCard('pm_card_chargeCustomerFail')
  await office.advance('P1M')
  await office.advance('PT2H')
  expect(await open(fay)).toMatchObject({ providerStatus: 'past_due', paymentStatus: 'failed' })
  expect((await open(fay)).endsAt).toBeNull()

  await fay.changesCard('pm_card_visa')
  const unpaid = (await inStripe(fay)).find(({ status }) => status === 'open')
  await office.stripe.invoices.pay(unpaid?.id ?? '')
  await office.settle()
  expect(await open(fay)).toMatchObject({ providerStatus: 'active', paymentStatus: 'paid' })
})

test('P25 the grace of three days is counted from the first failure', async () => {
  const gil = await paying('Gil')
  await gil.changesCard('pm_card_chargeCustomerFail')
  await office.advance('P1M')
  await office.advance('PT2H')
  const { overdueSince } = await open(gil)
  expect(overdueSince).not.toBeNull()
  await office.advance('P4D')
  expect((await open(gil)).overdueSince).toBe(overdueSince)
  expect(office.domain.clocks.now('test') - (overdueSince ?? 0)).toBeGreaterThan(3 * DAY_MS)
})
