import { sql } from 'kysely'
import { loadConfig } from '../../src/config.ts'
import type { Clock } from '../../src/kit/clock.ts'
import type { Instant } from '../../src/kit/instant.ts'
import { type Database, openDatabase } from '../../src/platform/database/database.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMailboxMailer } from '../../src/platform/mail/mail.ts'
import { createSecrets, loadMasterKey } from '../../src/platform/secrets.ts'
import { composeDomain, type Domain } from '../../src/start/compose.ts'
import { databaseOptions } from '../../src/start/folder.ts'
import { fee, monthly, priced } from '../../test/support/sold-plans.ts'
import { until } from '../../test/support/until.ts'
import { openWorld } from '../../test/support/world.ts'

/** A customer who bought a plan of ours, saved a card, has paid the first period and has used something since. */
export interface Seed {
  readonly customerId: string
  readonly subscriptionId: string
  readonly periodEndsAt: Instant
}

const PLAN = monthly(
  'Compute',
  [fee('20.00'), priced('requests', { type: 'unit', amount: '0.25' })],
  {
    engine: 'stripe_invoice',
    checkoutMode: 'setup',
  },
)

/** Bought once as customers do, in the whole product; what it left in the folder is what is copied. */
export async function sow(folder: string): Promise<Seed> {
  const world = await openWorld({ data: folder })
  try {
    await world.sells('compute', PLAN)
    const actor = await world.customer('Ada')
    const purchase = await actor.choosesPlan('compute')
    await purchase.pays()
    await purchase.settles()
    const { unrevealedKeyIds } = await actor.portal.get('/api/v1/portal/overview')
    const { secret } = await actor.portal.post('/api/v1/portal/keys/{keyId}/reveal', {
      params: { keyId: unrevealedKeyIds[0] ?? '' },
    })
    actor.usesKey(secret)
    const { subscription } = await until(
      () => actor.overview(),
      (overview) => overview.subscription?.lifecycle === 'active',
    )
    await actor.callsTimes(8)
    await world.running.gateway.flush()
    if (subscription === null) throw new Error('The seed has no subscription')
    const sold = await world.operator.get('/api/v1/subscriptions/{subscriptionId}', {
      params: { subscriptionId: subscription.id },
    })
    return {
      customerId: sold.customerId,
      subscriptionId: sold.id,
      periodEndsAt: Date.parse(subscription.currentPeriod?.endsAt ?? ''),
    }
  } finally {
    await world.close()
  }
}

/** The services over the folder, without anything that works by itself. */
export async function openDomain(
  folder: string,
  now: () => Instant,
): Promise<{ database: Database; domain: Domain }> {
  const config = loadConfig({ env: {}, folder, flags: { data: folder } })
  const database = await openDatabase(
    databaseOptions(config, (error) => {
      throw error
    }),
  )
  const clock: Clock = { now }
  const masterKey = loadMasterKey(folder, undefined)
  const domain = await composeDomain({
    config,
    database,
    systemClock: clock,
    log: createLog({ level: 'error', format: 'text' }),
    mailer: createMailboxMailer(database.db, clock),
    secrets: createSecrets(masterKey),
    sessionSecret: 'not used here',
    consoleUrl: 'http://console.test',
    simulatorUrl: 'http://127.0.0.1:9',
  })
  return { database, domain }
}

/** What there is of a customer that closing a period reads. */
const TABLES = [
  ['customers', 'id'],
  ['subscriptions', 'customer_id'],
  ['billing_periods', 'subscription_id'],
  ['subscription_stays', 'subscription_id'],
  ['usage_rollups', 'customer_id'],
] as const

const kept = (table: string) => sql.table(`seed_${table}`)

/** Keeps the seed's rows as they are before anything is closed. */
export async function keep(database: Database, seed: Seed): Promise<void> {
  for (const [table, owner] of TABLES) {
    const id = owner === 'subscription_id' ? seed.subscriptionId : seed.customerId
    await sql`
      create table ${kept(table)} as select * from ${sql.table(table)} where ${sql.ref(owner)} = ${id}`.execute(
      database.db,
    )
  }
}

/** Copies the seed's rows, numbered from `from`, with ids and keys of their own. */
export async function multiply(database: Database, from: number, count: number): Promise<void> {
  for (const [table] of TABLES) {
    await sql`
      insert into ${sql.table(table)}
      select (jsonb_populate_record(t, row || coalesce(ids.renamed, '{}'))).*
      from ${kept(table)} k
      cross join generate_series(${from}::int, ${from + count - 1}::int) as n
      cross join lateral (select to_jsonb(k) as row) r
      cross join lateral (
        select jsonb_object_agg(key, value || '_' || n) as renamed from jsonb_each_text(row)
        where key in ('id', 'key', 'customer_id', 'subscription_id')
      ) ids
      cross join lateral (select null::${sql.table(table)} as t) empty`.execute(database.db)
  }
  await sql`analyze`.execute(database.db)
}
