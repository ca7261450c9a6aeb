import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from './support/actor.ts'
import { farebox } from './support/cli.ts'
import { openWorld, type World } from './support/world.ts'

let world: World
let ada: Actor

beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
  await ada.callsTimes(3)
  await world.running.gateway.flush()
})
afterAll(() => world.close())

test('plans are listed as a table on a terminal, with tabs in a pipe, as JSON when asked', async () => {
  const table = await farebox(world, 'plans list', { isTTY: true })
  const unmeasured = await farebox(world, 'plans list', { isTTY: true, columns: 0 })
  const piped = await farebox(world, 'plans list')
  const json = await farebox(world, 'plans list --json')

  expect(table.out).toMatch(/pro +Pro +\$29\.00 +1/)
  expect(unmeasured.out).toBe(table.out)
  expect(piped.out.split('\n')[2]?.split('\t').slice(0, 3)).toEqual(['pro', 'Pro', '$29.00'])
  expect((json.json()['data'] as { key: string }[]).map(({ key }) => key)).toEqual([
    'free',
    'pro',
    'scale',
    'payg',
  ])
})

test('data goes to standard output and talk to standard error', async () => {
  const { out, err, code } = await farebox(world, 'customers list --search nobody')

  expect([out, err, code]).toEqual(['', 'There are no customers.\n', 0])
})

test('a customer is shown with plan, payment and quota', async () => {
  const { out } = await farebox(world, `customers show ${ada.customerId}`)

  expect(out).toContain('Pro v1')
  expect(out).toContain('active, payment paid')
  expect(out).toContain('3 of 1000')
})

test('a subscription is listed with what happens to it next', async () => {
  const { out } = await farebox(world, 'subscriptions list')
  expect(out.split('\n')[0]).toMatch(/\tNEXT$/)
  expect(out).toMatch(/\tpro@1\tactive\tpaid\trenews \d{4}-\d\d-\d\d$/m)
})

test('a key that is issued is the only thing on standard output, and works at once', async () => {
  const { out, err } = await farebox(world, `keys issue ${ada.customerId} --name ci`)

  expect(out).toMatch(/^fb_test_[0-9A-Za-z]{32}\n$/)
  expect(err).toContain('not shown again')
  const answer = await ada.calls('/v1/ping', { headers: { authorization: `Bearer ${out.trim()}` } })
  expect(answer.status).toBe(200)
})

test('S5.15.11 a revoked key stops within a second', async () => {
  const issued = await farebox(world, `keys issue ${ada.customerId} --name short --json`)
  const { key, secret } = issued.json() as unknown as { key: { id: string }; secret: string }
  const headers = { authorization: `Bearer ${secret}` }
  expect((await ada.calls('/v1/ping', { headers })).status).toBe(200)

  await farebox(world, `keys revoke ${ada.customerId} ${key.id}`)

  await expect
    .poll(async () => (await ada.calls('/v1/ping', { headers })).body['code'], { timeout: 1_000 })
    .toBe('key_revoked')
})

test('usage is shown over time with its total', async () => {
  const { out, err } = await farebox(world, `usage show ${ada.customerId} --grain day`)

  expect(out.split('\n')[0]).toBe('FROM\tREQUEST')
  expect(err).toMatch(/^\d+ × request in all\.\n$/)
})

test('publishing says first what it would do, and changes nothing then', async () => {
  await world.operator.post('/api/v1/plans/{planKey}/next', { params: { planKey: 'pro' } })
  const dry = await farebox(world, 'plans publish pro --dry-run')
  const before = await farebox(world, 'plans show pro --json')
  const published = await farebox(world, 'plans publish pro')

  expect(dry.out).toContain('keep price')
  expect(dry.err).toContain('1 subscriptions stay')
  expect((before.json() as unknown as { version: number }).version).toBe(1)
  expect(published.out).toBe('Published pro version 2.\n')

  // Whoever has the version before the one on sale stays, too.
  await world.operator.post('/api/v1/plans/{planKey}/next', { params: { planKey: 'pro' } })
  expect((await farebox(world, 'plans publish pro --dry-run')).err).toContain(
    '1 subscriptions stay',
  )
})

test('the doctor finds everything in order, and says what it looked at', async () => {
  const { out, code } = await farebox(world, 'doctor')

  expect(code).toBe(0)
  expect(out.split('\n').filter((line) => line.startsWith('✔')).length).toBeGreaterThanOrEqual(6)
  expect(out).not.toContain('✖')
})

test('in live mode the doctor says what is missing and what to do about it', async () => {
  const { out, code } = await farebox(world, 'doctor --live')

  expect(code).toBe(1)
  expect(out).toContain('✖ Stripe')
  expect(out).toContain('STRIPE_SECRET_KEY')
})

test('time moves by a duration or to an instant, never back', async () => {
  const { out } = await farebox(world, 'clock advance P1D')
  expect(out).toContain('in test mode now')

  const back = await farebox(world, 'clock advance 2020-01-01T00:00:00Z')
  expect([back.code, back.err.split('\n')[0]]).toEqual([
    1,
    'Clock cannot go back (clock_backwards)',
  ])
  const nonsense = await farebox(world, 'clock advance tomorrow')
  expect(nonsense.err).toContain('Give a duration such as P1M')
})

test('settings are listed with where they come from, set and reset', async () => {
  await farebox(world, 'settings set payment.max_overdue_days 5')
  expect((await farebox(world, 'settings list')).out).toContain(
    'payment.max_overdue_days\t5\tdatabase',
  )
  await farebox(world, 'settings delete payment.max_overdue_days')
  expect((await farebox(world, 'settings list')).out).toContain(
    'payment.max_overdue_days\t3\tdefault',
  )

  const wrong = await farebox(world, 'settings set payment.max_overdue_days many')
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('value: must be a number')])
})

test('a refusal says what, why and which request, without a stack', async () => {
  const { code, err, out } = await farebox(world, 'customers show nobody')

  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^Not found \(not_found\)\nThere is no such customer\.\nrequest req_\w+\n$/)
})

test('without a known console a login is asked for with exit code 4', async () => {
  const { code, err } = await farebox(undefined, 'plans list')

  expect(code).toBe(4)
  expect(err).toContain('farebox start')
})

test('an unknown command says so with exit code 1, help and version with 0', async () => {
  expect((await farebox(undefined, 'plans frobnicate')).code).toBe(1)
  expect((await farebox(undefined, '--version')).code).toBe(0)
  const help = await farebox(undefined, 'keys rotate --help')
  expect([help.code, help.out]).toEqual([0, expect.stringContaining('Examples:')])
})

test('credits are given, shown and taken back, and the ledger tells of it', async () => {
  const id = ada.customerId
  const line = `credits grant ${id} --unit money:usd --amount 25 --reason Outage`
  const granted = await farebox(world, line)
  const grants = await farebox(world, `credits grants ${id} --json`)
  const balance = await farebox(world, `credits balance ${id}`)
  const [grant] = grants.json()['data'] as { id: string; note: string }[]
  const voided = await farebox(world, `credits void ${grant?.id} --reason mistake`)
  const ledger = await farebox(world, `credits ledger ${id} --json`)

  expect(granted.out).toContain('25 can be spent now')
  expect(grant?.note).toBe('Outage')
  expect(balance.out.split('\n')[1]?.split('\t')).toEqual(['money:usd', '25', '0', '0'])
  expect(voided.code).toBe(0)
  expect((ledger.json()['data'] as { type: string }[]).map(({ type }) => type)).toEqual([
    'voided',
    'granted',
  ])
})
