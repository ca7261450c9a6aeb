import fc from 'fast-check'
import { Stripe } from 'stripe'
import { advance, DAY, HOUR } from '../support.ts'
import { type Account, all } from './account.ts'

/** One thing that happens. Numbers choose among what there is, so that any part of a history is a history as well. */
export interface Step {
  readonly verb: keyof typeof VERBS
  readonly a: number
  readonly b: number
}

const CARDS = [
  'pm_card_visa',
  'pm_card_mastercard',
  'pm_card_chargeCustomerFail',
  'pm_card_authenticationRequired',
  'pm_card_refundFail',
]

function pick<T>(among: readonly T[], number: number): T | undefined {
  return among.length === 0 ? undefined : among[number % among.length]
}

async function customers({ stripe, clock }: Account) {
  return all(stripe.customers.list({ test_clock: clock, limit: 100 }))
}

async function subscriptions(account: Account) {
  const found = []
  for (const { id } of await customers(account)) {
    found.push(...(await all(account.stripe.subscriptions.list({ customer: id, limit: 100 }))))
  }
  return found
}

async function invoices(account: Account, status: 'open' | 'paid' | 'draft') {
  const found = []
  for (const { id } of await customers(account)) {
    found.push(...(await all(account.stripe.invoices.list({ customer: id, status, limit: 100 }))))
  }
  return found
}

type Verb = (account: Account, a: number, b: number) => Promise<unknown>

