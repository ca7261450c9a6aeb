import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'
import { migrate } from '../../../src/platform/database/migrate.ts'
import { amounts, type BillingStage, type Death, openBillingStage, type Outcome } from './stage.ts'

const CUSTOMERS = 5

const DEATHS: readonly Death[] = [
  { afterMs: 30 },
  { writes: 1, isCarriedOut: false },
  { writes: 2, isCarriedOut: true },
  { writes: 5, isCarriedOut: true },
  { writes: 8, isCarriedOut: false },
]

const folder = mkdtempSync(join(tmpdir(), 'farebox-run-'))
let database: Database
let stage: BillingStage

beforeAll(async () => {
  const storage = { kind: 'folder', folder } as const
  database = await openDatabase({
    storage,
    onFailure: (error) => {
      throw error
    },
  })
  await migrate(database.db)
  stage = await openBillingStage(database, { storage }, CUSTOMERS)
}, 120_000)
afterAll(async () => {
  await stage.close()
  rmSync(folder, { recursive: true, force: true })
})

test('S4.22 a billing run that is killed again and again bills everybody once, as it was rehearsed', async () => {
  const { domain, caller } = stage.office
  const rehearsed = amounts(await domain.billingRuns.rehearse('test'))
  const again = amounts(await domain.billingRuns.rehearse('test'))
  const run = await domain.billingRuns.start(caller)
  domain.clocks.close()
  await database.close()

  const outcomes: (Outcome | undefined)[] = []
  for (const [index, death] of [...DEATHS, undefined].entries()) {
    outcomes.push(await stage.workUntil(death, run.id, index))
  }
  const last = outcomes.at(-1)

  expect(rehearsed.size).toBe(CUSTOMERS)
  expect(again).toEqual(rehearsed)
  expect(outcomes.filter((outcome) => outcome === undefined).length).toBeGreaterThanOrEqual(3)
  expect(last?.run).toMatchObject({ state: 'finished', total: CUSTOMERS, closed: CUSTOMERS })
  await stage.expectBilledOnce(rehearsed, last)
})
