import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
const folder = mkdtempSync(join(tmpdir(), 'farebox-events-'))
beforeAll(async () => {
  world = await openWorld()
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
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

const event = (id: string, who: Actor, rest: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: 'app',
  type: 'request',
  subject: who.customerId,
  ...rest,
})

const send = (events: Record<string, unknown>[], backfill: 'true' | 'false' = 'false') =>
  world.operator.post('/api/v1/events', { query: { backfill }, body: events })

async function usedBy({ customerId }: Actor): Promise<string | undefined> {
  const { quotas } = await world.operator.get('/api/v1/customers/{customerId}', {
    params: { customerId },
  })
  return quotas[0]?.used
}

function aFile(content: unknown): string {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`)
  writeFileSync(file, JSON.stringify(content))
  return file
}

test('a CloudEvent counts in structured, batched and binary mode alike (U1)', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('agreed')
  const post = (headers: Record<string, string>, body: unknown) =>
    fetch(`${world.running.consoleUrl}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}`, 'farebox-mode': 'test', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    }).then((response) => response.json() as Promise<Record<string, unknown>>)
  const binary = {
    'ce-specversion': '1.0',
    'ce-id': 'binary-1',
    'ce-source': 'app%20one',
    'ce-type': 'request',
    'ce-subject': ada.customerId,
  }

  const structured = await post(
    { 'content-type': 'application/cloudevents+json' },
    event('structured-1', ada),
  )
  const batched = await post({ 'content-type': 'application/cloudevents-batch+json' }, [
    event('batched-1', ada),
    event('batched-2', ada),
  ])
  const first = await post({ ...binary, 'content-type': 'application/json' }, { path: '/x' })
  const again = await post({ ...binary, 'content-type': 'application/json' }, { path: '/x' })
  const withoutData = await post({ ...binary, 'ce-id': 'binary-2' }, undefined)
  const broken = await post({ ...binary, 'ce-id': 'binary-3', 'ce-time': 'yesterday' }, {})
  const stored = await world.operator.get('/api/v1/events', {
    query: { customerId: ada.customerId },
  })

  expect([structured, batched, first, again, withoutData].map((a) => a['counted'])).toEqual([
    1, 2, 1, 0, 1,
  ])
  expect(again).toMatchObject({ duplicates: 1 })
  expect(broken).toMatchObject({ rejected: 1, results: [{ code: 'event_invalid' }] })
  expect(stored.data.find(({ id }) => id === 'binary-1')).toMatchObject({
    source: 'app one',
    data: { path: '/x' },
  })
  expect(await usedBy(ada)).toBe('5')
})

test('an event that is replaced counts as the other does, and both are in the audit log', async () => {
  const bob = await world.customer('Bob')
  const eve = await world.customer('Eve')
  for (const who of [bob, eve]) await who.subscribes('agreed')
  await send([event('wrong', bob), event('right', bob)])

  const replaced = await farebox(
    world,
    `events replace app wrong ${aFile(event('moved', eve))} --reason misdirected --json`,
  )
  const twice = await farebox(
    world,
    `events replace app wrong ${aFile(event('moved-2', eve))} --reason misdirected`,
  )
  const clash = await farebox(
    world,
    `events replace app right ${aFile(event('moved', eve))} --reason misdirected`,
  )
  const listed = await farebox(world, `events list --customer ${bob.customerId}`)
  const { data: audit } = await world.operator.get('/api/v1/audit-entries', {
    query: { customerId: bob.customerId },
  })

  expect(replaced.json()).toMatchObject({ id: 'moved', customerId: eve.customerId })
  expect([twice.code, clash.code].every((code) => code !== 0)).toBe(true)
  expect(listed.out).toMatch(/wrong\t.*replaced/)
  // What clashed changed nothing.
  expect([await usedBy(bob), await usedBy(eve)]).toEqual(['1', '1'])
  expect(audit.find(({ action }) => action === 'usage_event.replaced')).toMatchObject({
    after: { state: 'replaced', reason: 'misdirected', by: 'moved' },
  })
})
