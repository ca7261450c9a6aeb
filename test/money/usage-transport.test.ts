import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kit/instant.ts'
import { createSimulatedClock } from '../../src/start/simulated-clock.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'
import { uses } from '../support/usage.ts'

const METER_EVENTS = '/v1/billing/meter_events'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

async function paying(name: string): Promise<Payer> {
  const payer = await office.customer(name)
  await payer.subscribes('payg')
  await office.settle()
  return payer
}
const flush = () => office.domain.reporting.flush('test')
/** However often it is tried meanwhile. */
async function flushLosing(kind: 'lost_request' | 'lost_response'): Promise<void> {
  await arrangeCallFault(office, { kind, method: 'POST', path: METER_EVENTS, next: 100 })
  await flush()
  await control(office, '/_sim/faults/clear', {})
}
const reports = (payer: Payer) =>
  office.database.db
    .selectFrom('meterReports')
    .select(['id', 'state', 'value', 'attempts', 'error'])
    .where('customerId', '=', payer.id)
    .orderBy('id')
    .execute()
/** Puts the queue into the state some accident leaves it in. */
const set = (payer: Payer, values: Readonly<Record<string, unknown>>) =>
  office.database.db
    .updateTable('meterReports')
    .set(values)
    .where('customerId', '=', payer.id)
    .execute()
const due = (payer: Payer) => set(payer, { nextAt: new Date(0), leaseUntil: null })
async function counted({ stripeCustomerId }: Payer): Promise<number> {
  const { data: meters } = await office.stripe.billing.meters.list()
  const minute = Math.floor(office.domain.clocks.now('test') / 60_000) * 60
  const { data } = await office.stripe.billing.meters.listEventSummaries(meters[0]?.id ?? '', {
    customer: stripeCustomerId,
    start_time: minute - 60 * 86_400,
    end_time: minute + 86_400,
  })
  return data[0]?.aggregated_value ?? 0
}
const openFindings = async ({ id }: Payer) =>
  (await office.domain.findings.list('test', { customerId: id, state: 'open' }, { limit: 10 })).data

test('P19 killed between sending and noting it, usage is sent again under its identifier and counts once', async () => {
  const ada = await paying('Ada')
  await uses(office, ada, 5)
  await flush()
  await set(ada, { state: 'pending', sentAt: null, leaseUntil: new Date(0) })

  await flush()

  expect(await reports(ada)).toMatchObject([{ state: 'sent', value: 5n, attempts: 2 }])
  expect(await counted(ada)).toBe(5)
})

test('P10 P19 an answer that is lost on its way counts nothing twice', async () => {
  const bob = await paying('Bob')
  await uses(office, bob, 4)
  await flushLosing('lost_response')
  expect(await reports(bob)).toMatchObject([{ state: 'pending' }])

  await due(bob)
  await flush()

  expect(await reports(bob)).toMatchObject([{ state: 'sent' }])
  expect(await counted(bob)).toBe(4)
})

test('P20 Stripe forgets identifiers after a day: after 23 hours without an answer its totals are asked, not the event sent again', async () => {
  const cleo = await paying('Cleo')
  const before = { firstSentAt: new Date(Date.now() - 24 * HOUR_MS), sentAt: null }
  await uses(office, cleo, 6)
  await flush()
  await set(cleo, { ...before, state: 'pending' })
  await due(cleo)
  await flush()
  expect(await reports(cleo)).toMatchObject([{ state: 'verify' }])

  await due(cleo)
  await flush()

  expect(await reports(cleo)).toMatchObject([{ state: 'sent' }])
  expect(await counted(cleo)).toBe(6)
})

test('P20 a report that never arrived is found missing in the totals, and sent', async () => {
  const dan = await paying('Dan')
  await uses(office, dan, 8)
  await flushLosing('lost_request')
  await set(dan, { firstSentAt: new Date(Date.now() - 24 * HOUR_MS) })
  await due(dan)
  await flush()
  expect(await reports(dan)).toMatchObject([{ state: 'verify' }])
  expect(await counted(dan)).toBe(0)

  await due(dan)
  await flush()
  await flush()

  expect(await reports(dan)).toMatchObject([{ state: 'sent' }])
  expect(await counted(dan)).toBe(8)
})

test('what nobody can tell is told to people, and not sent again', async () => {
  const eve = await paying('Eve')
  await uses(office, eve, 8)
  await flush()
  await set(eve, { state: 'verify', value: 9n })
  await due(eve)
  await flush()
  expect(await reports(eve)).toMatchObject([{ state: 'verify', error: 'Nobody can tell' }])
  expect(await openFindings(eve)).toMatchObject([{ category: 'meter', subjectKind: 'usage' }])
  expect(await counted(eve)).toBe(8)
})

