import { type Decimal, decimal } from '../kit/decimal.ts'
import { DAY_MS, HOUR_MS, type Instant } from '../kit/instant.ts'
import { startOfHour } from '../kit/period.ts'
import { systemCaller } from '../domain/audit/caller.ts'
import { SIMULATOR_KEY } from '../domain/connections/service.ts'
import { bucketOf, type UsageDelta } from '../domain/metering/usage.ts'
import type { TimeTravel } from '../domain/time-travel/service.ts'
import type { Domain } from './compose.ts'

/** The part of a running process the story happens in. */
interface Stage {
  readonly domain: Domain
  readonly timeTravel: TimeTravel
  readonly simulatorUrl: string | undefined
}

/**
 * Three months in the life of an installation, lived through in a minute: companies sign up, pay, use the API, renew, fail
 * to pay, leave. Everything goes the way it goes in earnest, through Checkout, webhooks and the clock; only the calls
 * are counted without being made.
 */
interface Company {
  readonly name: string
  readonly plan: string
  readonly card: string
  /** The day of the story on which it signs up. */
  readonly joinsOn: number
  readonly leavesOn?: number
  /** The day on which its card stops working. */
  readonly cardFailsOn?: number
  /** Calls on an ordinary weekday at the beginning, and how much more each day. */
  readonly callsADay: number
  readonly growth: number
}

const GOOD = 'pm_card_visa'
const MASTERCARD = 'pm_card_mastercard'
const DECLINED = 'pm_card_chargeCustomerFail'
const DAYS = 92
const METER = 'requests'
const PRODUCER = 'demo'
const PASSWORD = 'demo-password'

const COMPANIES: readonly Company[] = [
  {
    name: 'Northwind Weather',
    plan: 'scale',
    card: GOOD,
    joinsOn: 0,
    callsADay: 900,
    growth: 1.012,
  },
  {
    name: 'Polar Logistics',
    plan: 'pro',
    card: MASTERCARD,
    joinsOn: 1,
    callsADay: 24,
    growth: 1.003,
  },
  {
    name: 'Harbor Insurance',
    plan: 'scale',
    card: GOOD,
    joinsOn: 3,
    callsADay: 520,
    growth: 1.004,
  },
  { name: 'Fjord Sailing Club', plan: 'free', card: '', joinsOn: 5, callsADay: 2, growth: 1 },
  { name: 'Meadow Farms', plan: 'payg', card: GOOD, joinsOn: 8, callsADay: 60, growth: 1.006 },
  {
    name: 'Skyline Drones',
    plan: 'pro',
    card: GOOD,
    joinsOn: 12,
    leavesOn: 60,
    callsADay: 30,
    growth: 0.985,
  },
  {
    name: 'Brightside Solar',
    plan: 'payg',
    card: MASTERCARD,
    joinsOn: 20,
    callsADay: 110,
    growth: 1.01,
  },
  { name: 'Orchard Analytics', plan: 'pro', card: GOOD, joinsOn: 27, callsADay: 28, growth: 1.002 },
  { name: 'Cobalt Energy', plan: 'scale', card: GOOD, joinsOn: 35, callsADay: 700, growth: 1.015 },
  { name: 'Tinker Labs', plan: 'free', card: '', joinsOn: 41, callsADay: 3, growth: 1.01 },
  {
    name: 'Larkspur Travel',
    plan: 'pro',
    card: GOOD,
    joinsOn: 58,
    cardFailsOn: 80,
    callsADay: 20,
    growth: 1,
  },
  { name: 'Juniper Markets', plan: 'payg', card: GOOD, joinsOn: 70, callsADay: 200, growth: 1.02 },
]

/** Calls by the hour of the day, in parts of the day's sum. */
const DAILY_RHYTHM = [1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 9, 8, 7, 8, 9, 8, 7, 6, 4, 3, 2, 2, 1, 1]
const RHYTHM_SUM = DAILY_RHYTHM.reduce((sum, part) => sum + part, 0)
const WEEKEND_FACTOR = 0.35

interface Member {
  readonly company: Company
  readonly customerId: string
}

/** Whether this installation has been through it already. */
export async function isLived({ domain }: Stage): Promise<boolean> {
  return (await domain.metering.lastSequence(PRODUCER)) > 0
}

