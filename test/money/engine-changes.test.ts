import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChangePreview } from '../../src/domain/billing/change/previews.service.ts'
import type { Engine } from '../../src/domain/catalog/plan.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'
import { testDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { aFee, aPlan, unit, usageCard } from '../support/plans.ts'
import { uses } from '../support/usage.ts'

let office: BackOffice
const ENGINES: readonly Engine[] = ['stripe_subscription', 'stripe_invoice', 'offline']
/** In the order of sale: what comes later is an upgrade. */
const SIZES = { small: ['30.00', '0.50'], large: ['90.00', '0.25'] } as const

beforeAll(async () => {
  office = await openBackOffice({ database: await testDatabase() })
  const { domain, caller } = office
  await domain.catalog.createPlan(caller, {
    key: 'gratis',
    isDefault: false,
    definition: aPlan({ isPaymentMethodRequired: false }, []),
  })
  await domain.publishing.publish(caller, 'gratis')
  for (const [size, [amount, price]] of Object.entries(SIZES)) {
    for (const engine of ENGINES) {
      const key = `${engine}_${size}`
      const definition = aPlan(
        {
          engine,
          checkoutMode: engine === 'stripe_invoice' ? 'setup' : 'subscription',
          isPaymentMethodRequired: engine !== 'offline',
        },
        [aFee(amount), usageCard('requests', unit(price))],
      )
      await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
      await domain.publishing.publish(caller, key)
    }
  }
})
afterAll(() => office.close())

/** Oldest first: `change paid 3000`. */
async function invoices({ id: customerId }: Payer): Promise<string[]> {
  const { data } = await office.domain.billing.list('test', { customerId }, { limit: 50 })
  return data
    .toReversed()
    .map(({ kind, state, totalMinor }) => `${kind} ${state} ${String(totalMinor)}`)
}

async function inStripe({ stripeCustomerId }: Payer) {
  const { data } = await office.stripe.subscriptions.list({
    customer: stripeCustomerId,
    status: 'all',
  })
  return data.toReversed()
}

const statuses = async (payer: Payer) => (await inStripe(payer)).map(({ status }) => status)

/** Its subscription begins in Stripe a moment later than here. */
const begins = (payer: Payer) =>
  until(
    async () => {
      await office.settle()
      return statuses(payer)
    },
    (all) => all.at(-1) === 'active',
  )

async function quotes(payer: Payer, planKey: string, timing: 'auto' | 'immediate' = 'auto') {
  const { id } = await payer.subscription()
  return office.domain.changes.preview(office.caller, id, { planKey, planVersion: null, timing })
}

async function confirms({ change }: ChangePreview): Promise<string> {
  const { domain, caller } = office
  const { state } = await domain.changes.execute(caller, change.subscriptionId, change.id)
  await office.settle()
  return state
}

/** Changes at once, and is invoiced what the preview said. */
async function changes(
  payer: Payer,
  planKey: string,
  timing: 'auto' | 'immediate' = 'auto',
): Promise<void> {
  const preview = await quotes(payer, planKey, timing)
  await confirms(preview)
  const { invoice } = preview.offer
  expect((await invoices(payer)).at(-1)).toMatch(
    new RegExp(`^change \\w+ ${String(invoice?.totalMinor)}$`),
  )
  expect(await payer.subscription()).toMatchObject({ planKey })
}

/** Both sides say the same, and no rule of ours finds fault with an invoice. */
async function agrees({ id }: Payer): Promise<void> {
  const { found } = await office.domain.reconcile.customer(office.caller, id, true)
  expect(found).toEqual([])
  const filter = { customerId: id, state: 'open' as const }
  const { data } = await office.domain.findings.list('test', filter, { limit: 10 })
  expect(data.map(({ summary }) => summary)).toEqual([])
}

/** Every journey stops where anybody's period ends. */
const LONG_MS = 120_000
const HALF = 'P15D'
const MONTH = 'P31D'

test(
  'S3 from Stripe’s billing to ours: paid first, the same subscription, and Stripe’s ends without a bill',
  async () => {
    const ada = await office.onPlan('Ada', 'stripe_subscription_small')
    const before = await ada.subscription()
    await uses(office, ada, 4)
    await office.advance(HALF)

    await changes(ada, 'stripe_invoice_large')
    await uses(office, ada, 2)

    expect(await ada.subscription()).toMatchObject({
      id: before.id,
      engine: 'stripe_invoice',
      billingAnchor: before.billingAnchor,
      currentPeriod: { endsAt: before.currentPeriod?.endsAt },
    })
    expect(await statuses(ada)).toEqual(['canceled'])
    await agrees(ada)
    await office.advance(MONTH)
    // Both halves of the usage at their own prices, 2.00 and 0.50, and the next fee.
    expect((await invoices(ada)).slice(2)).toEqual(['period paid 9250'])
    await agrees(ada)
  },
  LONG_MS,
)

test(
  'from our billing to Stripe’s: we bill the rest of the period, Stripe each from the next on',
  async () => {
    const bob = await office.onPlan('Bob', 'stripe_invoice_small')
    const before = await bob.subscription()
    await uses(office, bob, 4)
    await office.advance(HALF)

    await changes(bob, 'stripe_subscription_large')
    await uses(office, bob, 2)

    expect(await bob.subscription()).toMatchObject({ id: before.id, engine: 'stripe_subscription' })
    await begins(bob)
    const [begun] = await inStripe(bob)
    const periodEnd = before.currentPeriod?.endsAt ?? 0
    expect(begun).toMatchObject({ status: 'active', billing_cycle_anchor: periodEnd / 1_000 })
    await agrees(bob)
    await office.advance(MONTH)
    expect((await invoices(bob)).slice(2)).toEqual(['period paid 9250'])
    await uses(office, bob, 4)
    await office.advance('P1M')
    expect((await invoices(bob)).slice(3)).toEqual(['period paid 9100'])
    await agrees(bob)
  },
  LONG_MS,
)

test(
  'a downgrade from Stripe’s billing to ours comes with Stripe’s period, and can be taken back before',
  async () => {
    const cleo = await office.onPlan('Cleo', 'stripe_subscription_large')
    const before = await cleo.subscription()
    await uses(office, cleo, 4)
    const { domain, caller } = office

    expect(await confirms(await quotes(cleo, 'stripe_invoice_small'))).toBe('scheduled')
    await domain.changes.takeBack(caller, before.id)
    expect(await inStripe(cleo)).toMatchObject([{ cancel_at: null }])
    expect(await confirms(await quotes(cleo, 'stripe_invoice_small'))).toBe('scheduled')
    expect(await cleo.subscription()).toMatchObject({ cancelAt: null })
    await agrees(cleo)

    await office.advance(MONTH)
    expect(await cleo.subscription()).toMatchObject({
      id: before.id,
      planKey: 'stripe_invoice_small',
      currentPeriod: { startsAt: before.currentPeriod?.endsAt },
    })
    // What was used stands on Stripe's last invoice, the fee on our first.
    expect((await invoices(cleo)).slice(1).toSorted()).toEqual([
      'period paid 100',
      'period paid 3000',
    ])
    expect(await statuses(cleo)).toEqual(['canceled'])
    await uses(office, cleo, 2)
    await office.advance('P1M')
    expect((await invoices(cleo)).slice(3)).toEqual(['period paid 3100'])
    await agrees(cleo)
  },
  LONG_MS,
)

test(
  'a downgrade from our billing to Stripe’s comes with our period, on one invoice with what was used',
  async () => {
    const dan = await office.onPlan('Dan', 'stripe_invoice_large')
    await uses(office, dan, 4)
    expect(await confirms(await quotes(dan, 'stripe_subscription_small'))).toBe('scheduled')

    await office.advance(MONTH)
    expect((await invoices(dan)).slice(1)).toEqual(['period paid 3100'])
    expect(await dan.subscription()).toMatchObject({ planKey: 'stripe_subscription_small' })
    expect(await begins(dan)).toEqual(['active'])
    await uses(office, dan, 2)
    await office.advance('P1M')
    expect((await invoices(dan)).slice(2)).toEqual(['period paid 3100'])
    await agrees(dan)
  },
  LONG_MS,
)

test(
  'an upgrade that the bank refuses leaves the old plan, and lapses after 23 hours',
  async () => {
    const eve = await office.onPlan('Eve', 'stripe_subscription_small')
    await office.advance('P10D')
    await control(office, '/_sim/declines', { code: 'insufficient_funds', next: 1 })

    expect(await confirms(await quotes(eve, 'stripe_invoice_large'))).toBe('awaiting_payment')
    expect(await eve.subscription()).toMatchObject({
      planKey: 'stripe_subscription_small',
      paymentStatus: 'paid',
    })
    await office.advance('P1D')
    expect(await eve.subscription()).toMatchObject({ planKey: 'stripe_subscription_small' })
    expect((await invoices(eve)).at(-1)).toMatch(/^change void/)
    expect(await statuses(eve)).toEqual(['active'])
    await agrees(eve)
    // Asked for again it is paid, and what the first try would have cost is on no invoice.
    await changes(eve, 'stripe_invoice_large')
    expect((await invoices(eve)).at(-1)).toMatch(/^change paid/)
  },
  LONG_MS,
)

test.each(['stripe_invoice', 'offline'])(
  'between plans of the engine %s a change is ours, at once and at the period’s end',
  async (engine) => {
    const fay = await office.onPlan(`fay_${engine}`, `${engine}_small`)
    await office.advance(HALF)
    await changes(fay, `${engine}_large`)
    expect(await confirms(await quotes(fay, `${engine}_small`))).toBe('scheduled')
    await office.advance('P1M')
    expect(await fay.subscription()).toMatchObject({ planKey: `${engine}_small` })
    expect((await invoices(fay)).at(-1)).toMatch(/^period \w+ 3000$/)
    await agrees(fay)
  },
  LONG_MS,
)

test(
  'to paying by invoice and back: what was paid comes back, and a card is asked for first',
  async () => {
    const hal = await office.onPlan('Hal', 'stripe_subscription_small')
    await office.advance(HALF)
    await changes(hal, 'offline_large')
    expect(await hal.subscription()).toMatchObject({
      engine: 'offline',
      collection: 'send_invoice',
    })
    expect((await invoices(hal)).at(-1)).toMatch(/^change open/)
    expect(await statuses(hal)).toEqual(['canceled'])
    await agrees(hal)

    const ida = await office.onPlan('Ida', 'offline_small')
    await expect(quotes(ida, 'stripe_subscription_large')).rejects.toMatchObject({
      code: 'payment_method_required',
    })
    await ida.changesCard('pm_card_visa')
    await changes(ida, 'stripe_subscription_large')
    expect(await begins(ida)).toEqual(['active'])
    await agrees(ida)
  },
  LONG_MS,
)

test(
  'a second change within the period that we billed is ours again, and gives back what we were paid',
  async () => {
    const jo = await office.onPlan('Jo', 'stripe_invoice_small')
    await office.advance('P10D')
    await changes(jo, 'stripe_subscription_large')
    await begins(jo)
    await office.advance('P10D')
    const preview = await quotes(jo, 'stripe_subscription_small', 'immediate')
    expect(preview.payment.kind).toBe('credit')
    await changes(jo, 'stripe_subscription_small', 'immediate')
    expect(await begins(jo)).toEqual(['canceled', 'active'])
    await agrees(jo)
    await office.advance('P1M')
    expect((await invoices(jo)).at(-1)).toBe('period paid 3000')
    await agrees(jo)
  },
  LONG_MS,
)

test(
  'what we bill gives way to a free plan with its period, or at once with its money back',
  async () => {
    const kim = await office.onPlan('Kim', 'stripe_invoice_small')
    const lou = await office.onPlan('Lou', 'offline_small')
    await uses(office, kim, 2)
    expect(await confirms(await quotes(kim, 'gratis'))).toBe('scheduled')
    const now = await quotes(lou, 'gratis', 'immediate')
    expect(await confirms(now)).toBe('applied')
    expect(await lou.subscription()).toMatchObject({ planKey: 'gratis', collection: 'none' })
    expect((await invoices(lou)).slice(1)).toEqual([
      `change paid ${String(now.offer.invoice?.totalMinor)}`,
    ])

    await office.advance(MONTH)
    expect(await kim.subscription()).toMatchObject({ planKey: 'gratis', collection: 'none' })
    expect((await invoices(kim)).slice(1)).toEqual(['final paid 100'])
    await agrees(kim)
  },
  LONG_MS,
)

test.each([
  {
    from: 'stripe_subscription_small',
    to: 'stripe_invoice_large',
    method: 'DELETE',
    path: '/v1/subscriptions/*',
  },
  {
    from: 'stripe_invoice_small',
    to: 'stripe_subscription_large',
    method: 'POST',
    path: '/v1/subscriptions',
  },
])(
  'who dies between the two sides of a change from $from to $to is followed by whoever comes next, once',
  async ({ from, to, method, path }) => {
    for (const kind of ['lost_request', 'lost_response']) {
      const max = await office.onPlan(`max_${method.toLowerCase()}_${kind}`, from)
      await office.advance('P10D')
      const preview = await quotes(max, to)
      // The one side is paid and written down, and Stripe hears of the other only after the process is gone.
      await arrangeCallFault(office, { kind, method, path, next: 3 })
      await office.domain.changes.execute(
        office.caller,
        preview.change.subscriptionId,
        preview.change.id,
      )
      expect(await max.subscription()).toMatchObject({ planKey: to })
      expect((await max.subscription()).id).toBe(preview.change.subscriptionId)

      const next = await openBackOffice({
        database: office.database,
        simulatorUrl: office.simulatorUrl,
      })
      await until(
        async () => {
          await next.settle()
          return statuses(max)
        },
        (all) => all.join() === (method === 'DELETE' ? 'canceled' : 'active'),
      )
      next.domain.clocks.close()
      await office.settle()
      expect((await invoices(max)).length).toBe(2)
      await agrees(max)
    }
  },
  LONG_MS,
)