test('P20 a report that cannot be sent holds up nobody else', async () => {
  const fay = await paying('Fay')
  const gil = await paying('Gil')
  const { scope } = await office.domain.connections.stripe('test')
  await uses(office, fay, 3)
  await uses(office, gil, 2)
  await office.domain.connections.markStale(office.database.db, scope, 'customer', fay.id)
  await flush()
  expect(await reports(fay)).toMatchObject([{ state: 'pending' }])
  expect(await reports(gil)).toMatchObject([{ state: 'sent' }])

  await office.domain.connections.map(office.database.db, scope, {
    entityKind: 'customer',
    entityId: fay.id,
    externalId: fay.stripeCustomerId,
    metadata: {},
  })
  await due(fay)
  await flush()
  expect([await counted(fay), await counted(gil)]).toEqual([3, 2])
})

test('P20 usage too old for Stripe is not sent, and told as late', async () => {
  const hal = await paying('Hal')
  await uses(office, hal, 3)
  await flushLosing('lost_request')
  const old = new Date(office.domain.clocks.now('test') - 36 * DAY_MS)
  await set(hal, { at: old, bucketAt: old })
  await due(hal)

  await flush()

  expect(await reports(hal)).toMatchObject([{ state: 'rejected' }])
  expect(await openFindings(hal)).toMatchObject([{ category: 'late', subjectKind: 'usage' }])
  expect(await counted(hal)).toBe(0)
})

test('P20 of one customer and meter one call is under way at a time, in the order of what happened', async () => {
  const ida = await paying('Ida')
  const first = (await office.domain.subscriptions.findOpen('test', ida.id))?.currentPeriod
  for (let hour = 0; hour < 4; hour++) {
    await office.advance('PT1H')
    await uses(office, ida, hour + 1, { at: (first?.startsAt ?? 0) + hour * HOUR_MS })
    await arrangeCallFault(office, { kind: 'delay', path: METER_EVENTS, next: 1 })
    await Promise.all([flush(), flush(), flush()])
  }
  await flush()

  expect(await counted(ida)).toBe(10)
  expect((await reports(ida)).map(({ value }) => value)).toEqual([1n, 2n, 3n, 4n])
})

test('U4 whatever happens to the answers, Stripe counts what was used', async () => {
  const jon = await paying('Jon')
  let used = 0
  for (const [index, kind] of [
    'lost_response',
    'server_error',
    'lost_request',
    'conflict',
  ].entries()) {
    used += index + 1
    await uses(office, jon, index + 1)
    await arrangeCallFault(office, { kind, method: 'POST', path: METER_EVENTS, next: index + 2 })
    await flush()
    await due(jon)
    await flush()
  }
  expect(await counted(jon)).toBe(used)
  const unreported = await sql<{ n: string }>`
    select count(*) as n from meter_reports where customer_id = ${jon.id} and state <> 'sent'`.execute(
    office.database.db,
  )
  expect(Number(unreported.rows[0]?.n)).toBe(0)
})

test('P19 a new draft has everything reported once more, and what comes in while it is one is on it', async () => {
  const kim = await paying('Kim')
  const subscription = await office.domain.subscriptions.findOpen('test', kim.id)
  const { startsAt = 0, endsAt = 0 } = subscription?.currentPeriod ?? {}
  await uses(office, kim, 10, { at: startsAt })
  // Not further, as traveling in time would.
  const clock = createSimulatedClock(office.simulatorUrl)
  await office.domain.clocks.setTestOffset(await clock.advanceTo(endsAt + MINUTE_MS))
  await office.domain.inbox.drain()
  await office.domain.jobs.drain()
  const latest = async () => {
    const { data } = await office.stripe.invoices.list({ customer: kim.stripeCustomerId })
    return data[0]
  }
  expect((await latest())?.status).toBe('draft')
  expect(await counted(kim)).toBe(10)

  await uses(office, kim, 7, { at: endsAt - HOUR_MS })
  await flush()
  await office.advance('PT2H')

  const invoice = await latest()
  expect(invoice?.status).not.toBe('draft')
  const quantities = invoice?.lines.data.map(({ quantity }) => quantity ?? 0) ?? []
  expect(quantities.reduce((sum, quantity) => sum + quantity, 0)).toBe(17)
})
