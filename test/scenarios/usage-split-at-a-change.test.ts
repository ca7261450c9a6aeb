import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const steps = (price: string, first: string, then: string) => {
    const tiers = [
      { upToAmount: '5', unitPrice: first },
      { upToAmount: null, unitPrice: then },
    ]
    const usage = priced('requests', { type: 'tiered', mode: 'graduated', tiers })
    return monthly(price, [fee(price), usage])
  }
  await world.sells('low', steps('10.00', '1.00', '0.50'))
  await world.sells('high', steps('20.00', '2.00', '0.20'))
  await world.sells('side', steps('20.00', '3.00', '0.30'))
})
afterAll(() => world.close())

const mine = async (actor: Actor) => (await actor.overview()).subscription

async function changes(actor: Actor, planKey: string): Promise<void> {
  const params = { subscriptionId: (await mine(actor))?.id ?? '' }
  const path = '/api/v1/subscriptions/{subscriptionId}/change' as const
  const body = { planKey, timing: 'immediate' as const }
  const { quoteId } = await world.operator.post(`${path}/preview`, { params, body })
  await world.operator.post(path, { params, body: { quoteId } })
  await until(
    () => mine(actor),
    (subscription) => subscription?.planKey === planKey,
  )
}

/** Usage that is heard of only now. */
async function reports(actor: Actor, id: string, time: string): Promise<void> {
  const { customerId: subject } = actor
  await world.operator.post('/api/v1/events', {
    query: { backfill: 'false' },
    body: [
      { specversion: '1.0', id: `${id}-${subject}`, source: 'app', type: 'request', subject, time },
    ],
  })
}

type Lines = readonly {
  readonly description: string
  readonly amount: { readonly amountMinor: number }
}[]
/** `requests: 8 650` */
const usageOf = (lines: Lines): string[] =>
  lines
    .filter(({ description }) => description.startsWith('requests'))
    .map(({ description, amount }) => `${description} ${amount.amountMinor}`)
    .filter((line) => line !== 'requests: 0 0')

const foretold = (actor: Actor, expected: string[]) =>
  until(
    async () => (await actor.portal.get('/api/v1/portal/next-invoice')).invoice,
    (invoice) => JSON.stringify(usageOf(invoice?.lines ?? [])) === JSON.stringify(expected),
  )

async function latest(actor: Actor) {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  const params = { invoiceId: data[0]?.id ?? '' }
  return actor.portal.get('/api/v1/portal/invoices/{invoiceId}', { params })
}

/** The period ends; the invoice is what was foretold. */
async function renews(actor: Actor, usage: string[]): Promise<void> {
  const next = await foretold(actor, usage)
  await world.advance(next?.at ?? '')
  const invoice = await until(
    () => latest(actor),
    ({ kind, state }) => kind === 'period' && state === 'paid',
  )
  expect(usageOf(invoice.lines).toSorted()).toEqual(usage.toSorted())
  expect(invoice.total).toEqual(next?.total)
}

test.each([
  // 5 × 1.00 + 2 × 0.50, later 3 × 0.50; then 5 × 2.00 + 1 × 0.20.
  ['an upgrade', 'low', 'high', [600, 650], 1_020],
  // 5 × 2.00 + 2 × 0.20, later 3 × 0.20; then 5 × 1.00 + 1 × 0.50.
  ['a downgrade forced at once', 'high', 'low', [1_040, 1_060], 550],
  // 5 × 2.00 + 2 × 0.20, later 3 × 0.20; then 5 × 3.00 + 1 × 0.30.
  ['a change to a plan of the same price', 'high', 'side', [1_040, 1_060], 1_530],
] as const)(
  'S3.44 at %s usage before it has the old price, usage after it the new one from the first tier on, and what is heard of late the price of its time',
  async (_, from, to, [before, withLate], after) => {
    const ada = await world.customer(`Ada_${from}_${to}`)
    await ada.subscribes(from)
    await ada.callsTimes(7)
    await world.advance('P10D')
    const earlier = await world.now()

    await changes(ada, to)
    await ada.callsTimes(6)
    await foretold(ada, [`requests: 7 ${before}`, `requests: 6 ${after}`])
    await world.advance('P1D')
    await reports(ada, 'late', earlier)

    await renews(ada, [`requests: 8 ${withLate}`, `requests: 6 ${after}`])
    const { data: findings } = await world.operator.get('/api/v1/findings', { query: {} })
    expect(findings).toEqual([])
  },
)

test('what is heard of only after its invoice is on the next one, at the price of the plan it was used on', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('low')
  await eve.callsTimes(7)
  await world.advance('P10D')
  const earlier = await world.now()
  await changes(eve, 'high')
  await renews(eve, ['requests: 7 600'])
  await reports(eve, 'very-late', earlier)

  const next = await until(
    async () => (await eve.portal.get('/api/v1/portal/next-invoice')).invoice,
    (invoice) => invoice?.lines.some(({ amount }) => amount.amountMinor === 50) === true,
  )
  await world.advance(next?.at ?? '')

  const invoice = await until(
    () => latest(eve),
    ({ kind, state, total }) =>
      kind === 'period' && state === 'paid' && total.amountMinor !== 2_600,
  )
  expect(invoice.total).toEqual(next?.total)
  expect(invoice.total.amountMinor).toBe(2_050)
})
