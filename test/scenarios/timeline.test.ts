import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ResponseOf } from '../../src/client/client.ts'
import type { Actor } from '../support/actor.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

type Timeline = ResponseOf<'get', '/api/v1/customers/{customerId}/timeline'>
type Kind = 'access' | 'invoice' | 'mail' | 'operator' | 'payment' | 'webhook'

let world: World
let ada: Actor
let joinedAt: string

beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
  joinedAt = await world.now()
  await world.advance('P1M')
  await until(
    () => timeline({ kind: 'payment' }),
    ({ data }) => data.length === 2,
  )
  const params = { customerId: ada.customerId }
  const body = { reason: 'abuse', note: 'Scrapes' } as const
  await world.operator.post('/api/v1/customers/{customerId}/suspend', { params, body })
})
afterAll(() => world.close())

const timeline = (
  query: { kind?: Kind; cursor?: string; limit?: number },
  customerId = ada.customerId,
): Promise<Timeline> =>
  world.operator.get('/api/v1/customers/{customerId}/timeline', { params: { customerId }, query })

/** What happened, in a word. */
const told = ({ data }: Timeline) =>
  data.map((happening) => {
    switch (happening.source) {
      case 'audit':
        return happening.entry.action
      case 'attempt':
        return `attempt ${happening.attempt.state}`
      case 'mail':
        return `mail ${happening.mail.template}`
      case 'event':
        return `event ${happening.event.type}`
    }
  })

test('a customer’s story is told in one order, in the customer’s own time, by everybody who knows of it', async () => {
  const all = await timeline({ limit: 100 })

  const times = all.data.map(({ at }) => Date.parse(at))
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  const story = told(all)
  expect(story[0]).toBe('customer.suspended')
  expect(story.filter((word) => word === 'attempt succeeded')).toHaveLength(2)
  for (const word of ['checkout.started', 'subscription.created', 'mail invoice_paid']) {
    expect(story).toContain(word)
  }
  expect(story).toContain('event customer.subscription.created')
  // A month lies between the two payments, though it was lived through in seconds.
  const renewed = all.data.find(({ source }) => source === 'attempt')
  expect(Date.parse(renewed?.at ?? '')).toBeGreaterThan(Date.parse(joinedAt) + 27 * 86_400_000)
})

test('each kind is told alone, and why access changed is said', async () => {
  expect(told(await timeline({ kind: 'access' }))).toEqual([
    'customer.suspended',
    'subscription.created',
  ])
  expect(told(await timeline({ kind: 'operator' }))).toEqual(['customer.suspended'])
  expect(told(await timeline({ kind: 'mail' })).every((word) => word.startsWith('mail '))).toBe(
    true,
  )
  expect(
    told(await timeline({ kind: 'invoice' })).filter((word) => word === 'invoice.paid'),
  ).toHaveLength(2)
  const [suspension] = (await timeline({ kind: 'access' })).data
  expect(suspension).toMatchObject({ entry: { after: { reason: 'abuse', note: 'Scrapes' } } })
})

test('paging tells the same story, and another customer has another', async () => {
  const whole = told(await timeline({ limit: 100 }))
  const paged: string[] = []
  let cursor: string | undefined
  do {
    const page = await timeline({ limit: 7, ...(cursor !== undefined && { cursor }) })
    paged.push(...told(page))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(paged).toEqual(whole)

  const bob = await world.customer('Bob')
  expect(told(await timeline({}, bob.customerId))).not.toContain('attempt succeeded')
})

test('a cursor that is none is refused with what to do', async () => {
  await expect(timeline({ cursor: 'bm9uZQ' })).rejects.toMatchObject({
    problem: { code: 'invalid_request', errors: [{ path: 'cursor' }] },
  })
})
