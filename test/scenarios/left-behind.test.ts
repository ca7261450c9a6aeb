import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const usage = (amount: string) => priced('requests', { type: 'unit', amount })
  const over = { onSubscriptionEnd: 'deactivate' } as const
  await world.sells('metered', monthly('Metered', [fee('10.00'), usage('0.50')], over))
  await world.sells('bigger', monthly('Bigger', [fee('40.00'), usage('0.30')], over))
})
afterAll(() => world.close())

const mine = async (actor: Actor) => (await actor.overview()).subscription

async function cancelsNow(actor: Actor): Promise<void> {
  const subscriptionId = (await mine(actor))?.id ?? ''
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/cancel', {
    params: { subscriptionId },
    body: { timing: 'now' },
  })
}

/** What all invoices that were paid came to for usage, as `units × price` in the order of the invoices. */
async function usageBilled(actor: Actor): Promise<string[]> {
  const invoices = await actor.invoices()
  return invoices
    .filter((invoice) => invoice.includes(' paid: '))
    .flatMap((invoice) => invoice.slice(invoice.indexOf(': ') + 2).split('; '))
    .filter((line) => line.includes('requests'))
}

test('the usage of a period is billed once when the subscription is canceled at once in it', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('metered')
  await eve.callsTimes(2)
  await world.advance('P1M')
  await eve.callsTimes(3)
  await world.advance('P10D')

  await cancelsNow(eve)
  const last = await until(
    () => eve.invoices(),
    (invoices) => invoices.length === 4 && invoices.at(-1)?.includes(' paid: ') === true,
  )
  await world.advance('P2D')

  expect(await eve.invoices()).toEqual(last)
  const totals = last.map((invoice) => invoice.split(' ')[0])
  // What was paid for the rest of the period is given back by an invoice of its own.
  expect(totals.toSpliced(2, 1)).toEqual(['1000', '1100', '150'])
})

test('usage from before a pause is billed when the subscription is canceled during it', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('metered')
  await ada.callsTimes(4)
  await world.advance('P10D')
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/pause', {
    params: { subscriptionId: (await mine(ada))?.id ?? '' },
    body: {},
  })
  await until(
    () => mine(ada),
    (subscription) => subscription?.lifecycle === 'paused',
  )
  await world.advance('P3D')

  await cancelsNow(ada)
  await world.advance('P2D')

  const billed = await until(
    () => usageBilled(ada),
    (lines) => lines.length > 0,
  )
  expect(billed).toHaveLength(1)
  expect(billed[0]).toMatch(/ 200$/)
})

test('usage from before a change of plan is billed when the subscription is canceled at once after it', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('metered')
  await bob.callsTimes(4)
  await world.advance('P10D')
  const { quoteId } = await bob.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'bigger' },
  })
  await bob.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })
  await until(
    () => mine(bob),
    (subscription) => subscription?.planKey === 'bigger',
  )
  await bob.callsTimes(3)
  await world.advance('P3D')

  await cancelsNow(bob)
  await world.advance('P2D')

  const billed = await until(
    () => usageBilled(bob),
    (lines) => lines.length > 1,
  )
  const amounts = billed.map((line) => Number(line.split(' ').at(-1)))
  expect(amounts.toSorted((a, b) => a - b)).toEqual([90, 200])
})

interface DraftOrFinal {
  readonly id: string
  readonly status: string
  readonly total: number
}

async function simulated<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { authorization: 'Bearer sk_test_farebox' }
  const response = await fetch(`${world.running.simulatorUrl}${path}`, { ...init, headers })
  return (await response.json()) as T
}

/** Time travel goes past the hour in which a renewal is a draft; here it stops within. */
async function goesInto(draftOf: string): Promise<void> {
  const before = Date.parse(await world.now())
  const by = Math.ceil((Date.parse(draftOf) - before) / 1_000) + 600
  await simulated('/_sim/clock', { method: 'POST', body: JSON.stringify({ by }) })
  await world.running.domain.clocks.setTestOffset(before - Date.now() + by * 1_000)
}

test('a subscription canceled at once while its renewal is a draft leaves no draft: what it shows is paid and the rest given back', async () => {
  const kay = await world.customer('Kay')
  await kay.subscribes('metered')
  await kay.callsTimes(4)
  const { portal } = kay
  await until(
    () => portal.get('/api/v1/portal/next-invoice'),
    ({ invoice }) => invoice?.total.amountMinor === 1_200,
  )
  await goesInto((await mine(kay))?.currentPeriod?.endsAt ?? '')
  const list = () =>
    simulated<{ data: DraftOrFinal[] }>(`/v1/invoices?limit=4`).then(({ data }) => data)
  await until(list, ([latest]) => latest?.status === 'draft')

  await cancelsNow(kay)
  await world.advance('P2D')

  const invoices = await until(
    () => kay.invoices(),
    (all) => all.length >= 3 && all.every((invoice) => invoice.includes(' paid: ')),
  )
  expect((await list()).filter(({ status }) => status === 'draft')).toEqual([])
  const billed = await usageBilled(kay)
  expect(billed.map((line) => Number(line.split(' ').at(-1))).filter((minor) => minor > 0)).toEqual(
    [200],
  )
  const totals = invoices.map((invoice) => Number(invoice.split(' ')[0]))
  // The second period was paid and given back but for its first minutes.
  expect(totals.reduce((sum, total) => sum + total, 0)).toBe(1_200)
})
