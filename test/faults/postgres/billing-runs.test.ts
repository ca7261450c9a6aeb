import { describe, expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'
import { migrate } from '../../../src/platform/database/migrate.ts'
import { HAS_POSTGRES, startPostgres } from '../../support/postgres.ts'
import { amounts, type Death, openBillingStage } from '../billing/stage.ts'

const CUSTOMERS = 8

async function aStage() {
  const server = await startPostgres()
  await server.start()
  const database: Database = await openDatabase({ url: server.url })
  await migrate(database.db)
  const stage = await openBillingStage(database, { url: server.url }, CUSTOMERS)
  onTestFinished(async () => {
    await stage.close()
    await database.close()
  })
  return stage
}

describe.skipIf(!HAS_POSTGRES)('PostgreSQL (needs its server programs)', () => {
  test.each<{ readonly name: string; readonly death: Death | undefined }>([
    { name: 'both live', death: undefined },
    { name: 'one is killed while it closes periods', death: { afterMs: 40 } },
    {
      name: 'one is killed when Stripe has made an invoice and nobody was told',
      death: { writes: 2, isCarriedOut: true },
    },
  ])(
    'U37 two billing runs over the same customers in two processes bill everybody once ($name)',
    async ({ death }) => {
      const stage = await aStage()
      const { domain, caller } = stage.office
      const rehearsed = amounts(await domain.billingRuns.rehearse('test'))
      const runs = [await domain.billingRuns.start(caller), await domain.billingRuns.start(caller)]

      await Promise.all(
        runs.map(({ id }, n) => stage.workUntil(n === 0 ? death : undefined, id, 0)),
      )
      // What the dead one held is free after a while, and taken up.
      const outcomes = []
      for (const { id } of runs) outcomes.push(await stage.workUntil(undefined, id, 1))

      expect(rehearsed.size).toBe(CUSTOMERS)
      for (const outcome of outcomes) {
        expect(outcome?.run).toMatchObject({ state: 'finished', total: CUSTOMERS, failed: 0 })
      }
      await stage.expectBilledOnce(rehearsed, outcomes.at(-1))
    },
  )
})
