import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'farebox-corrections-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function aWorld(): Promise<World> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  await world.sells(
    'agreed',
    monthly('Agreed', [
      fee('29.00'),
      priced(
        'requests',
        { type: 'unit', amount: '0.01' },
        { commitments: { usd: { minimum: '0.05' } } },
      ),
    ]),
  )
  return world
}

const event = (id: string, who: Actor, rest: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: 'app',
  type: 'request',
  subject: who.customerId,
  ...rest,
})

const send = (world: World, events: Record<string, unknown>[]) =>
  world.operator.post('/api/v1/events', { body: events })

function aFile(content: unknown): string {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`)
  writeFileSync(file, JSON.stringify(content))
  return file
}

test('what is taken back, replaced or backfilled after the invoice is corrected on the next one', async () => {
  const world = await aWorld()
  const kim = await world.customer('Kim')
  await kim.subscribes('agreed')
  const inPeriod = await world.now()
  await send(
    world,
    Array.from({ length: 40 }, (_, i) => event(`kim-${i}`, kim)),
  )
  await world.advance('P1M')
  const billed = await until(
    () => kim.invoices(),
    (all) => all.length === 2,
  )

  for (let i = 0; i < 10; i++) {
    await world.operator.post('/api/v1/events/void', {
      body: { source: 'app', id: `kim-${i}`, reason: 'sent by a test' },
    })
  }
  await farebox(
    world,
    `events send ${aFile([1, 2, 3].map((i) => event(`late-${i}`, kim, { time: inPeriod })))} --backfill`,
  )
  await world.advance('P1M')

  expect(billed.at(-1)).toBe('2940 usd paid: 1 × Agreed (at $29.00 / month) 2900; requests: 40 40')
  // 40 − 10 + 3 = 33: seven cents too many were charged then, and nothing was used since but the minimum.
  const corrected = await until(
    () => kim.invoices(),
    (all) => all.length === 3,
  )
  expect(corrected.at(-1)).toMatch(/-7\b/)
  expect((await kim.explains()).join('\n')).toContain('33')
})

test('usage that Stripe meters is corrected on the next invoice, too', async () => {
  const world = await aWorld()
  await world.sells(
    'metered',
    monthly('Metered', [fee('29.00'), priced('requests', { type: 'unit', amount: '0.01' })]),
  )
  const lou = await world.customer('Lou')
  await lou.subscribes('metered')
  await send(
    world,
    Array.from({ length: 40 }, (_, i) => event(`lou-${i}`, lou)),
  )
  await world.advance('P1M')
  for (let i = 0; i < 10; i++) {
    await world.operator.post('/api/v1/events/void', {
      body: { source: 'app', id: `lou-${i}`, reason: 'sent by a test' },
    })
  }
  await send(
    world,
    Array.from({ length: 25 }, (_, i) => event(`lou-next-${i}`, lou)),
  )
  await world.advance('P1M')

  const invoices = await until(
    () => lou.invoices(),
    (all) => all.length === 3,
  )

  expect(invoices.at(-1)).toMatch(/^2915 usd/)
})