export async function liveThroughThreeMonths(
  running: Stage,
  say: (text: string) => void,
): Promise<void> {
  const { domain, timeTravel } = running
  const begins = startOfHour(domain.clocks.now('test'))
  const members: Member[] = []
  const random = randomFrom(20_260_301)
  let sequence = 0
  for (let day = 0; day < DAYS; day++) {
    for (const company of COMPANIES.filter(({ joinsOn }) => joinsOn === day)) {
      members.push(await join(running, company))
    }
    for (const { company, customerId } of members) {
      if (company.leavesOn === day) await leave(running, customerId)
      if (company.cardFailsOn === day) await cardFails(running, customerId)
    }
    const startsAt = begins + day * DAY_MS
    const deltas = await Promise.all(
      members.map((member) => usageOf(running, member, day, startsAt, random)),
    )
    sequence += 1
    await domain.metering.applyBatch(PRODUCER, sequence, deltas.flat())
    await timeTravel.advance(startsAt + DAY_MS)
    if (day % 30 === 29) say(`  month ${(day + 1) / 30} of 3`)
  }
}

async function join({ domain, simulatorUrl }: Stage, company: Company): Promise<Member> {
  const caller = systemCaller('test')
  const email = `${company.name.toLowerCase().replaceAll(/\W+/g, '.')}@example.com`
  const userId = await domain.signIn.createAccount('portal', {
    name: company.name,
    email,
    password: PASSWORD,
  })
  const customer = await domain.accounts.create(caller, {
    name: company.name,
    email,
    ownerUserId: userId,
  })
  const result = await domain.subscriptions.subscribe(caller, {
    customerId: customer.id,
    planKey: company.plan,
    successUrl: 'http://localhost/',
    cancelUrl: 'http://localhost/',
  })
  if (result.kind === 'checkout') await pay(simulatorUrl ?? '', result.url, company.card)
  await domain.inbox.drain()
  return { company, customerId: customer.id }
}

/** What the form on the payment page does when it is sent. */
async function pay(simulatorUrl: string, checkoutUrl: string, card: string): Promise<void> {
  const session = /cs_test_\w+/.exec(checkoutUrl)?.[0] ?? ''
  await atStripe(simulatorUrl, `payment_pages/${session}/confirm`, { payment_method: card })
}

/** The bank blocks the card: the next renewal will fail. */
async function cardFails({ domain, simulatorUrl = '' }: Stage, customerId: string): Promise<void> {
  const { scope } = await domain.connections.stripe('test')
  const subscription = await domain.subscriptions.findOpen('test', customerId)
  const customer = (await domain.connections.externalId(scope, 'customer', customerId)) ?? ''
  const id = await domain.connections.externalId(scope, 'subscription', subscription?.id ?? '')
  const method = await atStripe(simulatorUrl, `payment_methods/${DECLINED}/attach`, { customer })
  await atStripe(simulatorUrl, `subscriptions/${id}`, { default_payment_method: method.id })
}

async function atStripe(
  simulatorUrl: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ id: string }> {
  const response = await globalThis.fetch(`${simulatorUrl}/v1/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SIMULATOR_KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(parameters),
  })
  if (!response.ok)
    throw new Error(`The simulated Stripe refused ${path}: ${await response.text()}`)
  return (await response.json()) as { id: string }
}

async function leave({ domain }: Stage, customerId: string): Promise<void> {
  const subscription = await domain.subscriptions.findOpen('test', customerId)
  if (subscription !== undefined) {
    await domain.cancellations.cancel(systemCaller('test'), subscription.id, 'default')
  }
}

/** One day of one company's calls, hour by hour, inside what its plan lets through. */
async function usageOf(
  { domain }: Stage,
  { company, customerId }: Member,
  day: number,
  startsAt: Instant,
  random: () => number,
): Promise<UsageDelta[]> {
  const subscription = await domain.subscriptions.findOpen('test', customerId)
  const [key] = await domain.keys.list('test', customerId)
  if (subscription === undefined || key === undefined) return []
  const record = await domain.access.findById('test', key.id)
  const weekday = new Date(startsAt).getUTCDay()
  const age = day - company.joinsOn
  const mood = (weekday === 0 || weekday === 6 ? WEEKEND_FACTOR : 1) * (0.8 + random() * 0.4)
  const calls = company.callsADay * company.growth ** age * mood
  return DAILY_RHYTHM.flatMap((part, hour) => {
    const count = Math.round((calls * part) / RHYTHM_SUM + random() - 0.5)
    const at = startsAt + hour * HOUR_MS
    if (count <= 0 || at < subscription.startsAt) return []
    const periods = [
      ...(record?.billingPeriods ? [record.billingPeriods] : []),
      ...(record?.grants?.quotas.map(({ window }) => window) ?? []),
    ]
    return [
      {
        mode: 'test' as const,
        subscriptionId: subscription.id,
        customerId,
        meterKey: METER,
        bucketAt: bucketOf(at, periods),
        apiKeyId: key.id,
        routeKey: 'all',
        dimension: '',
        eventCount: count,
        value: decimal(count) satisfies Decimal,
      },
    ]
  })
}

/** The same story every time: a small linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
