import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine, PlanDefinition } from '../../src/domain/catalog/plan.ts'
import { HOUR_MS, SECOND_MS } from '../../src/kit/instant.ts'
import { boundary, duration } from '../../src/kit/period.ts'
import { createSimulatedClock } from '../../src/start/simulated-clock.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { aFee, aPlan } from '../support/plans.ts'
import { arrangeCallFault } from '../support/simulator-control.ts'
import { until } from '../support/until.ts'

/** What stands in Stripe beside what stands here, where the two meet at an awkward moment. */
let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice({ database: await testDatabase() })
  await sells('ours', 'stripe_invoice', '30.00')
  await sells('theirs', 'stripe_subscription', '90.00')
  // On a day that the next month does not have.
  const now = new Date(office.domain.clocks.now('test'))
  await office.advance(new Date(Date.UTC(now.getUTCFullYear(), 12, 31, 9)).toISOString())
}, 120_000)
afterAll(() => office.close())

async function sells(
  key: string,
  engine: Engine,
  amount: string,
  changes: Partial<PlanDefinition> = {},
): Promise<void> {
  const { domain, caller } = office
  const definition = aPlan(
    {
      engine,
      checkoutMode: engine === 'stripe_invoice' ? 'setup' : 'subscription',
      ...changes,
    },
    [aFee(amount)],
  )
  const known = await domain.catalog.findActive('test', key)
  if (known === undefined) {
    await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
  }
  await domain.publishing.publish(caller, key)
}

async function buys(name: string, planKey: string, card?: string): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.subscribes(planKey, card)
  await office.settle()
  return payer
}

async function mine({ id }: Payer) {
  const found = await office.domain.subscriptions.findOpen('test', id)
  if (found === undefined) throw new Error('There is no subscription')
  return found
}

async function inStripe({ stripeCustomerId: customer }: Payer) {
  const { data } = await office.stripe.subscriptions.list({ customer, status: 'all' })
  return data
}

async function changes(payer: Payer, planKey: string): Promise<void> {
  const { domain, caller } = office
  const { id } = await mine(payer)
  const request = { planKey, planVersion: null, timing: 'immediate' } as const
  const { change } = await domain.changes.preview(caller, id, request)
  await domain.changes.execute(caller, id, change.id)
  await office.settle()
}

const begins = (payer: Payer) =>
  until(
    async () => {
      await office.settle()
      return inStripe(payer)
    },
    ([newest]) => newest?.status === 'active',
  )

test('Stripe goes on to the 31st where it took over in February', async () => {
  const ada = await buys('Ada', 'ours')
  const { billingAnchor } = await mine(ada)
  const renewal = (count: number) => boundary(billingAnchor, duration('P1M'), count)
  await office.advance('P10D')
  await changes(ada, 'theirs')
  await begins(ada)

  for (const count of [1, 2, 3]) {
    await office.advance(new Date(renewal(count) + 2 * HOUR_MS).toISOString())
    const [stripe] = await inStripe(ada)
    const [item] = stripe?.items.data ?? []
    expect((item?.current_period_end ?? 0) * 1_000).toBe(renewal(count + 1))
    expect((await mine(ada)).currentPeriod?.endsAt).toBe(renewal(count + 1))
  }
  const { data } = await office.domain.findings.list('test', { customerId: ada.id }, { limit: 9 })
  expect(data.map(({ summary }) => summary)).toEqual([])
}, 120_000)

test('what we billed ahead of Stripe is paused and agreed upon when Stripe bills', async () => {
  const { domain, caller } = office
  const gus = await buys('Gus', 'ours')
  await office.advance('P1D')
  await changes(gus, 'theirs')
  await begins(gus)
  const { id } = await mine(gus)

  const overrides = { prices: { fee: { type: 'percentage', percent: '50' } } } as const
  const { change } = await domain.changes.previewOverrides(caller, id, {
    overrides,
    timing: 'immediate',
  })
  const pause = domain.pauses.pause(caller, id, { resumesAt: null, isCustomers: false })

  expect(change.quote.timing).toBe('at_period_end')
  await expect(pause).rejects.toMatchObject({ code: 'subscription_not_pausable' })
}, 60_000)

test('a version that Stripe bills begins there with what was agreed for the one before', async () => {
  const { domain, caller } = office
  await sells('moving', 'stripe_invoice', '30.00')
  const hal = await buys('Hal', 'moving')
  await office.advance('P1D')
  const { id } = await mine(hal)
  const overrides = { prices: { fee: { type: 'percentage', percent: '50' } } } as const
  const agreed = await domain.changes.previewOverrides(caller, id, {
    overrides,
    timing: 'immediate',
  })
  await domain.changes.execute(caller, id, agreed.change.id, 'overrides')
  await office.settle()
  await office.advance('P1D')
  const definition = aPlan({ engine: 'stripe_subscription' }, [aFee('30.00')])
  await domain.catalog.saveDraft(caller, 'moving', definition)
  await domain.publishing.publish(caller, 'moving')

  await changes(hal, 'moving')
  await begins(hal)

  const [stripe] = await inStripe(hal)
  expect(stripe?.items.data.map(({ price }) => price.unit_amount)).toEqual([1500])
}, 60_000)

