import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BillingRun } from '../../../src/domain/billing/runs/billing-run.ts'
import type { Rehearsal } from '../../../src/domain/billing/runs/service.ts'
import { MINUTE_MS } from '../../../src/kit/instant.ts'
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'
import { migrate } from '../../../src/platform/database/migrate.ts'
import { createSimulatedClock } from '../../../src/start/simulated-clock.ts'
import { type BackOffice, openBackOffice, type Payer } from '../../support/back-office.ts'
import { aFee, aPlan, unit, usageCard } from '../../support/plans.ts'

const CUSTOMERS = 5
/** Longer than the lease of a job: what a dead process held is free then. */
const LATER_MS = 3 * MINUTE_MS

/** No process needs so long; one that does shows as the last one's missing outcome. */
const MAX_LIFE_MS = 40_000

/**
 * Where a process is killed. By time, while periods are closed and Stripe has not been asked yet; or when Stripe has got
 * so many requests that change something, before or after it has carried out the last one.
 */
type Death =
  | { readonly afterMs: number }
  | { readonly writes: number; readonly isCarriedOut: boolean }
const DEATHS: readonly Death[] = [
  { afterMs: 30 },
  { writes: 1, isCarriedOut: false },
  { writes: 2, isCarriedOut: true },
  { writes: 5, isCarriedOut: true },
  { writes: 8, isCarriedOut: false },
]

interface Outcome {
  readonly run: BillingRun
  readonly invoices: readonly { customerId: string; state: string; totalMinor: string }[]
}

const folder = mkdtempSync(join(tmpdir(), 'farebox-run-'))
let database: Database
let office: BackOffice
let payers: Payer[]
let wire: Server
/** Told of each request that would change something in Stripe. */
let onWrite: (carryOut: () => Promise<unknown>) => Promise<void> = (carryOut) =>
  carryOut().then(() => undefined)

