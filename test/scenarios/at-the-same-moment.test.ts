import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProblemError } from '../../src/client/problem-error.ts'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const CALLERS = 5

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('small', monthly('Small', [fee('29.00'), quota('requests', '5')]))
  await world.sells('large', monthly('Large', [fee('99.00'), quota('requests', '50')]))
  await world.sells('huge', monthly('Huge', [fee('299.00'), quota('requests', '500')]))
})
afterAll(() => world.close())

const mine = async (actor: Actor) => (await actor.overview()).subscription

/** Everybody at once: what each is answered, or the code of the refusal. */
async function together<T>(ask: (n: number) => Promise<T>): Promise<(T | string)[]> {
  return Promise.all(
    Array.from({ length: CALLERS }, (_, n) =>
      ask(n).catch((error: unknown) => {
        if (error instanceof ProblemError && error.status === 409) return error.code
        throw error
      }),
    ),
  )
}

async function auditOf(actor: Actor, action: string): Promise<number> {
  const { data } = await world.operator.get('/api/v1/audit-entries', {
    query: { customerId: actor.customerId },
  })
  return data.filter((entry) => entry.action === action).length
}

test('S5.15.5 who subscribes to a free plan many times at once has it once, with one key', async () => {
  const ada = await world.customer('Ada')

  const answers = await together(() =>
    ada.portal.post('/api/v1/portal/subscriptions', { body: { planKey: 'free' } }),
  )

  const codes = answers.filter((answer) => typeof answer === 'string')
  expect(codes).toHaveLength(CALLERS - 1)
  expect(await auditOf(ada, 'subscription.created')).toBe(1)
  expect((await ada.portal.get('/api/v1/portal/keys')).data).toHaveLength(1)
})

test('S5.15.5 who buys a plan many times at once is led to one payment, and pays once', async () => {
  const bob = await world.customer('Bob')

  const pages = await together(() => bob.choosesPlan('small'))
  const intents = new Set(pages.map((page) => (typeof page === 'string' ? page : page.intentId)))
  expect(intents.size).toBe(1)
  const [purchase] = pages
  if (purchase === undefined || typeof purchase === 'string') throw new Error('No page')
  await purchase.pays()
  await purchase.settles()

  const paid = await until(
    () => bob.invoices(),
    (list) => list.length > 0 && list.every((invoice) => invoice.includes(' paid')),
  )
  expect(paid).toHaveLength(1)
  expect(await auditOf(bob, 'subscription.created')).toBe(1)
})

test('S5.15.5 one quote confirmed many times at once is one change and one payment', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('small')
  await world.advance('P10D')
  const { quoteId } = await eve.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'large' },
  })

  await together(() => eve.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } }))

  await until(
    () => mine(eve),
    (subscription) => subscription?.planKey === 'large' && subscription.change === null,
  )
  const invoices = await until(
    () => eve.invoices(),
    (list) => list.length > 1 && list.every((invoice) => invoice.includes(' paid')),
  )
  expect(invoices).toHaveLength(2)
  expect(await auditOf(eve, 'subscription.changed')).toBe(1)
})

test('S5.15.5 of several quotes confirmed at once one is carried out, the others are refused', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('small')
  await world.advance('P10D')
  const quotes: string[] = []
  for (let n = 0; n < CALLERS; n++) {
    const { quoteId } = await kim.portal.post('/api/v1/portal/subscription/change/preview', {
      body: { planKey: n % 2 === 0 ? 'large' : 'huge' },
    })
    quotes.push(quoteId)
  }

  const answers = await together((n) =>
    kim.portal.post('/api/v1/portal/subscription/change', {
      body: { quoteId: quotes[n] ?? '' },
    }),
  )

  expect(answers.filter((answer) => typeof answer !== 'string')).toHaveLength(1)
  const invoices = await until(
    () => kim.invoices(),
    (list) => list.length > 1 && list.every((invoice) => invoice.includes(' paid')),
  )
  expect(invoices).toHaveLength(2)
  expect(await auditOf(kim, 'subscription.changed')).toBe(1)
})

test('S5.15.5 who cancels many times at once cancels once, and the others are told so', async () => {
  const lou = await world.customer('Lou')
  await lou.subscribes('small')
  const ends = (await mine(lou))?.currentPeriod?.endsAt

  const answers = await together(() => lou.portal.post('/api/v1/portal/subscription/cancel'))

  expect(answers.filter((answer) => answer === 'already_canceling')).toHaveLength(CALLERS - 1)
  expect(await mine(lou)).toMatchObject({ lifecycle: 'canceling', cancelAt: ends })
  expect(await auditOf(lou, 'subscription.canceled')).toBe(1)
})

test('S5.15.5 a change and a cancellation at once leave a subscription that does one of them', async () => {
  const max = await world.customer('Max')
  await max.subscribes('large')
  await world.advance('P10D')
  const { quoteId } = await max.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'small' },
  })

  const answers = await together<unknown>((n) =>
    n % 2 === 0
      ? max.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })
      : max.portal.post('/api/v1/portal/subscription/cancel'),
  )

  expect(answers.some((answer) => typeof answer !== 'string')).toBe(true)
  await until(
    () => mine(max),
    (subscription) => subscription?.change?.state !== 'executing',
  )
  const now = await mine(max)
  const plans = [now?.change !== null, now?.cancelAt !== null]
  expect(plans.filter(Boolean)).toHaveLength(1)
  await world.advance('P1M')
  const after = await mine(max)
  if (now?.cancelAt === null) expect(after).toMatchObject({ planKey: 'small', change: null })
  else expect(after).toMatchObject({ planKey: 'large', lifecycle: 'ended' })
})
