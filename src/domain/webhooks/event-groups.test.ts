import { expect, test } from 'vitest'
import type { Mode } from '../../kit/mode.ts'
import { isNameless, sortEvents } from './event-groups.ts'
import type { LeasedEvent } from './inbox-event.ts'
import { stripeEventRoutes, type Syncs } from './routes.ts'

const nothing = { fetch: () => Promise.resolve(undefined), apply: () => Promise.reject() }
const routes = stripeEventRoutes(new Proxy({} as Syncs, { get: () => nothing }))

let count = 0
/** What Stripe says about an object; `object` is what is read of it. */
function event(
  type: string,
  objectId: string,
  object: Record<string, unknown> = {},
  { customer = 'cus_ada', mode = 'test', at = ++count }: Partial<Told> = {},
): LeasedEvent {
  return {
    mode,
    id: `evt_${++count}`,
    type,
    objectKind: 'object',
    objectId,
    stripeCustomerId: customer,
    apiVersion: null,
    occurredAt: at,
    receivedAt: at,
    source: 'webhook',
    state: 'received',
    attempts: 1,
    nextAt: at,
    error: null,
    settledAt: null,
    body: { data: { object: { id: objectId, ...object } } },
  }
}
interface Told {
  readonly customer: string | null
  readonly mode: Mode
  readonly at: number
}

/** What is looked at, line by line, with how many events each look serves. */
function looks(events: readonly LeasedEvent[]): string[][] {
  return sortEvents(events, routes).lines.map((line) =>
    line.map(({ targets, events: served }) => {
      const names = targets.map(({ name, objectId }) => `${name} ${objectId}`)
      return `${names.join(' + ')} for ${served.length}`
    }),
  )
}

const invoice = { invoice: 'in_1' }
const intent = { payment_intent: 'pi_1' }

test('a renewal of eleven events is four looks, in the order in which one needs the other', () => {
  const renewal = [
    event('charge.succeeded', 'ch_1', intent),
    event('payment_intent.succeeded', 'pi_1'),
    event('invoice.created', 'in_1'),
    event('invoice.finalized', 'in_1'),
    event('invoice.updated', 'in_1'),
    event('invoice.paid', 'in_1'),
    event('invoice.payment_succeeded', 'in_1'),
    event('invoice_payment.paid', 'inpay_1', invoice),
    event('customer.subscription.updated', 'sub_1'),
    event('charge.updated', 'ch_1', intent),
    {
      ...event('customer.updated', 'cus_ada'),
      body: { data: { previous_attributes: { name: 'A' } } },
    },
  ]

  expect(looks(renewal)).toEqual([
    [
      'customer cus_ada for 1',
      'subscription sub_1 for 1',
      'invoice in_1 for 6',
      'payment pi_1 for 3',
    ],
  ])
})

test('the order in which events arrive changes nothing but which customer is first', () => {
  const events = [
    event('invoice.paid', 'in_1', {}, { at: 3 }),
    event('customer.subscription.updated', 'sub_1', {}, { at: 2 }),
    event('invoice.created', 'in_1', {}, { at: 1 }),
  ]

  expect(looks(events.toReversed())).toEqual(looks(events))
})

test('customers are lines of their own, and the same id in another mode is another customer', () => {
  const told = [
    event('customer.updated', 'cus_ada', {}, { mode: 'test' }),
    event('customer.updated', 'cus_ada', {}, { mode: 'live' }),
    event('invoice.paid', 'in_2', {}, { customer: 'cus_bob' }),
  ]

  expect(looks(told)).toHaveLength(3)
})

test('what does not say whose it is has a line for each object, and says so', () => {
  const told = [
    event('charge.dispute.created', 'dp_1', {}, { customer: null }),
    event('charge.dispute.updated', 'dp_1', {}, { customer: null }),
    event('charge.dispute.created', 'dp_2', {}, { customer: null }),
    event('invoice.paid', 'in_1'),
  ]

  const { lines } = sortEvents(told, routes)

  expect(lines.map(isNameless)).toEqual([true, true, false])
  expect(looks(told).slice(0, 2)).toEqual([['dispute dp_1 for 2'], ['dispute dp_2 for 1']])
})

test('every event is in exactly one group or idle', () => {
  const events = [
    event('invoice.paid', 'in_1'),
    event('invoice.paid', 'in_1'),
    event('nothing.we.know', 'x_1'),
    event('charge.succeeded', 'ch_1'),
    event('refund.created', 're_1', intent),
  ]

  const { lines, idle } = sortEvents(events, routes)

  const served = lines.flat().flatMap((group) => group.events)
  expect(new Set([...served, ...idle])).toEqual(new Set(events))
  expect(served.length + idle.length).toBe(events.length)
  // A charge of no payment intent is nothing we look at.
  expect(idle.map(({ type }) => type)).toEqual(['nothing.we.know', 'charge.succeeded'])
})
