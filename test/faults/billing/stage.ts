import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { BillingRun } from '../../../src/domain/billing/runs/billing-run.ts'
import type { Rehearsal } from '../../../src/domain/billing/runs/service.ts'
import { MINUTE_MS } from '../../../src/kit/instant.ts'
import type { Database } from '../../../src/platform/database/database.ts'
import { createSimulatedClock } from '../../../src/start/simulated-clock.ts'
import { type BackOffice, openBackOffice, type Payer } from '../../support/back-office.ts'
import { aFee, aPlan, unit, usageCard } from '../../support/plans.ts'

/** Longer than the lease of a job: what a dead process held is free then. */
const LATER_MS = 3 * MINUTE_MS

/** No process needs so long; one that does shows as the last one's missing outcome. */
const MAX_LIFE_MS = 40_000

/**
 * Where a process is killed. By time, while periods are closed and Stripe has not been asked yet; or when Stripe has got
 * so many requests that change something, before or after it has carried out the last one.
 */
export type Death =
  | { readonly afterMs: number }
  | { readonly writes: number; readonly isCarriedOut: boolean }

export interface Outcome {
  readonly run: BillingRun
  readonly invoices: readonly { customerId: string; state: string; totalMinor: string }[]
}

/** How a process finds the database. */
export type Place = { readonly url: string } | { readonly storage: object }

export interface BillingStage {
  readonly office: BackOffice
  readonly payers: readonly Payer[]
  /** A process that does the jobs; answers what it had achieved, if it was quicker than its death. */
  workUntil(death: Death | undefined, runId: string, attempt: number): Promise<Outcome | undefined>
  /** Everybody has the fee of the first period and the bill of the run, here and at Stripe, and paid each once. */
  expectBilledOnce(rehearsed: ReadonlyMap<string, string>, last: Outcome | undefined): Promise<void>
  close(): Promise<void>
}

/** Customers whose period is over, with a bill of 20.00 and 0.25 for each of 1, 2, 3 … units. */
export async function openBillingStage(
  database: Database,
  place: Place,
  customers: number,
): Promise<BillingStage> {
  const office = await openBackOffice({ database })
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
  const payers: Payer[] = []
  for (let n = 0; n < customers; n++) payers.push(await office.customer(`Payer${n}`))
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

  /** Answers what the process had achieved, if it was quicker than its death. */
  async function workUntil(death: Death | undefined, runId: string, attempt: number) {
    let count = 0
    const wire = await openWire(office.simulatorUrl, async (carryOut) => {
      count++
      const isLast = death !== undefined && 'writes' in death && count >= death.writes
      if (!isLast) return void (await carryOut())
      if (death.isCarriedOut && count === death.writes) await carryOut()
      child.kill('SIGKILL')
    })
    const { port } = wire.address() as AddressInfo
    const args = [
      JSON.stringify(place),
      `http://127.0.0.1:${port}`,
      runId,
      String(attempt * LATER_MS),
    ]
    const child: ChildProcess = fork(join(import.meta.dirname, 'run-process.ts'), args)
    let outcome: Outcome | undefined
    child.on('message', (message) => {
      if (typeof message === 'object') outcome = message as Outcome
      else if (death !== undefined && 'afterMs' in death) {
        setTimeout(() => child.kill('SIGKILL'), death.afterMs)
      }
    })
    const hung = setTimeout(() => child.kill('SIGKILL'), MAX_LIFE_MS)
    await once(child, 'exit')
    clearTimeout(hung)
    wire.closeAllConnections()
    wire.close()
    return outcome
  }

  return {
    office,
    payers,
    workUntil,
    async expectBilledOnce(rehearsed, last) {
      // Everybody used something else: 20.00 and 0.25 for each unit.
      expect([...rehearsed.values()].map(Number).toSorted((a, b) => a - b)).toEqual(
        payers.map((_, n) => 2_000 + 25 * (n + 1)),
      )
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
    },
    close: () => office.close(),
  }
}

export const amounts = (rehearsal: Rehearsal) =>
  new Map(rehearsal.bills.map(({ customerId, totalMinor }) => [customerId, String(totalMinor)]))

/** Stripe with somebody in between, who may let an answer never arrive. */
async function openWire(
  stripeUrl: string,
  onWrite: (carryOut: () => Promise<unknown>) => Promise<void>,
): Promise<Server> {
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
