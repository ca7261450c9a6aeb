import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanDefinition, PlanPhase } from '../../src/domain/catalog/plan.ts'
import type { Subscription } from '../../src/domain/subscriptions/subscription.ts'
import { HOUR_MS } from '../../src/kit/instant.ts'
import { boundary, duration } from '../../src/kit/period.ts'
import { createSimulatedClock } from '../../src/start/simulated-clock.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { aCard, aFee, aPlan } from '../support/plans.ts'

/** Months in which all of them are somewhere in their plans; what each does is told in its test. */
let office: BackOffice
const people = new Map<string, Payer>()
const previewed = new Map<string, number>()
/** What was said before each renewal about the invoice it would make. */
const foretold = new Map<string, number[]>()

const INTRO = phase('intro', 'P3M', '10.00')
const MAIN = phase('main', null, '29.00')
const LIST = Array<number>(13).fill(2900)
const YEAR = [1000, 1000, 1000, ...LIST.slice(3)]
const FORETOLD = ['Ada', 'Gus', 'Hal', 'Ida', 'Kim']
let canceledFrom: string | null = null

function phase(key: string, length: string | null, amount?: string): PlanPhase {
  const rateCards = amount === undefined ? [] : [aFee(amount)]
  return { key, name: key, duration: length, rateCards }
}

async function sells(key: string, phases: PlanPhase[], more: Partial<PlanDefinition> = {}) {
  const { domain, caller } = office
  const definition = aPlan({ engine: 'stripe_subscription', phases, ...more })
  await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
  await domain.publishing.publish(caller, key)
}

async function buys(name: string, planKey = 'rising'): Promise<void> {
  const payer = await office.customer(name)
  people.set(name, payer)
  expect(await payer.subscribes(planKey)).toBe(200)
  await office.settle()
}

function payer(name: string): Payer {
  const known = people.get(name)
  if (known === undefined) throw new Error(`Nobody is called ${name}`)
  return known
}

async function subscriptionOf(name: string): Promise<Subscription> {
  const found = await office.domain.subscriptions.findOpen('test', payer(name).id)
  if (found === undefined) throw new Error(`${name} has no subscription`)
  return found
}

/** Answers what the preview says is due at once. */
async function changes(name: string, planKey: string): Promise<void> {
  const { domain, caller } = office
  const { id } = await subscriptionOf(name)
  const request = { planKey, planVersion: null, timing: 'auto' } as const
  const preview = await domain.changes.preview(caller, id, request)
  previewed.set(name, Number(preview.offer.invoice?.totalMinor ?? 0n))
  await domain.changes.execute(caller, id, preview.change.id)
  await office.settle()
}

async function agrees(name: string, percent: string): Promise<void> {
  const { domain, caller } = office
  const { id } = await subscriptionOf(name)
  const overrides = { prices: { fee: { type: 'percentage', percent } } } as const
  const request = { overrides, timing: 'at_period_end' } as const
  const { change } = await domain.changes.previewOverrides(caller, id, request)
  await domain.changes.execute(caller, id, change.id, 'overrides')
  await office.settle()
}

async function foretell(name: string): Promise<void> {
  const next = await office.domain.estimates.next(await subscriptionOf(name))
  foretold.set(name, [...(foretold.get(name) ?? []), Number(next?.totalMinor ?? -1n)])
}

async function inStripe(name: string): Promise<number[]> {
  const { stripeCustomerId: customer } = payer(name)
  const { data } = await office.stripe.invoices.list({ customer, limit: 100 })
  return data.toReversed().map(({ total }) => total)
}

async function inOurBooks(name: string): Promise<number[]> {
  const filter = { customerId: payer(name).id }
  const { data } = await office.domain.billing.list('test', filter, { limit: 100 })
  return data.toReversed().map(({ totalMinor }) => Number(totalMinor))
}

/** Both sides have these invoices, and nothing was found to differ. */
async function expectInvoices(name: string, amounts: readonly number[]): Promise<void> {
  expect(await inStripe(name)).toEqual(amounts)
  expect(await inOurBooks(name)).toEqual(amounts)
  const filter = { customerId: payer(name).id }
  const { data } = await office.domain.findings.list('test', filter, { limit: 100 })
  expect(data.map(({ summary }) => summary)).toEqual([])
}

