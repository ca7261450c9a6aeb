import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const DAY_MS = 86_400_000
const GRACE_DAYS = 2

let world: World
beforeAll(async () => {
  world = await openWorld()
  const offline = { engine: 'offline', isPaymentMethodRequired: false } as const
  await world.sells(
    'owing',
    monthly('Owing', [fee('10.00'), priced('requests', { type: 'unit', amount: '0.50' })], {
      ...offline,
      maxPaymentOverdueDays: String(GRACE_DAYS),
    }),
  )
})
afterAll(() => world.close())

/** The status of one request, whatever the protocol; an upgrade that is let in is answered by the upstream. */
async function statusOf(method: string, headers: Record<string, string>, body?: string) {
  const url = new URL('/v1/echo', world.running.gatewayUrl)
  const asked = request(url, { method, headers })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }]
  response.resume()
  return response.statusCode
}

/** Every door to the API behind the gateway. */
function waysOf(actor: Actor): Readonly<Record<string, () => Promise<number>>> {
  const { operator, running, token } = world
  const authorization = `Bearer ${actor.key}`
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  return {
    plain: async () => (await actor.calls()).status,
    // Neither is in the fast lane's grammar.
    'chunked, asking first': () =>
      statusOf(
        'POST',
        { authorization, 'transfer-encoding': 'chunked', expect: '100-continue' },
        'x',
      ),
    websocket: () => statusOf('GET', { authorization, ...upgrade }),
    decisions: async () => {
      const body = { key: actor.key, method: 'GET', path: '/v1/ping' }
      return (await operator.post('/api/v1/decisions', { body })).status
    },
    'auth_request of nginx': async () => {
      const headers = {
        'farebox-token': token,
        authorization,
        'x-original-uri': '/v1/ping',
        'x-original-method': 'GET',
      }
      return (await fetch(`${running.consoleUrl}/api/v1/forward-auth`, { headers })).status
    },
  }
}

const newest = async (actor: Actor) => {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  if (data[0] === undefined) throw new Error('There is no invoice yet')
  return data[0]
}

async function used({ customerId }: Actor): Promise<number> {
  await world.running.gateway.flush()
  const now = Date.parse(await world.now())
  const { total } = await world.operator.get('/api/v1/customers/{customerId}/usage', {
    params: { customerId },
    query: {
      meter: 'requests',
      grain: 'day',
      from: new Date(now - 90 * DAY_MS).toISOString(),
      to: new Date(now + DAY_MS).toISOString(),
    },
  })
  return Number(total)
}

test('S5.15.11 who owes too long is let in by no way, and by every one within a second of paying', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('owing')
  const ways = waysOf(ada)
  const all = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ways).map(async ([way, ask]) => [way, await ask()] as const),
      ),
    )
  const statuses = async () => Object.values(await all())
  expect((await statuses()).filter((status) => status === 403)).toEqual([])

  const invoice = await newest(ada)
  const blockedAt = Date.parse(invoice.dueAt ?? '') + GRACE_DAYS * DAY_MS + 1_000
  await world.advance(new Date(blockedAt).toISOString())
  await until(statuses, (seen) => seen.every((status) => status === 403))
  expect((await ada.calls()).body['code']).toBe('payment_overdue')
  const whenBlocked = await used(ada)
  await all()
  expect(await used(ada)).toBe(whenBlocked)

  await world.operator.post('/api/v1/invoices/{invoiceId}/mark-paid', {
    params: { invoiceId: invoice.id },
    body: { reference: 'TR-1', amountMinor: invoice.total.amountMinor },
  })
  const paidAt = Date.now()
  await until(statuses, (seen) => !seen.includes(403))
  expect(Date.now() - paidAt).toBeLessThan(1_000)
})

test('usage of a suspended customer that happened elsewhere counts: what was used is never lost', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('owing')
  const params = { customerId: bob.customerId }
  await world.operator.post('/api/v1/customers/{customerId}/suspend', {
    params,
    body: { reason: 'operator' },
  })
  await until(
    () => bob.calls(),
    ({ status }) => status === 403,
  )

  const sent = await world.operator.post('/api/v1/events', {
    body: {
      specversion: '1.0',
      id: 'while-suspended',
      source: 'ways-in',
      type: 'request',
      subject: bob.customerId,
    },
  })
  expect(sent).toMatchObject({ counted: 1 })
  expect(await used(bob)).toBe(1)
})
