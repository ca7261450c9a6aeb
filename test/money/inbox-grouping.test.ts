import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'

/** Events are worked on by the objects they are about. On the wire to Stripe can be seen what is asked for, and when. */
let office: BackOffice
let wire: Server
let asked: string[] = []
/** Runs when Stripe has answered, before the answer is passed on. */
let onAnswered: (path: string) => Promise<void> = () => Promise.resolve()

beforeAll(async () => {
  let simulatorUrl = ''
  wire = createServer((request, response) => {
    void passOn(simulatorUrl, request).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    )
  })
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
  const { port } = wire.address() as AddressInfo
  office = await openBackOffice({
    stripeUrl: (url) => {
      simulatorUrl = url
      return `http://127.0.0.1:${port}`
    },
  })
})
afterEach(() => {
  onAnswered = () => Promise.resolve()
})
afterAll(async () => {
  await office.close()
  wire.closeAllConnections()
  wire.close()
})

async function passOn(
  simulatorUrl: string,
  request: IncomingMessage,
): Promise<{ status: number; body: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { authorization = '', 'content-type': type, 'idempotency-key': key } = request.headers
  const answer = await fetch(`${simulatorUrl}${request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: {
      authorization,
      ...(type !== undefined && { 'content-type': type }),
      ...(typeof key === 'string' && { 'idempotency-key': key }),
    },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
  const body = await answer.text()
  const [path = ''] = (request.url ?? '').split('?')
  if (request.method === 'GET') {
    asked.push(path)
    await onAnswered(path)
  }
  return { status: answer.status, body }
}

const eventsOf = async ({ stripeCustomerId }: Payer) => {
  const { data } = await office.domain.inbox.list('test', {}, { limit: 100 })
  return data.filter((event) => event.stripeCustomerId === stripeCustomerId)
}
const rename = (payer: Payer, name: string) =>
  office.stripe.customers.update(payer.stripeCustomerId, { name })
const nameOf = async (payer: Payer) => {
  const mirrored = await office.domain.connections.mirrored('test', payer.id)
  return mirrored?.name
}
const looksAt = (path: string) => asked.filter((one) => one === path).length

test('a burst of events about one object has it fetched once, and nothing fetched that did not change', async () => {
  const ada = await office.customer('Ada')
  await office.settle()
  for (const name of ['Ada A', 'Ada B', 'Ada C', 'Ada D']) await rename(ada, name)
  asked = []

  await office.domain.inbox.drain()

  expect(looksAt(`/v1/customers/${ada.stripeCustomerId}`)).toBe(1)
  expect(looksAt(`/v1/customers/${ada.stripeCustomerId}/payment_methods`)).toBe(0)
  expect(await nameOf(ada)).toBe('Ada D')
  const told = (await eventsOf(ada)).filter(({ type }) => type === 'customer.updated')
  expect(told.map(({ state }) => state)).toEqual(Array(4).fill('processed'))
})

test('an event that arrives while its object is fetched has it fetched once more, so that nothing is lost', async () => {
  const bob = await office.customer('Bob')
  await office.settle()
  await rename(bob, 'Bob before')
  asked = []
  const path = `/v1/customers/${bob.stripeCustomerId}`
  onAnswered = async (answered) => {
    if (answered !== path || looksAt(path) > 1) return
    await rename(bob, 'Bob after')
    await office.domain.inbox.poll('test')
  }

  await office.domain.inbox.drain()

  expect(looksAt(path)).toBe(2)
  expect(await nameOf(bob)).toBe('Bob after')
  const told = (await eventsOf(bob)).filter(({ type }) => type === 'customer.updated')
  expect(told.map(({ state }) => state)).toEqual(['processed', 'processed'])
})

test("an object that cannot be fetched holds up no other of its customer, and neither does what waits for it or another's", async () => {
  const [cleo, dan] = [await office.customer('Cleo'), await office.customer('Dan')]
  await office.settle()
  await cleo.subscribes('pro')
  await rename(dan, 'Dan II')
  await arrangeCallFault(office, {
    kind: 'server_error',
    method: 'GET',
    path: '/v1/invoices/*',
    next: 50,
  })

  await office.domain.inbox.drain()

  const states = async (prefix: string) =>
    new Set(
      (await eventsOf(cleo))
        .filter(({ type, state }) => type.startsWith(prefix) && state !== 'ignored')
        .map(({ state }) => state),
    )
  expect(await states('invoice.')).toEqual(new Set(['failed']))
  expect(await states('payment_intent.')).toEqual(new Set(['parked']))
  expect(await states('customer.subscription.')).toEqual(new Set(['processed']))
  expect(await nameOf(dan)).toBe('Dan II')

  await control(office, '/_sim/faults/clear', {})
  for (const { id, state } of await eventsOf(cleo)) {
    if (state === 'failed') await office.domain.inbox.replay(office.caller, id)
  }
  await office.domain.inbox.drain()

  expect(await states('invoice.')).toEqual(new Set(['processed']))
  expect(await states('payment_intent.')).toEqual(new Set(['processed']))
  const { data } = await office.domain.payments.list('test', { customerId: cleo.id }, { limit: 5 })
  expect(data).toMatchObject([{ state: 'succeeded', capturedMinor: 2900n }])
})

test('customers who share a transaction do not share its failure', async () => {
  const names = ['Gil', 'Hal', 'Ivy', 'Poison']
  const payers = []
  for (const name of names) payers.push(await office.customer(name))
  await office.settle()
  await sql`
    create function refuse_poison() returns trigger language plpgsql as
    $$ begin if new.name = 'Poison II' then raise 'refused'; end if; return new; end $$`.execute(
    office.database.db,
  )
  await sql`
    create trigger refuse_poison before insert or update on stripe_customers for each row
    execute function refuse_poison()`.execute(office.database.db)
  for (const [at, payer] of payers.entries()) await rename(payer, `${names[at]} II`)
  asked = []

  await office.domain.inbox.drain()

  const states = await Promise.all(
    payers.map(async (payer) => (await eventsOf(payer)).map(({ state }) => state)[0]),
  )
  expect(states).toEqual(['processed', 'processed', 'processed', 'failed'])
  expect(await Promise.all(payers.map(nameOf))).toEqual(['Gil II', 'Hal II', 'Ivy II', undefined])
  // Nobody is fetched again for it.
  expect(payers.map((payer) => looksAt(`/v1/customers/${payer.stripeCustomerId}`))).toEqual([
    1, 1, 1, 1,
  ])
  expect(await office.domain.audit.verify('test')).toBeUndefined()
})
