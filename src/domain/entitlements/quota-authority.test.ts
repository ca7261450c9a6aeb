import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { createManualClock } from '../../kit/clock.ts'
import { decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import { DAY_MS } from '../../kit/instant.ts'
import { createQuotaAuthority, type QuotaAuthority } from './quota-authority.service.ts'
import type { LeaseAnswer, LeaseAsk, QuotaKey } from './quota.ts'

const NOW = Date.UTC(2026, 2, 1)
const KEY: QuotaKey = {
  mode: 'test',
  subscriptionId: 'subscription_1',
  quotaKey: 'requests:1M',
  window: { startsAt: NOW, endsAt: NOW + 31 * DAY_MS },
}
const clock = createManualClock(NOW)

let authority: QuotaAuthority

beforeEach(async () => {
  authority = createQuotaAuthority({ database: await testDatabase(), clock })
  await authority.open(KEY, ZERO)
})

const anAsk = (limit: number, ask: Partial<LeaseAsk> = {}): LeaseAsk => ({
  ...KEY,
  ceiling: decimal(limit),
  debt: ZERO,
  need: decimal(1),
  want: ZERO,
  ...ask,
})

async function lease(producerId: string, ask: LeaseAsk) {
  const [answer] = await authority.lease(producerId, [ask])
  return answer!
}

const granted = (answer: LeaseAnswer) =>
  answer.kind === 'leased' ? Number(formatDecimal(answer.granted)) : answer.kind
const total = (answer: LeaseAnswer) =>
  answer.kind === 'leased' ? Number(formatDecimal(answer.total)) : answer.kind

test('many gateways asking at once get exactly the limit together', async () => {
  const limit = 150
  const spendAlone = async (producerId: string) => {
    let got = 0
    for (;;) {
      const units = granted(await lease(producerId, anAsk(limit, { want: decimal(20) })))
      if (units === 0) return got
      got += Number(units)
    }
  }

  const got = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(spendAlone))

  expect(got.reduce((a, b) => a + b)).toBe(limit)
})

test('asks for many quotas in different orders wait for each other and all succeed', async () => {
  const keys = Array.from({ length: 20 }, (_, i) => ({ ...KEY, quotaKey: `f${i}:1M` }))
  for (const key of keys) await authority.open(key, ZERO)
  const asks = keys.map((key) => ({ ...anAsk(1_000), ...key }))

  await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      authority.lease(`p${i}`, i % 2 === 0 ? asks : asks.toReversed()),
    ),
  )

  const answers = await authority.lease('last', asks)
  expect(answers.map(total)).toEqual(keys.map(() => 11))
})

test('a window opens once, with what was used before', async () => {
  await authority.open(KEY, decimal(500))
  expect(total(await lease('a', anAsk(100)))).toBe(1)

  const next = { ...KEY, window: { startsAt: NOW + DAY_MS, endsAt: NOW + 2 * DAY_MS } }
  expect(granted(await lease('a', { ...anAsk(100), ...next }))).toBe('unopened')
  await authority.open(next, decimal('99.5'))
  expect(granted(await lease('a', { ...anAsk(100), ...next }))).toBe(0.5)
})

test('units that come back can be leased again, by anybody', async () => {
  expect(granted(await lease('a', anAsk(10, { need: decimal(10) })))).toBe(10)
  expect(granted(await lease('b', anAsk(10)))).toBe(0)

  await authority.giveBack('a', [{ ...KEY, units: decimal(4) }])

  expect(granted(await lease('b', anAsk(10, { need: decimal(9) })))).toBe(4)
})

test('units that arrive after their gateway was retired do not come back a second time', async () => {
  await lease('dead', anAsk(100, { need: decimal(40) }))
  await authority.settle('dead', 1, [{ ...KEY, units: decimal(15) }])
  await authority.retire('dead')

  await authority.giveBack('dead', [{ ...KEY, units: decimal(25) }])

  expect(total(await lease('alive', anAsk(100, { need: ZERO })))).toBe(15)
})

test('a limit that is lowered below what is debited refuses, and lets nobody owe less', async () => {
  await lease('a', anAsk(10, { need: decimal(8) }))

  expect(granted(await lease('a', anAsk(5)))).toBe(0)
  expect(total(await lease('a', anAsk(5)))).toBe(8)
  expect(granted(await lease('a', anAsk(20, { need: decimal(2) })))).toBe(2)
})

test('the death of a gateway gives back what its log does not show as spent, exactly once', async () => {
  await lease('dead', anAsk(100, { need: decimal(40) }))
  await lease('alive', anAsk(100, { need: decimal(10) }))
  await authority.settle('dead', 1, [{ ...KEY, units: decimal(12) }])
  await authority.settle('dead', 2, [{ ...KEY, units: decimal(3) }])
  await authority.settle('dead', 2, [{ ...KEY, units: decimal(3) }])

  await authority.retire('dead')
  await authority.retire('dead')

  expect(total(await lease('alive', anAsk(100, { need: ZERO })))).toBe(25)
})

test('what a call took that another is billed for comes back, exactly once', async () => {
  const settled = { ...KEY, units: decimal(3), unbilled: decimal(2) }
  await lease('a', anAsk(10, { need: decimal(8) }))

  await authority.settle('a', 1, [settled])
  await authority.settle('a', 1, [settled])
  expect(total(await lease('b', anAsk(10, { need: ZERO })))).toBe(6)

  await authority.retire('a')
  expect(total(await lease('b', anAsk(10, { need: ZERO })))).toBe(3)
})

test('what a gateway spent without a lease is debited when it is gone, even above the limit', async () => {
  await lease('a', anAsk(10, { need: decimal(9) }))
  await authority.settle('b', 1, [{ ...KEY, units: decimal(5) }])

  await authority.retire('b')

  expect(total(await lease('a', anAsk(10, { need: ZERO })))).toBe(14)
})

test('the first who is short recalls what others have in stock; later ones only wait for it', async () => {
  const recalled: string[] = []
  const stop = authority.onRecall((news) => {
    if ('quotaKey' in news) recalled.push(news.quotaKey)
  })
  // A server's listener starts a moment after it is asked for.
  await new Promise((resolve) => setTimeout(resolve, 200))
  await lease('a', anAsk(10, { need: decimal(10) }))

  const first = await lease('b', anAsk(10))
  const second = await lease('c', anAsk(10))

  expect([first, second]).toMatchObject([{ isRecalling: true }, { isRecalling: true }])
  await expect.poll(() => recalled).toEqual(['requests:1M'])
  stop()
})

test('who is short of a quota that nobody else holds is told so at once', async () => {
  await lease('a', anAsk(10, { need: decimal(10) }))

  expect(await lease('a', anAsk(10))).toMatchObject({ isRecalling: false })
})

test('windows that ended long ago are forgotten, others stay', async () => {
  await lease('a', anAsk(10))
  clock.advance(20 * DAY_MS)
  await authority.prune()
  expect(total(await lease('a', anAsk(10)))).toBe(2)

  clock.advance(20 * DAY_MS)
  await authority.prune()

  expect(granted(await lease('a', anAsk(10)))).toBe('unopened')
})