async function stripeSubscription(name: string) {
  const { stripeCustomerId: customer } = payer(name)
  const { data } = await office.stripe.subscriptions.list({ customer })
  return data[0]
}

async function scheduleOf(name: string): Promise<string | null> {
  const { schedule = null } = (await stripeSubscription(name)) ?? {}
  return typeof schedule === 'string' || schedule === null ? schedule : schedule.id
}

beforeAll(async () => {
  office = await openBackOffice({ database: await testDatabase() })
  await sells('steady', [phase('main', null, '5.00')])
  await sells('rising', [INTRO, MAIN])
  await sells('tried', [phase('trial', 'P2W'), phase('intro', 'P2M', '10.00'), MAIN])
  await sells('grand', [phase('intro', 'P2M', '40.00'), phase('main', null, '99.00')])
  await sells('stairs', [phase('one', 'P1M', '1.00'), phase('two', 'P2M', '2.00'), MAIN])
  const welcome = aCard('welcome', {
    billingCadence: null,
    prices: { usd: { type: 'flat', amount: '3.00', paymentTerm: 'in_advance' } },
  })
  await sells('once', [INTRO, { ...MAIN, rateCards: [...MAIN.rateCards, welcome] }])
  const yearly = (each: PlanPhase, length: string | null) => ({
    ...each,
    duration: length,
    rateCards: each.rateCards.map((card) => ({ ...card, billingCadence: 'P1Y' })),
  })
  await sells('yearly', [yearly(INTRO, 'P1Y'), yearly(MAIN, null)], { billingCadence: 'P1Y' })

  // On the last of a long month, before a short one.
  const { clocks } = office.domain
  const now = new Date(clocks.now('test'))
  const start = Date.UTC(now.getUTCFullYear(), 12, 31, 9)
  await office.advance(new Date(start).toISOString())
  for (const name of ['Ada', 'Bob', 'Cyn', 'Dan', 'Fay', 'Gus', 'Kim']) await buys(name)
  await buys('Eve', 'tried')
  await buys('Hal', 'stairs')
  await buys('Ida', 'once')
  await buys('Joe', 'yearly')

  const { cancellations, pauses } = office.domain
  const { caller } = office
  const to = (months: number) =>
    office.advance(new Date(boundary(start, duration('P1M'), months) + 2 * HOUR_MS).toISOString())
  const renews = async (months: number) => {
    for (const name of FORETOLD) await foretell(name)
    await to(months)
  }
  await to(0)
  await cancellations.cancel(caller, (await subscriptionOf('Cyn')).id, 'period_end')
  canceledFrom = await scheduleOf('Cyn')
  await pauses.resume(caller, (await subscriptionOf('Cyn')).id)
  await agrees('Gus', '50')
  await renews(1)
  await changes('Bob', 'steady')
  await changes('Dan', 'grand')
  const { id } = await subscriptionOf('Fay')
  await pauses.pause(caller, id, { resumesAt: null, isCustomers: false })
  await office.settle()
  await office.advance('P10D')
  await pauses.resume(caller, id)
  await office.settle()
  await renews(2)
  await payer('Kim').changesCard('pm_card_mastercard')
  for (let months = 3; months <= 12; months++) await renews(months)
}, 240_000)
afterAll(() => office.close())

test('Stripe charges an introductory price of three months for three months, and the list price then', async () => {
  await expectInvoices('Ada', YEAR)

  // Nothing is left to schedule, and nobody but us has the subscription.
  expect(await scheduleOf('Ada')).toBeNull()
  expect(await subscriptionOf('Ada')).toMatchObject({ phaseKey: 'main' })
})

test('phases of one month and of two are counted from the 31st, whatever the month before had', async () => {
  await expectInvoices('Hal', [100, 200, 200, ...LIST.slice(3)])
})

test('the next invoice is foretold with the price of the phase that begins with it', async () => {
  for (const name of FORETOLD) expect(foretold.get(name)).toEqual((await inStripe(name)).slice(1))
})

test('a trial, an introductory price and a list price follow each other', async () => {
  await expectInvoices('Eve', [0, 1000, 1000, ...LIST.slice(3)])
})

test('what a phase costs once is charged once, where it begins', async () => {
  await expectInvoices('Ida', [1000, 1000, 1000, 3200, ...LIST.slice(4)])
})

