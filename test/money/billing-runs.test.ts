import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { MINUTE_MS } from '../../src/kit/instant.ts'
import { createSimulatedClock } from '../../src/start/simulated-clock.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { aFee, aPlan } from '../support/plans.ts'

const MONTH_MS = 32 * 24 * 60 * MINUTE_MS

let office: BackOffice
let good: Payer
let bad: Payer

beforeAll(async () => {
  office = await openBackOffice()
  const { domain, caller } = office
  for (const [key, amount] of [
    ['sound', '20.00'],
    ['broken', '30.00'],
  ] as const) {
    const definition = aPlan({ engine: 'stripe_invoice', checkoutMode: 'setup' }, [aFee(amount)])
    await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
    await domain.publishing.publish(caller, key)
  }
  good = await office.customer('Good')
  bad = await office.customer('Bad')
  await bad.subscribes('broken')
  await good.subscribes('sound')
  await office.settle()
})
afterAll(() => office.close())

/** Time passes, and nobody closes anything yet. */
async function timePasses(): Promise<void> {
  const { domain, simulatorUrl } = office
  const at = domain.clocks.now('test') + MONTH_MS
  await domain.clocks.setTestOffset(await createSimulatedClock(simulatorUrl).advanceTo(at))
}

/** The plan says nothing any more that anybody could rate; so it would be with a bug of ours. */
const setPhases = (phases: string) =>
  sql`update plan_versions set definition = jsonb_set(definition::jsonb, '{phases}', ${phases}::jsonb)
    where mode = 'test' and plan_key = 'broken'`.execute(office.database.db)

async function totals({ id }: Payer): Promise<bigint[]> {
  const { data } = await office.domain.billing.list('test', { customerId: id }, { limit: 10 })
  return data.map(({ totalMinor }) => totalMinor)
}

test('a subscription that cannot be billed holds up no other, is named, and is billed by the next run', async () => {
  const { domain, caller } = office
  const { rows } = await sql<{ phases: string }>`
    select definition::jsonb ->> 'phases' as phases from plan_versions
    where mode = 'test' and plan_key = 'broken'`.execute(office.database.db)
  await timePasses()
  await setPhases('[]')

  const first = await domain.billingRuns.start(caller)
  await domain.jobs.drain()
  const failed = await domain.billingRuns.get('test', first.id)
  await setPhases(rows[0]?.phases ?? '')
  const second = await domain.billingRuns.start(caller)
  await domain.jobs.drain()
  const done = await domain.billingRuns.get('test', second.id)

  const open = await domain.subscriptions.findOpen('test', bad.id)
  expect(failed).toMatchObject({ state: 'finished', total: 2, closed: 1, failed: 1 })
  expect(failed.failures.map(({ subscriptionId }) => subscriptionId)).toEqual([open?.id])
  expect(done).toMatchObject({ state: 'finished', total: 1, closed: 1, failed: 0, failures: [] })
  expect(await totals(good)).toEqual([2_000n, 2_000n])
  expect(await totals(bad)).toEqual([3_000n, 3_000n])
})

test('what is due is closed without a run as well, past what cannot be', async () => {
  const { domain } = office
  const { rows } = await sql<{ phases: string }>`
    select definition::jsonb ->> 'phases' as phases from plan_versions
    where mode = 'test' and plan_key = 'broken'`.execute(office.database.db)
  await timePasses()
  await setPhases('[]')
  await domain.billingRuns.runDue('test')
  await domain.ownBilling.showDue('test')
  await setPhases(rows[0]?.phases ?? '')

  expect(await totals(good)).toHaveLength(3)
  expect(await totals(bad)).toHaveLength(2)
})

test('invoices that can never be shown do not hold up newer ones, however many there are', async () => {
  const { domain, database } = office
  await sql`insert into customers select (jsonb_populate_record(c, '{"id":"customer_lost","key":"lost"}')).*
    from customers c where c.mode = 'test' and c.id = ${good.id}`.execute(database.db)
  await sql`insert into invoices select (jsonb_populate_record(i, jsonb_build_object(
      'id', 'invoice_lost_' || n, 'customer_id', 'customer_lost', 'subscription_id', null, 'number', null,
      'stripe_invoice_id', 'in_lost_' || n, 'state', 'draft', 'created_at', '2020-01-01T00:00:00Z'))).*
    from invoices i, generate_series(1, 250) n
    where i.mode = 'test' and i.id = (select id from invoices where mode = 'test' and is_ours limit 1)`.execute(
    database.db,
  )
  const attempts = async () => {
    const { rows } = await sql<{ least: number; most: number }>`
      select min(show_attempts) as least, max(show_attempts) as most from invoices
      where customer_id = 'customer_lost'`.execute(database.db)
    return rows[0]
  }
  const late = await office.customer('Late')
  await late.subscribes('sound')

  await office.settle()
  for (let run = 0; run < 5; run++) await domain.ownBilling.showDue('test')

  const { data } = await domain.billing.list('test', { customerId: late.id }, { limit: 10 })
  expect(data.map(({ state }) => state)).toEqual(['paid'])
  expect(await attempts()).toEqual({ least: 3, most: 3 })
})

test('U37 two runs at once, each worked on by whoever is there, bill everybody once', async () => {
  const { domain, caller, database, simulatorUrl } = office
  const other = await openBackOffice({ database, simulatorUrl })
  onTestFinished(() => other.close())
  const before = await Promise.all([totals(good), totals(bad)])
  await timePasses()

  const runs = await Promise.all([
    domain.billingRuns.start(caller),
    other.domain.billingRuns.start(caller),
  ])
  await Promise.all([
    domain.jobs.drain(),
    other.domain.jobs.drain(),
    domain.billingRuns.runDue('test'),
    other.domain.billingRuns.runDue('test'),
  ])
  await office.settle()

  for (const { id } of runs) {
    expect(await domain.billingRuns.get('test', id)).toMatchObject({ state: 'finished', failed: 0 })
  }
  for (const [n, payer] of [good, bad].entries()) {
    const charges = await office.stripe.charges.list({ customer: payer.stripeCustomerId })
    const own = await totals(payer)
    expect(own).toHaveLength((before[n]?.length ?? 0) + 1)
    expect(charges.data.map(({ amount }) => BigInt(amount))).toEqual(own)
  }
})
