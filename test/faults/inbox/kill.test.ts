import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE_MS } from '../../../src/kit/instant.ts'
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'
import { migrate } from '../../../src/platform/database/migrate.ts'
import { type BackOffice, openBackOffice } from '../../support/back-office.ts'

const CUSTOMERS = 12
/** Longer than the lease of an event: what a dead process held is free then. */
const LATER_MS = 3 * MINUTE_MS
/** No process needs so long. */
const MAX_LIFE_MS = 60_000

/** Where a process is killed: when Stripe has answered so often, or so long after so many transactions. */
const DEATHS: readonly Death[] = [
  { answers: 6 },
  { commits: 1, afterMs: 0 },
  { commits: 3, afterMs: 2 },
  { commits: 2, afterMs: 10 },
]

interface Death {
  readonly answers?: number
  readonly commits?: number
  readonly afterMs?: number
}

const folder = mkdtempSync(join(tmpdir(), 'farebox-inbox-'))
let office: BackOffice
let customerIds: string[]
let wire: Server
let onAnswer: () => void = () => undefined

const open = (): Promise<Database> =>
  openDatabase({
    storage: { kind: 'folder', folder },
    onFailure: (error) => {
      throw error
    },
  })

/** Everybody has bought a plan and paid; what Stripe says about it is in the inbox, and nobody has looked at it. */
beforeAll(async () => {
  const database = await open()
  await migrate(database.db)
  office = await openBackOffice({ database })
  wire = await openWire(office.simulatorUrl)
  const payers = []
  for (let n = 0; n < CUSTOMERS; n++) payers.push(await office.customer(`Payer${n}`))
  await office.settle()
  for (const payer of payers) expect(await payer.subscribes('pro')).toBe(200)
  await office.domain.inbox.poll('test')
  customerIds = payers.map(({ id }) => id)
  office.domain.clocks.close()
  await database.close()
}, 120_000)
afterAll(async () => {
  wire.closeAllConnections()
  wire.close()
  await office.close()
  rmSync(folder, { recursive: true, force: true })
})

async function openWire(stripeUrl: string): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { method = 'GET', url = '', headers } = request
      const { host: _, connection: __, 'content-length': ___, ...kept } = headers
      const body = method === 'POST' ? Buffer.concat(chunks) : null
      const init = { method, headers: kept as Record<string, string>, body }
      const answer = await fetch(`${stripeUrl}${url}`, init)
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(await answer.text())
      onAnswer()
    })().catch(() => request.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Answers what waited when the process began, and whether it lived to apply all of it. */
async function workUntil(death: Death | undefined, attempt: number) {
  const { port } = wire.address() as AddressInfo
  const args = [folder, `http://127.0.0.1:${port}`, String(attempt * LATER_MS)]
  const child = fork(join(import.meta.dirname, 'apply-process.ts'), args)
  let left: number | undefined
  let hasApplied = false
  let answers = 0
  let commits = 0
  // What is asked and written before anything is applied does not count.
  onAnswer = () => {
    if (left !== undefined && ++answers === death?.answers) child.kill('SIGKILL')
  }
  child.on('message', (message) => {
    if (typeof message === 'object') left = (message as { left: number }).left
    else if (message === 'applied') hasApplied = true
    else if (left !== undefined && ++commits === death?.commits) {
      setTimeout(() => child.kill('SIGKILL'), death.afterMs)
    }
  })
  const hung = setTimeout(() => child.kill('SIGKILL'), MAX_LIFE_MS)
  await once(child, 'exit')
  clearTimeout(hung)
  return { left, hasApplied }
}

test('a process that is killed again and again while it applies events loses none and applies none twice', async () => {
  const lives: Awaited<ReturnType<typeof workUntil>>[] = []
  for (const [attempt, death] of [...DEATHS, undefined].entries()) {
    lives.push(await workUntil(death, attempt))
  }

  const dead = lives.slice(0, -1)
  expect(dead.map(({ hasApplied }) => hasApplied)).toEqual(DEATHS.map(() => false))
  expect(lives.at(-1)?.hasApplied).toBe(true)
  // They died with some of it done and some of it not.
  const left = lives.flatMap((life) => life.left ?? [])
  expect(left).toHaveLength(lives.length)
  expect(left.at(-1)).toBeGreaterThan(0)
  expect(left.at(-1)).toBeLessThan(left[0] ?? 0)

  const database = await open()
  const after = await openBackOffice({
    database,
    simulatorUrl: office.simulatorUrl,
    aheadMs: lives.length * LATER_MS,
  })
  try {
    const { domain } = after
    expect(await domain.inbox.backlog('test')).toEqual([])
    for (const customerId of customerIds) {
      const page = { limit: 50 }
      const invoices = await domain.billing.list('test', { customerId }, page)
      const payments = await domain.payments.list('test', { customerId }, page)
      const subscription = await domain.subscriptions.findOpen('test', customerId)
      const written = await domain.audit.list('test', { customerId }, page)
      const actions = written.data.map(({ action }) => action)

      expect(subscription).toMatchObject({ paymentStatus: 'paid', closedAt: null })
      expect(invoices.data).toMatchObject([{ state: 'paid', totalMinor: 2900n }])
      expect(payments.data).toMatchObject([{ state: 'succeeded', capturedMinor: 2900n }])
      expect(actions.filter((action) => action === 'invoice.paid')).toHaveLength(1)
      expect(actions.filter((action) => action === 'subscription.created')).toHaveLength(1)
    }
    const told = await after.database.db
      .selectFrom('notifications')
      .select(['customerId', 'template'])
      .execute()
    const mails = told.map(({ customerId, template }) => `${customerId} ${template}`)
    expect(mails.length).toBeGreaterThanOrEqual(CUSTOMERS)
    expect(new Set(mails).size).toBe(mails.length)
  } finally {
    await after.close()
  }
})
