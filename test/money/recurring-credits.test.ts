import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatDecimal } from '../../src/kit/decimal.ts'
import { formatInstant } from '../../src/kit/instant.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { fee, monthly, quota, putOnSale } from '../support/sold-plans.ts'
import type { SoldPlan } from '../support/world.ts'

type SoldCard = SoldPlan['phases'][number]['rateCards'][number]

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  await office.advance('2030-01-15T00:00:00Z')
  await putOnSale(office, 'small', monthly('Small', [fee('10.00'), gives('100')]))
  await putOnSale(office, 'large', monthly('Large', [fee('50.00'), gives('500')]))
  await putOnSale(
    office,
    'kept',
    monthly('Kept', [fee('10.00'), gives('100', { validFor: 'P3M' })]),
  )
  await putOnSale(
    office,
    'rolls',
    monthly('Rolls', [fee('10.00'), rollsOver('requests', '100', '120')]),
  )
})
afterAll(() => office.close())

function gives(amount: string, changes: { readonly validFor?: string } = {}): SoldCard {
  const creditGrant = { unit: 'custom:credits', amount, every: 'P1M', ...changes }
  return { key: 'credits', name: 'Credits', billingCadence: 'P1M', creditGrant }
}

function rollsOver(featureKey: string, limit: string, maximum: string): SoldCard {
  const card = quota(featureKey, limit)
  const { entitlement } = card
  if (entitlement?.type !== 'metered') throw new Error('A quota is metered')
  return { ...card, entitlement: { ...entitlement, rollover: { maximum, validFor: 'P2M' } } }
}

/** `plan 100 until 2030-02-15`, oldest first. */
async function grants({ id }: Payer): Promise<string[]> {
  const all = await office.domain.credits.grants('test', id)
  return all.toReversed().map(({ grant: { category, amount, expiresAt } }) => {
    const until = expiresAt === null ? 'ever' : formatInstant(expiresAt).slice(0, 10)
    return `${category} ${formatDecimal(amount)} until ${until}`
  })
}

async function available({ id }: Payer): Promise<string> {
  const balances = await office.domain.credits.balances('test', id)
  return balances.map(({ available: left }) => formatDecimal(left)).join()
}

let events = 0
async function uses({ id }: Payer, count: number): Promise<void> {
  const all = Array.from({ length: count }, () => ({
    source: 'test',
    id: `event-${events++}`,
    type: 'request',
    time: null,
    subject: id,
    subscriptionId: null,
    data: {},
  }))
  const results = await office.domain.ingest.take('test', all, all, false)
  expect(results.every(({ state }) => state === 'counted')).toBe(true)
}

const sumsOfLedger = async () => {
  const { rows } = await sql<{ id: string }>`
    select g.id from credit_grants g where g.granted <> (
      select coalesce(sum(amount), 0) from credit_entries e where e.grant_id = g.id and e.type = 'granted')`.execute(
    office.database.db,
  )
  return rows
}

test('U46 a plan gives its credits once for each period, however often and by however many it is tried', async () => {
  const ada = await office.onPlan('Ada', 'small')
  const now = office.domain.clocks.now('test')
  expect(await grants(ada)).toEqual(['plan 100 until 2030-02-15'])

  await Promise.all([1, 2, 3].map(() => office.domain.moneyDue.runDue('test', now)))
  // Somebody restored a backup from before it was noted.
  await sql`delete from credit_recurrences`.execute(office.database.db)
  await Promise.all([1, 2, 3].map(() => office.domain.moneyDue.runDue('test', now)))
  expect(await grants(ada)).toEqual(['plan 100 until 2030-02-15'])

  await office.advance('2030-03-20T00:00:00Z')
  expect(await grants(ada)).toEqual([
    'plan 100 until 2030-02-15',
    'plan 100 until 2030-03-15',
    'plan 100 until 2030-04-15',
  ])
  expect(await available(ada)).toBe('100')
  expect(await sumsOfLedger()).toEqual([])
  const told = (await office.mails()).filter((mail) => /^ada@.*credits were added/.test(mail))
  expect(told).toHaveLength(3)
})

test('U46 a crash between the grant and its note leaves neither, and the next run gives both', async () => {
  const bob = await office.customer('Bob')
  await sql
    .raw(`
    create function refuse_note() returns trigger language plpgsql as 'begin raise exception ''the power is off''; end';
    create trigger refuse_note before insert or update on credit_recurrences for each row execute function refuse_note()`)
    .execute(office.database.db)
  expect(await bob.subscribes('small')).toBe(200)
  await expect(office.settle()).rejects.toThrow('the power is off')
  expect(await grants(bob)).toEqual([])

  await sql.raw('drop function refuse_note() cascade').execute(office.database.db)
  await office.settle()
  expect(await grants(bob)).toHaveLength(1)
  expect(await available(bob)).toBe('100')
})

test('credits of a plan that outlive their period add up, and the oldest go first', async () => {
  const cleo = await office.onPlan('Cleo', 'kept')
  await office.advance('P1M')
  await office.advance('P1M')

  expect(await grants(cleo)).toHaveLength(3)
  expect(await available(cleo)).toBe('300')
})

test('a larger plan gives the difference in the same period, and going back and forth gives nothing twice', async () => {
  const dan = await office.onPlan('Dan', 'small')
  const { id } = (await office.domain.subscriptions.findOpen('test', dan.id))!
  const changesTo = async (planKey: string) => {
    const request = { planKey, planVersion: null, timing: 'immediate' } as const
    const { change } = await office.domain.changes.preview(office.caller, id, request)
    await office.domain.changes.execute(office.caller, id, change.id)
    await office.settle()
  }

  await changesTo('large')
  expect((await grants(dan)).map((text) => text.split(' ')[1])).toEqual(['100', '400'])
  await changesTo('small')
  await changesTo('large')

  expect(await available(dan)).toBe('500')
})

test('what a quota left unused rolls over in a grant of its own, up to the cap and until its own end', async () => {
  const eve = await office.onPlan('Eve', 'rolls')
  await uses(eve, 30)
  await office.advance('P1M')
  await office.advance('PT2H')

  expect((await grants(eve)).map((text) => text.slice(0, 11))).toEqual(['rollover 70'])
  expect(await available(eve)).toBe('70')

  // The next window uses nothing: 50 more would pass the cap of 120.
  await office.advance('P1M')
  expect((await grants(eve)).map((text) => text.slice(0, 11))).toEqual([
    'rollover 70',
    'rollover 50',
  ])
  expect(await available(eve)).toBe('120')

  // The first has ended two months after its window, and makes room.
  await office.advance('P1M')
  expect((await grants(eve)).map((text) => text.split(' ')[1])).toEqual(['70', '50', '70'])
  expect(await available(eve)).toBe('120')
})