const VERBS = {
  async signUp({ stripe, clock }, a) {
    const card = pick(CARDS, a) ?? ''
    return stripe.customers.create({
      test_clock: clock,
      payment_method: card,
      invoice_settings: { default_payment_method: card },
    })
  },
  async subscribe(account, a, b) {
    const customer = pick(await customers(account), a)
    const price = pick(account.prices, b)
    if (customer === undefined || price === undefined) return
    const behavior = pick(['allow_incomplete', 'error_if_incomplete'] as const, a + b)
    return account.stripe.subscriptions.create({
      customer: customer.id,
      items: [
        { price, quantity: 1 + (a % 3) },
        ...(b % 2 === 0 ? [{ price: account.usagePrice }] : []),
      ],
      ...(behavior === undefined ? {} : { payment_behavior: behavior }),
      ...(a % 5 === 0 ? { trial_period_days: 1 + (b % 20) } : {}),
      ...(b % 3 === 0 ? { discounts: [{ coupon: account.coupon }] } : {}),
      ...(a % 4 === 3 ? { billing_mode: { type: 'classic' as const } } : {}),
    })
  },
  async change(account, a, b) {
    const subscription = pick(await subscriptions(account), a)
    const item = subscription?.items.data.find(({ price }) => price.id !== account.usagePrice)
    const price = pick(account.prices, b)
    if (subscription === undefined || item === undefined || price === undefined) return
    const prorations = ['create_prorations', 'always_invoice', 'none'] as const
    const payments = ['allow_incomplete', 'error_if_incomplete', 'pending_if_incomplete'] as const
    return account.stripe.subscriptions.update(subscription.id, {
      items: [{ id: item.id, price, quantity: 1 + ((a + b) % 4) }],
      proration_behavior: pick(prorations, a + b) ?? 'none',
      payment_behavior: pick(payments, b) ?? 'allow_incomplete',
    })
  },
  async cancelNow(account, a, b) {
    const subscription = pick(await subscriptions(account), a)
    if (subscription === undefined) return
    return account.stripe.subscriptions.cancel(subscription.id, {
      invoice_now: b % 2 === 0,
      prorate: b % 3 === 0,
    })
  },
  async cancelAtEnd(account, a, b) {
    const subscription = pick(await subscriptions(account), a)
    if (subscription === undefined) return
    const isPlanned = b % 3 !== 0
    return account.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: isPlanned })
  },
  async pause(account, a, b) {
    const subscription = pick(await subscriptions(account), a)
    if (subscription === undefined) return
    if (subscription.status === 'paused') {
      return account.stripe.subscriptions.resume(subscription.id, {})
    }
    const behavior = pick(['keep_as_draft', 'mark_uncollectible', 'void'] as const, b)
    return b % 2 === 0
      ? account.stripe.subscriptions.pause(subscription.id, { type: 'subscription' })
      : account.stripe.subscriptions.update(subscription.id, {
          pause_collection: behavior === undefined || b % 5 === 0 ? '' : { behavior },
        })
  },
  async changeCard(account, a, b) {
    const customer = pick(await customers(account), a)
    if (customer === undefined) return
    const card = await account.stripe.paymentMethods.attach(pick(CARDS, b) ?? '', {
      customer: customer.id,
    })
    return account.stripe.customers.update(customer.id, {
      invoice_settings: { default_payment_method: card.id },
    })
  },
  async pay(account, a, b) {
    const invoice = pick(await invoices(account, 'open'), a)
    if (invoice === undefined) return
    return b % 4 === 0
      ? account.stripe.invoices.pay(invoice.id, { paid_out_of_band: true })
      : account.stripe.invoices.pay(invoice.id, { payment_method: pick(CARDS, b) ?? '' })
  },
  async giveUp(account, a, b) {
    const invoice = pick(await invoices(account, 'open'), a)
    if (invoice === undefined) return
    return b % 2 === 0
      ? account.stripe.invoices.voidInvoice(invoice.id)
      : account.stripe.invoices.markUncollectible(invoice.id)
  },
  async refund(account, a, b) {
    const charges = []
    for (const { id } of await customers(account)) {
      charges.push(...(await all(account.stripe.charges.list({ customer: id, limit: 100 }))))
    }
    const charge = pick(charges, a)
    if (charge === undefined) return
    return account.stripe.refunds.create({
      charge: charge.id,
      ...(b % 2 === 0 ? {} : { amount: 1 + (b % Math.max(1, charge.amount)) }),
    })
  },
  async credit(account, a, b) {
    const invoice = pick(await invoices(account, b % 2 === 0 ? 'open' : 'paid'), a)
    if (invoice === undefined) return
    const amount = 1 + (b % 1_500)
    return account.stripe.creditNotes.create({
      invoice: invoice.id,
      amount,
      ...(invoice.status === 'open' ? {} : { credit_amount: amount }),
    })
  },
  async charge(account, a, b) {
    const customer = pick(await customers(account), a)
    if (customer === undefined) return
    return account.stripe.invoiceItems.create({
      customer: customer.id,
      amount: (b % 2_000) - 500,
      currency: 'usd',
    })
  },
  async adjust(account, a, b) {
    const customer = pick(await customers(account), a)
    if (customer === undefined) return
    return account.stripe.customers.createBalanceTransaction(customer.id, {
      amount: (b % 3_000) - 2_000,
      currency: 'usd',
    })
  },
  async bill(account, a) {
    const customer = pick(await customers(account), a)
    if (customer === undefined) return
    return account.stripe.invoices.create({
      customer: customer.id,
      auto_advance: true,
      pending_invoice_items_behavior: 'include',
    })
  },
  async use(account, a, b) {
    const customer = pick(await customers(account), a)
    if (customer === undefined) return
    const clock = await account.stripe.testHelpers.testClocks.retrieve(account.clock)
    return account.stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { stripe_customer_id: customer.id, value: String(b) },
      timestamp: clock.frozen_time,
    })
  },
  async decline(account, a) {
    return account.control('/_sim/declines', { next: 1 + (a % 2) })
  },
  async authenticate(account, a, b) {
    const waiting = []
    for (const { id } of await customers(account)) {
      waiting.push(...(await all(account.stripe.paymentIntents.list({ customer: id, limit: 100 }))))
    }
    const intent = pick(
      waiting.filter(({ status }) => status === 'requires_action'),
      a,
    )
    if (intent === undefined) return
    const outcome = b % 2 === 0 ? 'complete' : 'fail'
    return account.control(`/_sim/authentications/${intent.id}`, { outcome })
  },
  async leave(account, a, b) {
    const customer = pick(await customers(account), a)
    if (customer !== undefined && b % 4 === 0) return account.stripe.customers.del(customer.id)
  },
  async wait({ stripe, clock }, a, b) {
    const { frozen_time: now } = await stripe.testHelpers.testClocks.retrieve(clock)
    await advance(stripe, clock, now + (1 + (a % 35)) * DAY + (b % 24) * HOUR)
  },
} satisfies Readonly<Record<string, Verb>>

const verbs = Object.keys(VERBS) as (keyof typeof VERBS)[]
const number = fc.nat(9_999)
/** Time passes and people subscribe more often than the rest. */
const verb = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('wait' as const) },
  { weight: 2, arbitrary: fc.constantFrom('subscribe' as const, 'change' as const) },
  { weight: 6, arbitrary: fc.constantFrom(...verbs) },
)

export const anyHistory = fc.array(
  fc.record<Step>({ verb, a: number, b: number }, { noNullPrototype: true }),
  {
    minLength: 15,
    maxLength: 40,
    size: 'max',
  },
)

/** Takes the step. What Stripe refuses does not happen; a failure of the simulator itself is never an answer. */
export async function take(account: Account, { verb, a, b }: Step): Promise<void> {
  try {
    await VERBS[verb](account, a, b)
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    if ((error.statusCode ?? 500) >= 500) throw error
  }
}
