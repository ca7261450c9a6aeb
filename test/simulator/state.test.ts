import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startSimulatorThread } from '../../src/simulator/simulator-thread.ts'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { clientFor, createPrice, DAY, eventTypes, startReceiver } from './support.ts'

const folders: string[] = []
const running: Simulator[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function start(data: 'memory' | { folder: string }, seed?: string): Promise<Simulator> {
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, data, seed })
  running.push(simulator)
  return simulator
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'simulator-'))
  folders.push(made)
  return made
}

test('it starts in memory in well under a second', async () => {
  const startedAt = performance.now()
  await start('memory')
  expect(performance.now() - startedAt).toBeLessThan(300)
})

test('what was there before a restart is there after it: objects, events, time, due work', async () => {
  const data = { folder: folder() }
  const first = await start(data)
  const before = clientFor(first.url, 'sk_test_1')
  const price = await createPrice(before, 1_000)
  const customer = await before.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  const { id } = await before.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  })
  await fetch(`${first.url}/_sim/clock`, { method: 'POST', body: '{"by":86400}' })
  const types = await eventTypes(before)
  await first.close()
  running.length = 0

  const second = await start(data)
  const after = clientFor(second.url, 'sk_test_1')

  expect(await after.subscriptions.retrieve(id)).toMatchObject({ status: 'active' })
  expect(await eventTypes(after)).toEqual(types)
  const { clocks } = (await (await fetch(`${second.url}/_sim/clock`)).json()) as {
    clocks: { now: number }[]
  }
  expect(clocks[0]!.now).toBeGreaterThan(Date.now() / 1_000 + 86_000)
  const advanced = await fetch(`${second.url}/_sim/clock`, {
    method: 'POST',
    body: JSON.stringify({ by: 33 * DAY }),
  })
  expect(advanced.status).toBe(200)
  expect((await after.invoices.list({ subscription: id })).data).toHaveLength(2)
})

test('a webhook that was not delivered before a restart is delivered after it', async () => {
  const data = { folder: folder() }
  const receiver = await startReceiver()
  const first = await start(data)
  const stripe = clientFor(first.url, 'sk_test_1')
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
  receiver.answers.push(500)
  await stripe.customers.create({})
  await expect.poll(() => receiver.received.length).toBe(1)
  await first.close()
  running.length = 0

  const second = await start(data)
  await fetch(`${second.url}/_sim/flush`, { method: 'POST' })

  expect(receiver.received).toHaveLength(2)
  await receiver.close()
})

test('the same seed and the same requests give the same ids', async () => {
  const ids = async () => {
    const simulator = await start('memory', 'seed')
    const stripe = clientFor(simulator.url, 'sk_test_1')
    const price = await createPrice(stripe, 500)
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' })
    const { data } = await stripe.events.list()
    return [price.id, customer.id, ...data.map(({ id }) => id)]
  }

  expect(await ids()).toEqual(await ids())
})

test('time can be moved and frozen, and only goes forward', async () => {
  const simulator = await start('memory')
  const stripe = clientFor(simulator.url, 'sk_test_1')
  await stripe.customers.create({})
  const post = async (body: unknown) =>
    fetch(`${simulator.url}/_sim/clock`, { method: 'POST', body: JSON.stringify(body) })

  await post({ to: '2030-01-01T00:00:00Z', frozen: true })
  const frozen = await stripe.customers.create({})
  const back = await post({ to: '2029-01-01T00:00:00Z' })

  expect(frozen.created).toBe(Date.UTC(2030, 0, 1) / 1_000)
  expect(back.status).toBe(400)
})

test('an advance asked for while a farther one is under way does not take time back', async () => {
  const simulator = await start('memory')
  const stripe = clientFor(simulator.url, 'sk_test_1')
  const price = await createPrice(stripe, 1_000, { recurring: { interval: 'day' } })
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  const post = async (by: number) => {
    const body = JSON.stringify({ by })
    const answer = await fetch(`${simulator.url}/_sim/clock`, { method: 'POST', body })
    return (await answer.json()) as { clocks: { now: number }[] }
  }

  const first = post(300 * DAY)
  const second = post(0)
  const [farther, later] = [await first, await second]

  expect(later.clocks[0]!.now).toBeGreaterThanOrEqual(farther.clocks[0]!.now)
})

test('in a thread it works the same and ends with its close', async () => {
  const simulator = await startSimulatorThread({ host: '127.0.0.1', port: 0, data: 'memory' })
  running.push(simulator)
  const stripe = clientFor(simulator.url, 'sk_test_1')

  expect((await stripe.customers.create({ name: 'Ada' })).name).toBe('Ada')
  await simulator.close()

  running.length = 0
  await expect(fetch(simulator.url)).rejects.toThrow()
})

test('a port that is taken is reported, in a thread as well', async () => {
  const simulator = await start('memory')
  const port = Number(new URL(simulator.url).port)
  const options = { host: '127.0.0.1', port, data: 'memory' } as const

  await expect(startSimulator(options)).rejects.toThrow('EADDRINUSE')
  await expect(startSimulatorThread(options)).rejects.toThrow('EADDRINUSE')
})