test('a page that names the first day of a week is closed before that day', async () => {
  const { domain, caller } = office
  const cards = [aFee('9.00', { billingCadence: 'P1W' })]
  const weekly = aPlan(
    { engine: 'stripe_subscription', alignment: 'calendar', billingCadence: 'P1W' },
    cards,
  )
  await domain.catalog.createPlan(caller, {
    key: 'weekly',
    isDefault: false,
    definition: weekly,
  })
  await domain.publishing.publish(caller, 'weekly')
  // A Sunday evening.
  const day = new Date(domain.clocks.now('test'))
  const sunday = Date.UTC(
    day.getUTCFullYear(),
    day.getUTCMonth(),
    day.getUTCDate() + 7 - day.getUTCDay(),
    20,
  )
  await office.advance(new Date(sunday).toISOString())
  const ida = await office.customer('Ida')

  await domain.subscriptions.subscribe(caller, {
    customerId: ida.id,
    planKey: 'weekly',
    successUrl: 'http://console.test/done',
    cancelUrl: 'http://console.test/plans',
  })

  const { data } = await office.stripe.checkout.sessions.list({ customer: ida.stripeCustomerId })
  expect(data[0]?.expires_at).toBe((sunday + 4 * HOUR_MS) / 1_000)
}, 60_000)

test('who cancels at once gets nothing back of a period that was never paid for', async () => {
  const bob = await buys('Bob', 'theirs')
  await bob.changesCard('pm_card_chargeCustomerFail')
  await office.advance('P1M')
  await office.advance('P1D')
  const before = await office.stripe.customers.retrieve(bob.stripeCustomerId)
  const { id } = await mine(bob)

  await office.domain.cancellations.cancel(office.caller, id, 'now')
  await office.settle()

  const after = await office.stripe.customers.retrieve(bob.stripeCustomerId)
  const balances = [before, after].map((each) => (each.deleted === true ? null : each.balance))
  expect(balances).toEqual([0, 0])
  const { data } = await office.stripe.invoices.list({ customer: bob.stripeCustomerId, limit: 9 })
  expect(data.filter(({ total }) => total < 0)).toEqual([])
}, 60_000)

test('who cancels at once gets back what was paid for and not used', async () => {
  const cyn = await buys('Cyn', 'theirs')
  await office.advance('P1D')

  await office.domain.cancellations.cancel(office.caller, (await mine(cyn)).id, 'now')
  await office.settle()

  const { data } = await office.stripe.invoices.list({ customer: cyn.stripeCustomerId, limit: 9 })
  expect(data.some(({ total }) => total < 0)).toBe(true)
}, 60_000)

test('a renewal that was paid after Stripe’s billing was left is told, to be refunded', async () => {
  const dan = await buys('Dan', 'theirs')
  await office.advance('P10D')
  const { domain } = office
  const { currentPeriod } = await mine(dan)
  // Stripe hears of it only after it has renewed.
  await arrangeCallFault(office, {
    kind: 'server_error',
    method: 'DELETE',
    path: '/v1/subscriptions/*',
    next: 4,
  })
  const { id } = await mine(dan)
  const request = { planKey: 'ours', planVersion: null, timing: 'immediate' } as const
  const { change } = await domain.changes.preview(office.caller, id, request)
  await domain.changes.execute(office.caller, id, change.id)
  expect(await mine(dan)).toMatchObject({ planKey: 'ours' })
  await createSimulatedClock(office.simulatorUrl).advanceTo(
    (currentPeriod?.endsAt ?? 0) + 2 * HOUR_MS,
  )
  await office.advance('P1D')
  await office.settle()

  const { data } = await domain.findings.list('test', { customerId: dan.id }, { limit: 9 })
  expect(data.map(({ summary }) => summary).join()).toMatch(/took \$90.00 for it/)
  expect(await inStripe(dan)).toMatchObject([{ status: 'canceled' }])
}, 60_000)

test('terms that begin with the next second are not forgotten by a change of plan in this one', async () => {
  const eve = await buys('Eve', 'theirs')
  await office.advance('P1D')
  const { domain, caller, database } = office
  const { id } = await mine(eve)
  const overrides = { prices: { fee: { type: 'percentage', percent: '50' } } } as const
  const agreed = await domain.changes.previewOverrides(caller, id, {
    overrides,
    timing: 'immediate',
  })
  await domain.changes.execute(caller, id, agreed.change.id, 'overrides')
  await office.settle()
  // As it is for whoever agrees twice within a second.
  const second = Math.floor(domain.clocks.now('test') / SECOND_MS) + 2
  const startsAt = new Date(second * SECOND_MS)
  const stays = database.db.updateTable('subscriptionStays').where('subscriptionId', '=', id)
  await stays.set({ endsAt: startsAt }).where('ordinal', '=', 0).execute()
  await stays.set({ startsAt }).where('ordinal', '=', 1).execute()
  await until(
    () => Promise.resolve(domain.clocks.now('test')),
    (now) => now >= startsAt.getTime() - SECOND_MS,
  )

  const request = { planKey: 'ours', planVersion: null, timing: 'immediate' } as const
  const { offer } = await domain.changes.preview(caller, id, request)

  expect(offer.quote.notices.map(({ kind }) => kind)).toContain('overrides_dropped')
}, 60_000)

test('nobody falls back to a plan that is not offered in their currency', async () => {
  const { domain, caller } = office
  const definition = aPlan({ currencies: ['eur'], isPaymentMethodRequired: false }, [])
  await domain.catalog.createPlan(caller, { key: 'gratis', isDefault: true, definition })
  await domain.publishing.publish(caller, 'gratis')
  await sells('ending', 'stripe_subscription', '9.00', { onSubscriptionEnd: 'switch_to_default' })
  const fay = await buys('Fay', 'ending')

  await domain.cancellations.cancel(caller, (await mine(fay)).id, 'now')
  await office.settle()

  expect(await domain.subscriptions.findOpen('test', fay.id)).toBeUndefined()
}, 60_000)
