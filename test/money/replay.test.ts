import { sql } from 'kysely'
import type { Stripe } from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/platform/database/database.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { sellsCredits } from '../support/credit-pack.ts'
import { type Chance, createChance } from '../simulation/chance.ts'
import { control } from '../support/simulator-control.ts'
import { DEEDS, isExpected } from '../simulation/deeds.ts'

/**
 * Everything Stripe has told of some eventful months is told again: to a console that remembers no event, in any order,
 * some twice, some never. `REPLAY_SEED=7` repeats one.
 */
const SECRET = 'whsec_replayed'
const CUSTOMERS = 3
const STEPS = 30
const SEED = Number(process.env['REPLAY_SEED'] ?? 20_261_121)
const TELLINGS = 2

/** Which event was seen, and when whatever is known was last looked at: what a repetition may change. */
const OF_THE_TELLING = new Set(['stripe_events', 'jobs', 'audit_entries'])
const OF_THE_LOOK = ['provider_ticket', 'updated_at', 'version', 'read_at']

/** Answers everything Stripe told; it forgets what is older than a month. */
async function happens(
  office: BackOffice,
  payers: readonly Payer[],
  chance: Chance,
): Promise<Stripe.Event[]> {
  const events = new Map<string, Stripe.Event>()
  async function listen(): Promise<void> {
    for await (const event of office.stripe.events.list({ limit: 100 })) events.set(event.id, event)
  }
  for (const [n, planKey] of ['pro', 'scale', 'payg'].entries()) {
    expect(await payers[n]?.subscribes(planKey)).toBe(200)
  }
  await office.settle()
  for (let step = 0; step < STEPS; step++) {
    const deed = chance.pick(DEEDS)
    const expected = { usage: 0, burned: 0 }
    const scene = { office, payer: chance.pick(payers), chance, expected, id: `step${step}` }
    await deed(scene).catch((error: unknown) => {
      if (!isExpected(error)) throw error
    })
    if (chance.next() < 0.5) await office.settle()
    await listen()
  }
  for (const faults of ['faults', 'declines']) await control(office, `/_sim/${faults}/clear`, {})
  await office.advance('P4D')
  await office.settle()
  await listen()
  return [...events.values()]
}

/** Every row there is, but for what is about the telling. */
async function rowsOf({ database }: BackOffice): Promise<Record<string, unknown>> {
  const { rows: tables } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`.execute(
    database.db,
  )
  const all: Record<string, unknown> = {}
  for (const { name } of tables.filter((table) => !OF_THE_TELLING.has(table.name))) {
    const { rows } = await sql<{ row: string }>`
      select (to_jsonb(t) - ${OF_THE_LOOK}::text[])::text as row from ${sql.table(name)} t order by 1`.execute(
      database.db,
    )
    all[name] = rows.map(({ row }) => row)
  }
  all['audit_entries'] = await actionsOf(database)
  return all
}

/** Chained to each other, so that the sync alone changes every one: what they are about has to stay the same. */
async function actionsOf(database: Database): Promise<unknown[]> {
  const { rows } = await sql<{ entry: string }>`
    select action || ' ' || coalesce(target_id, '') as entry from audit_entries
    where action <> 'stripe.synced' order by position`.execute(database.db)
  return rows.map(({ entry }) => entry)
}

/** What Stripe has of the customers, and what it was asked to do. */
async function stripeOf({ stripe }: BackOffice, payers: readonly Payer[]) {
  const everything: unknown[] = []
  for (const { stripeCustomerId: customer } of payers) {
    const of = { customer, limit: 100 }
    everything.push(
      await stripe.customers.retrieve(customer),
      (await stripe.subscriptions.list({ ...of, status: 'all' })).data,
      (await stripe.invoices.list(of)).data,
      (await stripe.charges.list(of)).data,
      (await stripe.paymentIntents.list(of)).data,
      (await stripe.creditNotes.list(of)).data,
      (await stripe.paymentMethods.list(of)).data,
    )
  }
  everything.push((await stripe.refunds.list({ limit: 100 })).data)
  everything.push((await stripe.disputes.list({ limit: 100 })).data)
  return everything
}

test(`S5.15.4 whatever Stripe tells again, in any order, twice or never: rows, mails and charges stay as they are (seed ${SEED})`, async () => {
  const office = await openBackOffice()
  onTestFinished(() => office.close())
  await office.domain.settings.set(office.caller, 'payment.stripe.webhook_secret', SECRET)
  await sellsCredits(office)
  const payers: Payer[] = []
  for (let n = 0; n < CUSTOMERS; n++) payers.push(await office.customer(`Customer${n}`))
  const events = await happens(office, payers, createChance(SEED))
  expect(events.length).toBeGreaterThan(100)
  const rows = await rowsOf(office)
  const stripe = await stripeOf(office, payers)
  const mails = await office.mails()

  for (let telling = 0; telling < TELLINGS; telling++) {
    const seed = SEED + telling
    const chance = createChance(seed)
    const heard = events.filter(() => chance.next() < 0.9)
    const twice = heard.filter(() => chance.next() < 0.3)
    await sql`delete from stripe_events`.execute(office.database.db)
    for (const event of chance.shuffle([...heard, ...twice])) {
      const payload = JSON.stringify(event, null, 2)
      const header = office.stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET })
      await office.domain.inbox.receive('test', Buffer.from(payload), header)
      if (chance.next() < 0.05) await office.domain.inbox.apply()
    }
    await office.settle()
    for (const { id } of payers) await office.domain.reconcile.customer(office.caller, id, false)
    await office.settle()

    const why = `told again with seed ${seed}`
    expect(await rowsOf(office), why).toEqual(rows)
    expect(await stripeOf(office, payers), why).toEqual(stripe)
    expect(await office.mails(), why).toEqual(mails)
  }
}, 120_000)