test('an introductory year is followed by a year at the list price', async () => {
  await expectInvoices('Joe', [1000, 2900])
})

test('a downgrade in the introductory months takes the later price with it', async () => {
  await expectInvoices('Bob', [1000, 1000, ...Array<number>(11).fill(500)])
})

test('an upgrade in the introductory months costs what its preview says, and has phases of its own', async () => {
  const due = previewed.get('Dan') ?? 0
  expect(due).toBeGreaterThan(2900)
  // Two months from the 28th are over on the 28th; the price changes with the renewal on the 30th.
  await expectInvoices('Dan', [1000, 1000, due, 4000, ...Array<number>(10).fill(9900)])
})

test('a cancellation that is taken back leaves the later price where it was', async () => {
  expect(canceledFrom).toBeNull()
  await expectInvoices('Cyn', YEAR)
})

test('a pause takes nothing of an introductory price: its time goes on behind it', async () => {
  const [first, second, credit = 0, rest = 0, ...later] = await inStripe('Fay')
  expect([first, second]).toEqual([1000, 1000])
  expect(credit).toBeLessThan(0)
  expect(rest).toBeLessThan(1000)
  expect(later.slice(0, 3)).toEqual([1000, 1000, 2900])
  await expectInvoices('Fay', [1000, 1000, credit, rest, ...later])
})

test('what was agreed off the price is off the later price as well', async () => {
  await expectInvoices('Gus', [1000, 500, 500, ...Array<number>(10).fill(1450)])
})

test('a card put in place in between is the one that is charged in the next phase', async () => {
  await expectInvoices('Kim', YEAR)
  const stripe = await stripeSubscription('Kim')
  const { data } = await office.stripe.paymentMethods.list({
    customer: payer('Kim').stripeCustomerId,
  })
  const card = data.find(({ id }) => id === stripe?.default_payment_method)
  expect(card?.card?.brand).toBe('mastercard')
})

test('a schedule that somebody took away in Stripe is missed by reconciling, and made again', async () => {
  await buys('Lea')
  const taken = (await scheduleOf('Lea')) ?? ''
  await office.stripe.subscriptionSchedules.release(taken)

  const { found, left } = await office.domain.reconcile.customer(
    office.caller,
    payer('Lea').id,
    false,
  )

  expect(found).toMatchObject([{ category: 'drift', ours: { schedule: taken } }])
  expect(left).toEqual([])
  const schedule = await scheduleOf('Lea')
  expect(schedule).toMatch(/^sub_sched_/)
  expect(schedule).not.toBe(taken)
})

test('what Stripe renewed too cheaply is told, and the next renewal is right', async () => {
  await sells('brief', [phase('intro', 'P1M', '10.00'), MAIN])
  await buys('Max', 'brief')
  await office.stripe.subscriptionSchedules.release((await scheduleOf('Max')) ?? '')
  // Nobody of us is there when it renews.
  const { billingAnchor } = await subscriptionOf('Max')
  const renewed = (count: number) => boundary(billingAnchor, duration('P1M'), count) + 2 * HOUR_MS
  await createSimulatedClock(office.simulatorUrl).advanceTo(renewed(1))
  await office.advance('P1D')
  await office.advance(new Date(renewed(2)).toISOString())

  expect(await inStripe('Max')).toEqual([1000, 1000, 2900])
  const filter = { customerId: payer('Max').id }
  const { data } = await office.domain.findings.list('test', filter, { limit: 9 })
  expect(data.map(({ category, subjectKind }) => `${category} ${subjectKind}`)).toContain(
    'late subscription',
  )
})

test('fees that somebody exchanged in Stripe are told, and left to people', async () => {
  await buys('Nan', 'steady')
  const stripe = await stripeSubscription('Nan')
  const [item] = stripe?.items.data ?? []
  const { id: price } = await office.stripe.prices.create({
    product_data: { name: 'Something else' },
    currency: 'usd',
    unit_amount: 400,
    recurring: { interval: 'month' },
  })
  await office.stripe.subscriptions.update(String(stripe?.id), {
    items: [{ id: String(item?.id), price }],
    proration_behavior: 'none',
  })
  await office.settle()

  const { left } = await office.domain.reconcile.customer(office.caller, payer('Nan').id, false)

  expect(left).toMatchObject([
    { category: 'amount', kind: 'subscription', theirs: { fees: price } },
  ])
})
