import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

/** Forty renewals, each of them paid. */
const A_YEAR_MS = 180_000

let world: World
beforeAll(async () => {
  world = await openWorld()
  const cards = [fee('31.00'), priced('requests', { type: 'unit', amount: '0.25' })]
  const over = { onSubscriptionEnd: 'deactivate' } as const
  await world.sells('anniversary', monthly('Anniversary', cards, over))
  await world.sells('calendar', monthly('Calendar', cards, { ...over, alignment: 'calendar' }))
  const years = { ...over, billingCadence: 'P1Y' }
  await world.sells('yearly', monthly('Yearly', [fee('300.00', { billingCadence: 'P1Y' })], years))
})
afterAll(() => world.close())

const mine = async (actor: Actor) => (await actor.overview()).subscription
const endOf = async (actor: Actor) => (await mine(actor))?.currentPeriod?.endsAt ?? ''
const day = (instant: string) => instant.slice(0, 10)

interface StripeSubscription {
  readonly status: string
  readonly items: {
    readonly data: readonly {
      readonly current_period_start: number
      readonly current_period_end: number
    }[]
  }
}

async function simulated<T>(path: string): Promise<T> {
  const headers = { authorization: 'Bearer sk_test_farebox' }
  return (await (await fetch(`${world.running.simulatorUrl}${path}`, { headers })).json()) as T
}

/** Periods of the running subscriptions as Stripe has them, to the second. */
async function inStripe(): Promise<string[]> {
  const { data } = await simulated<{ data: StripeSubscription[] }>('/v1/subscriptions?limit=100')
  return data
    .filter(({ status }) => status === 'active')
    .flatMap(({ items }) => items.data.slice(0, 1))
    .map(({ current_period_start: from, current_period_end: to }) => said(from * 1_000, to * 1_000))
}

const said = (from: number, to: number) =>
  `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`

async function cancels(actor: Actor): Promise<void> {
  await world.operator.post('/api/v1/subscriptions/{subscriptionId}/cancel', {
    params: { subscriptionId: (await mine(actor))?.id ?? '' },
    body: { timing: 'now' },
  })
}

test(
  'whoever begins on 29, 30 or 31 January is renewed for a year on that day or the last of the month, as Stripe has it to the second',
  async () => {
    const actors: Actor[] = []
    for (const begin of ['2027-01-29', '2027-01-30', '2027-01-31']) {
      await world.advance(`${begin}T10:00:00Z`)
      const actor = await world.customer(`On_${begin.slice(8)}`)
      await actor.subscribes('anniversary')
      actors.push(actor)
    }

    const ends: string[][] = [[], [], []]
    for (let month = 0; month < 12; month++) {
      const seen = await Promise.all(actors.map(mine))
      for (const [i, subscription] of seen.entries()) {
        ends[i]?.push(day(subscription?.currentPeriod?.endsAt ?? '').slice(5))
      }
      const ours = seen.map((subscription) => {
        const { startsAt = '', endsAt = '' } = subscription?.currentPeriod ?? {}
        return said(Date.parse(startsAt), Date.parse(endsAt))
      })
      expect((await inStripe()).toSorted()).toEqual(ours.toSorted())
      await world.advance(
        seen
          .map((subscription) => subscription?.currentPeriod?.endsAt ?? '')
          .toSorted()
          .at(-1) ?? '',
      )
    }

    const rest = (last: string) => [
      `03-${last}`,
      `04-${last === '31' ? '30' : last}`,
      `05-${last}`,
      `06-${last === '31' ? '30' : last}`,
      `07-${last}`,
      `08-${last}`,
      `09-${last === '31' ? '30' : last}`,
      `10-${last}`,
      `11-${last === '31' ? '30' : last}`,
      `12-${last}`,
      `01-${last}`,
    ]
    expect(ends).toEqual([
      ['02-28', ...rest('29')],
      ['02-28', ...rest('30')],
      ['02-28', ...rest('31')],
    ])
    for (const actor of actors) {
      const { data } = await actor.portal.get('/api/v1/portal/invoices')
      expect(data.map(({ total, state }) => `${state} ${total.amountMinor}`)).toEqual(
        Array.from({ length: 13 }, () => 'paid 3100'),
      )
      await cancels(actor)
    }
    const clock = await simulated<{ clocks: { now: number }[] }>('/_sim/clock')
    const apart = Date.parse(await world.now()) - (clock.clocks[0]?.now ?? 0) * 1_000
    expect(Math.abs(apart)).toBeLessThan(60_000)
  },
  A_YEAR_MS,
)

test('calendar periods begin with a part of a month, cost what was foretold, and go on from the first', async () => {
  await world.advance('2028-02-10T00:00:00Z')
  const ada = await world.customer('Ada')
  const offer = await ada.portal.post('/api/v1/portal/subscriptions/preview', {
    body: { planKey: 'calendar' },
  })
  await ada.subscribes('calendar')
  expect(await endOf(ada)).toBe('2028-03-01T00:00:00Z')
  await ada.callsTimes(4)
  const next = await until(
    () => ada.portal.get('/api/v1/portal/next-invoice'),
    ({ invoice }) => invoice?.total.amountMinor === 3_200,
  )

  await world.advance('2028-03-01T00:00:00Z')
  expect(await endOf(ada)).toBe('2028-04-01T00:00:00Z')
  await world.advance('2028-04-01T00:00:00Z')

  const invoices = await until(
    async () => (await ada.portal.get('/api/v1/portal/invoices')).data.toReversed(),
    (all) => all.length === 3 && all.every(({ state }) => state === 'paid'),
  )
  const [stub, first, second] = invoices.map(({ total }) => total.amountMinor)
  // 20 of 29 days, less the seconds that have passed since midnight; a cent is fourteen minutes.
  expect(offer.invoice?.total.amountMinor).toBe(2_138)
  expect(stub).toBe(2_138)
  expect([first, second]).toEqual([next.invoice?.total.amountMinor, 3_100])
  const { data: findings } = await world.operator.get('/api/v1/findings', { query: {} })
  expect(findings).toEqual([])
  await cancels(ada)
})

test('a year from 29 February ends on the 28th, until there is a 29th again', async () => {
  await world.advance('2032-02-29T10:00:00Z')
  const leap = await world.customer('Leap')
  await leap.subscribes('yearly')

  const ends: string[] = []
  for (let year = 0; year < 4; year++) {
    ends.push(day(await endOf(leap)))
    await world.advance(await endOf(leap))
  }

  expect(ends).toEqual(['2033-02-28', '2034-02-28', '2035-02-28', '2036-02-29'])
})
