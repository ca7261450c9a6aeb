import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/kit/clock.ts'
import { farebox } from '../support/cli.ts'
import { monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const subjects = async (): Promise<string[]> => {
  const { data } = await world.operator.get('/api/v1/mailbox')
  return data.map(({ subject }) => subject).filter((subject) => subject.includes('budget'))
}

test('a key with a budget of its own is refused beyond it, told once, and freed by raising it', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  const [key] = (await ada.portal.get('/api/v1/portal/keys')).data
  const budget = await ada.portal.post('/api/v1/portal/budgets', {
    body: { name: 'Nightly budget', keyId: key?.id ?? '', meterKey: 'requests', amount: '3' },
  })
  await until(
    () => ada.calls('/v1/ping'),
    ({ status }) => status === 403,
  )

  const refused = await ada.calls('/v1/ping')
  const shown = await until(
    () => ada.portal.get('/api/v1/portal/budgets'),
    ({ data }) => data[0]?.used === '3',
  )
  const alert = () => world.running.domain.budgetAlerts.run('test', systemClock.now())
  await alert()
  await alert()
  const mails = await until(subjects, (found) => found.length > 0)
  await ada.portal.patch('/api/v1/portal/budgets/{budgetId}', {
    params: { budgetId: budget.id },
    body: { amount: '10' },
  })
  const freed = await until(
    () => ada.calls('/v1/ping'),
    ({ status }) => status === 200,
  )

  expect(refused.body).toMatchObject({
    code: 'budget_exceeded',
    resetAt: expect.stringMatching(/-01T00:00:00/) as string,
  })
  expect(shown.data).toMatchObject([{ name: 'Nightly budget', amount: '3', isHard: true }])
  expect(mails).toEqual(['[Test] Nightly budget: the budget is used up'])
  expect(freed.status).toBe(200)
})

test('a budget in money counts calls and events at the list price, and the next month is a new one', async () => {
  await world.sells(
    'metered',
    monthly('Metered', [priced('requests', { type: 'unit', amount: '0.50' })]),
  )
  const bob = await world.customer('Bob')
  await bob.subscribes('metered')
  const { customerId } = bob
  const set = await farebox(
    world,
    `budgets set ${customerId} --name Cap --currency usd --amount 2 --json`,
  )
  await world.operator.post('/api/v1/events', {
    body: {
      specversion: '1.0',
      id: 'event-1',
      source: 'elsewhere',
      type: 'request',
      subject: customerId,
    },
  })
  const before = await until(
    () => world.operator.get('/api/v1/customers/{customerId}/budgets', { params: { customerId } }),
    ({ data }) => data[0]?.used === '0.5',
  )

  await until(
    () => bob.calls('/v1/ping'),
    ({ status }) => status === 403,
  )
  const refused = await bob.calls('/v1/ping')
  const listed = await until(
    () => farebox(world, `budgets list ${customerId}`),
    ({ out }) => out.includes('2 of 2 usd'),
  )
  await world.advance('P1M')
  const next = await bob.calls('/v1/ping')

  expect(set.json()).toMatchObject({ currency: 'usd', amount: '2', keyId: null })
  expect(before.data).toHaveLength(1)
  expect(refused.body).toMatchObject({ code: 'budget_exceeded', limit: { scope: 'customer' } })
  expect(listed.code).toBe(0)
  expect(next.status).toBe(200)
})

test('an operator raises a budget from the terminal, and what is not said stays', async () => {
  const kay = await world.customer('Kay')
  const { customerId } = kay
  const budget = await kay.portal.post('/api/v1/portal/budgets', {
    body: { name: 'Cap', meterKey: 'requests', amount: '3', window: 'day' },
  })
  const change = `budgets change ${customerId} ${budget.id}`

  const raised = await farebox(world, `${change} --amount 10 --soft --alerts 50,100`)
  const hardened = await farebox(world, `${change} --hard --json`)
  const nothing = await farebox(world, change)
  const both = await farebox(world, `${change} --soft --hard`)

  expect(raised.out).toContain(
    'Cap: 0 of 10 requests per day are used; what is beyond is only told',
  )
  expect(hardened.json()).toMatchObject({ amount: '10', isHard: true, alertPercents: [50, 100] })
  expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('Nothing to change')])
  expect(both.code).not.toBe(0)
})

test("a budget for somebody else's key, an unknown meter or both measures is refused", async () => {
  const eve = await world.customer('Eve')
  const create = (body: Record<string, unknown>) =>
    eve.portal.post('/api/v1/portal/budgets', { body: body as never })
  const base = { name: 'x', amount: '1' }

  await expect(
    create({ ...base, meterKey: 'requests', keyId: 'key_of_ada' }),
  ).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(create({ ...base, meterKey: 'nothing' })).rejects.toMatchObject({
    code: 'invalid_request',
  })
  await expect(create({ ...base, meterKey: 'requests', currency: 'usd' })).rejects.toMatchObject({
    code: 'invalid_request',
  })
})
