/**
 * `npm run bench:billing`: what rating and closing a period costs for each subscription, when there are a thousand of
 * them and when there are a hundred thousand. A subscription with a fee and metered usage is bought once in the whole
 * product and copied; then the billing run closes all that is due and writes their invoices and items.
 * Stripe is not asked: its rate limit, not this code, says how fast invoices get there.
 *
 *     npm run bench:billing -- --subscriptions 100000
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SECOND_MS } from '../../src/kit/instant.ts'
import { keep, multiply, openDomain, sow } from './seed.ts'

const { values } = parseArgs({ options: { subscriptions: { type: 'string', default: '100000' } } })
const GOAL = 1.25
const FEW = 1_000
const many = Number(values.subscriptions)

const folder = mkdtempSync(join(os.tmpdir(), 'farebox-bench-billing-'))
try {
  await compare()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function compare(): Promise<void> {
  const [cpu] = os.cpus()
  console.log(
    `${os.availableParallelism()} cores of ${cpu?.model.trim() ?? '?'}, Node ${process.version}, embedded database\n`,
  )
  const seed = await sow(folder)
  const { database, domain } = await openDomain(folder, () => seed.periodEndsAt + SECOND_MS)
  await keep(database, seed)
  console.log('| subscriptions | CPU ms each | ms each | in all s |\n|--:|--:|--:|--:|')
  await close(FEW / 2, 0)
  const few = await close(FEW, FEW)
  const last = await close(many, 2 * FEW)
  const ratio = last / few
  const verdict = ratio <= GOAL ? 'met' : 'missed'
  console.log(
    `\nOf ${many.toLocaleString('en')}, each costs ${ratio.toFixed(2)} times what one of ${FEW.toLocaleString('en')} does; goal at most ${GOAL}: ${verdict}`,
  )
  domain.clocks.close()
  await database.close()

  /** Closes so many new ones; what each cost in processor time. */
  async function close(count: number, from: number): Promise<number> {
    await multiply(database, from, count)
    const now = domain.clocks.now('test')
    const closed = await domain.subscriptions.countDue('test', null, now)
    const startedAt = performance.now()
    const before = process.cpuUsage()
    await domain.billingRuns.runDue('test')
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1_000 / closed
    const wallMs = performance.now() - startedAt
    const left = await domain.subscriptions.countDue('test', null, now)
    if (left > 0) throw new Error(`${left} of ${closed} were not closed`)
    console.log(
      `| ${closed.toLocaleString('en')} | ${cpuMs.toFixed(2)} | ${(wallMs / closed).toFixed(2)} | ${(wallMs / 1_000).toFixed(1)} |`,
    )
    return cpuMs
  }
}
