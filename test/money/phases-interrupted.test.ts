import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE_MS } from '../../src/kit/instant.ts'
import type { Simulator } from '../../src/simulator/options.ts'
import { createMortality, type Death } from '../simulation/mortality.ts'
import {
  type BackOffice,
  openBackOffice,
  openSimulator,
  type Payer,
} from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { aFee, aPlan } from '../support/plans.ts'
import type { Database } from '../../src/platform/database/database.ts'

/** The leases of whoever has died have run out then. */
const LATER_MS = 2 * MINUTE_MS

const DEATHS: readonly Death[] = [
  ...[1, 2, 3].flatMap((count): Death[] => [
    { at: 'request', count, isCarriedOut: false },
    { at: 'request', count, isCarriedOut: true },
  ]),
  ...[1, 2].map((count): Death => ({ at: 'commit', count })),
  ...[4, 12, 20].map((count): Death => ({ at: 'statement', count })),
]

let database: Database
let simulator: Simulator
let office: BackOffice

beforeAll(async () => {
  database = await testDatabase()
  simulator = await openSimulator()
  office = await openBackOffice({ database, simulatorUrl: simulator.url, aheadMs: LATER_MS })
  const phases = [
    { key: 'intro', name: 'Intro', duration: 'P2M', rateCards: [aFee('10.00')] },
    { key: 'main', name: 'Main', duration: null, rateCards: [aFee('29.00')] },
  ]
  await sells('steady', {
    phases: [{ key: 'main', name: 'Main', duration: null, rateCards: [aFee('5.00')] }],
  })
  await sells('rising', { phases })
}, 60_000)
afterAll(async () => {
  await office.close()
  await simulator.close()
})

async function sells(key: string, changes: Parameters<typeof aPlan>[0]): Promise<void> {
  const { domain, caller } = office
  const definition = aPlan({ engine: 'stripe_subscription', ...changes })
  await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
  await domain.publishing.publish(caller, key)
}

async function buys(name: string): Promise<Payer> {
  const payer = await office.customer(name)
  expect(await payer.subscribes('rising')).toBe(200)
  await office.domain.inbox.drain()
  return payer
}

/** Whether somebody who dies on the way was still at it then. */
async function dyingAt(death: Death, work: (domain: BackOffice['domain']) => Promise<unknown>) {
  const mortality = createMortality()
  const wire = await mortality.wire(simulator.url)
  const mortal = await openBackOffice({
    database: mortality.database(database),
    simulatorUrl: simulator.url,
    stripeUrl: () => wire,
  })
  mortality.doom(death)
  await work(mortal.domain).catch(() => undefined)
  const hasDied = mortality.isDead()
  mortality.end()
  await mortal.close()
  return hasDied
}

async function totals({ id }: Payer): Promise<number[]> {
  const { data } = await office.domain.billing.list('test', { customerId: id }, { limit: 20 })
  return data.toReversed().map(({ totalMinor }) => Number(totalMinor))
}

async function totalsInStripe({ stripeCustomerId: customer }: Payer): Promise<number[]> {
  const { data } = await office.stripe.invoices.list({ customer, limit: 20 })
  return data.toReversed().map(({ total }) => total)
}

async function subscriptionOf({ id }: Payer) {
  const found = await office.domain.subscriptions.findOpen('test', id)
  if (found === undefined) throw new Error('There is no subscription')
  return found
}

test('whoever dies while a later price is scheduled, or a change takes its place, leaves the right invoices behind', async () => {
  const scheduling: Payer[] = []
  const changing: { readonly payer: Payer; readonly isChanged: boolean }[] = []
  let deaths = 0
  for (const [i, death] of DEATHS.entries()) {
    const payer = await buys(`s${i}`)
    const { id } = await subscriptionOf(payer)
    deaths += Number(await dyingAt(death, ({ phaseSchedules }) => phaseSchedules.check('test', id)))
    scheduling.push(payer)
  }
  await office.settle()
  for (const [i, death] of DEATHS.entries()) {
    const payer = await buys(`c${i}`)
    await office.settle()
    const { id } = await subscriptionOf(payer)
    const request = { planKey: 'steady', planVersion: null, timing: 'auto' } as const
    const { change } = await office.domain.changes.preview(office.caller, id, request)
    const execute = ({ changes }: BackOffice['domain']) =>
      changes.execute(office.caller, id, change.id)
    deaths += Number(await dyingAt(death, execute))
    const after = await office.domain.changes.find('test', change.id)
    changing.push({ payer, isChanged: after?.state !== 'quoted' })
  }
  // Whoever asked for a change might still be at it for a minute.
  await office.advance('PT1H')

  for (let month = 0; month < 3; month++) await office.advance('P1M')

  expect(deaths).toBeGreaterThan(DEATHS.length)
  for (const payer of scheduling) {
    expect(await totalsInStripe(payer)).toEqual([1000, 1000, 2900, 2900])
    expect(await totals(payer)).toEqual([1000, 1000, 2900, 2900])
  }
  for (const { payer, isChanged } of changing) {
    const amounts = isChanged ? [1000, 500, 500, 500] : [1000, 1000, 2900, 2900]
    expect(await totalsInStripe(payer)).toEqual(amounts)
    expect(await totals(payer)).toEqual(amounts)
  }
}, 240_000)