beforeAll(async () => {
  database = await openDatabase({
    storage: { kind: 'folder', folder },
    onFailure: (error) => {
      throw error
    },
  })
  await migrate(database.db)
  office = await openBackOffice({ database })
  wire = await openWire(office.simulatorUrl)
  const { domain, caller } = office
  const meter = { key: 'units', name: 'Units', aggregation: 'sum', valueProperty: 'n' } as const
  await domain.catalog.createMeter(caller, { ...meter, eventType: 'units', unit: 'unit' })
  await domain.catalog.createFeature(caller, { key: 'units', name: 'Units', meterKey: 'units' })
  const definition = aPlan({ engine: 'stripe_invoice', checkoutMode: 'setup' }, [
    aFee('20.00'),
    usageCard('units', unit('0.25')),
  ])
  await domain.catalog.createPlan(caller, { key: 'rented', isDefault: false, definition })
  await domain.publishing.publish(caller, 'rented')
  payers = []
  for (let n = 0; n < CUSTOMERS; n++) payers.push(await office.customer(`Payer${n}`))
  for (const payer of payers) expect(await payer.subscribes('rented')).toBe(200)
  await office.settle()
  const events = payers.map(({ id }, n) => ({
    source: 'test',
    id: `usage_${n}`,
    type: 'units',
    time: domain.clocks.now('test'),
    subject: id,
    subscriptionId: null,
    data: { n: n + 1 },
  }))
  const counted = await domain.ingest.take('test', events, events, false)
  expect(counted.every(({ state }) => state === 'counted')).toBe(true)
  // Time passes, and nobody closes anything yet.
  const at = domain.clocks.now('test') + 32 * 24 * 60 * MINUTE_MS
  await domain.clocks.setTestOffset(await createSimulatedClock(office.simulatorUrl).advanceTo(at))
}, 120_000)
afterAll(async () => {
  wire.closeAllConnections()
  wire.close()
  await office.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Stripe with somebody in between, who may let an answer never arrive. */
async function openWire(stripeUrl: string): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { method = 'GET', url = '', headers } = request
      const { host: _, connection: __, 'content-length': ___, ...kept } = headers
      const carryOut = async () => {
        const body = method === 'POST' ? Buffer.concat(chunks) : null
        const init = { method, headers: kept as Record<string, string>, body }
        const answer = await fetch(`${stripeUrl}${url}`, init)
        response.writeHead(answer.status, { 'content-type': 'application/json' })
        response.end(await answer.text())
      }
      await (method === 'POST' ? onWrite(carryOut) : carryOut())
    })().catch(() => request.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function work(runId: string, attempt: number): ChildProcess {
  const { port } = wire.address() as AddressInfo
  const args = [folder, `http://127.0.0.1:${port}`, runId, String(attempt * LATER_MS)]
  return fork(join(import.meta.dirname, 'run-process.ts'), args)
}

/** Answers what the process had achieved, if it was quicker than its death. */
async function workUntil(death: Death | undefined, runId: string, attempt: number) {
  const child = work(runId, attempt)
  let outcome: Outcome | undefined
  let count = 0
  onWrite = async (carryOut) => {
    count++
    const isLast = death !== undefined && 'writes' in death && count >= death.writes
    if (!isLast) return void (await carryOut())
    if (death.isCarriedOut && count === death.writes) await carryOut()
    child.kill('SIGKILL')
  }
  child.on('message', (message) => {
    if (typeof message === 'object') outcome = message as Outcome
    else if (death !== undefined && 'afterMs' in death) {
      setTimeout(() => child.kill('SIGKILL'), death.afterMs)
    }
  })
  const hung = setTimeout(() => child.kill('SIGKILL'), MAX_LIFE_MS)
  await once(child, 'exit')
  clearTimeout(hung)
  return outcome
}

const amounts = (rehearsal: Rehearsal) =>
  new Map(rehearsal.bills.map(({ customerId, totalMinor }) => [customerId, String(totalMinor)]))

test('S4.22 a billing run that is killed again and again bills everybody once, as it was rehearsed', async () => {
  const { domain, caller } = office
  const rehearsed = amounts(await domain.billingRuns.rehearse('test'))
  const again = amounts(await domain.billingRuns.rehearse('test'))
  const run = await domain.billingRuns.start(caller)
  domain.clocks.close()
  await database.close()

  const outcomes: (Outcome | undefined)[] = []
  for (const [index, death] of [...DEATHS, undefined].entries()) {
    outcomes.push(await workUntil(death, run.id, index))
  }
  const last = outcomes.at(-1)

  expect(rehearsed.size).toBe(CUSTOMERS)
  expect(again).toEqual(rehearsed)
  // Everybody used something else: 20.00 and 0.25 for each unit.
  expect([...rehearsed.values()].map(Number).toSorted((a, b) => a - b)).toEqual(
    payers.map((_, n) => 2_000 + 25 * (n + 1)),
  )
  expect(outcomes.filter((outcome) => outcome === undefined).length).toBeGreaterThanOrEqual(3)
  expect(last?.run).toMatchObject({ state: 'finished', total: CUSTOMERS, closed: CUSTOMERS })
  for (const { id, stripeCustomerId } of payers) {
    const { data } = await office.stripe.invoices.list({ customer: stripeCustomerId })
    const charged = await office.stripe.charges.list({ customer: stripeCustomerId })
    const due = Number(rehearsed.get(id))

    // The fee of the first period, then the run's invoice.
    expect(data.map(({ status, total }) => [status, total])).toEqual([
      ['paid', due],
      ['paid', 2_000],
    ])
    expect(charged.data.map(({ amount, paid }) => [paid, amount])).toEqual([
      [true, due],
      [true, 2_000],
    ])
    const ours = last?.invoices.filter(({ customerId }) => customerId === id)
    expect(ours?.map(({ state, totalMinor }) => [state, Number(totalMinor)])).toEqual([
      ['paid', due],
      ['paid', 2_000],
    ])
  }
})
