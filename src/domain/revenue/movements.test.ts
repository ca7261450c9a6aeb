import fc from 'fast-check'
import { expect, test } from 'vitest'
import { movementsOf, ratesOf, revenueOver, share } from './movements.ts'
import { addRevenue, type RevenueStep } from './recurring-revenue.ts'

const steps = (...amounts: readonly [at: number, amount: number][]): RevenueStep[] =>
  amounts.map(([at, amount]) => ({ at, amountMinor: BigInt(amount) }))
const whole = (startsAt: number, endsAt: number) => [{ startsAt, endsAt }]

test('S2.18 who comes, grows, shrinks, leaves and comes back moves revenue once each', () => {
  const life = steps([10, 2900], [20, 9900], [30, 900], [40, 0], [50, 900])

  expect(movementsOf(life)).toEqual([
    { kind: 'new', at: 10, amountMinor: 2900n },
    { kind: 'expansion', at: 20, amountMinor: 7000n },
    { kind: 'contraction', at: 30, amountMinor: 9000n },
    { kind: 'churned', at: 40, amountMinor: 900n },
    { kind: 'reactivation', at: 50, amountMinor: 900n },
  ])
})

test('churn counts customers and money against what was there at the start', () => {
  const customers = [
    steps([0, 1000]),
    steps([0, 1000], [15, 0]),
    steps([0, 2000], [15, 1500]),
    steps([0, 1000], [15, 3000]),
    // Comes and goes within the interval: neither there at the start nor lost.
    steps([12, 700], [18, 0]),
    steps([15, 500]),
  ]
  const [interval] = revenueOver(customers, whole(10, 20))

  expect(interval).toMatchObject({
    startMinor: 5000n,
    endMinor: 6000n,
    movements: {
      new: 1200n,
      expansion: 2000n,
      contraction: 500n,
      churned: 1700n,
    },
    customersAtStart: 4,
    customersLost: 1,
    customersWon: 1,
    customersAtEnd: 4,
  })
  expect(interval && ratesOf(interval)).toEqual({
    logoChurn: '0.2500',
    revenueChurn: '0.4400',
    netRetention: '0.9600',
  })
})

test('what happens at the end of an interval belongs to the next', () => {
  const customer = steps([10, 2900], [20, 0])
  const [first, second] = revenueOver(
    [customer],
    [
      { startsAt: 10, endsAt: 20 },
      { startsAt: 20, endsAt: 30 },
    ],
  )

  expect([first?.startMinor, first?.movements.new, first?.endMinor]).toEqual([0n, 2900n, 2900n])
  expect([second?.startMinor, second?.movements.churned, second?.endMinor]).toEqual([
    2900n,
    2900n,
    0n,
  ])
})

test('a share of nothing is none, and shares are rounded once', () => {
  expect([share(1, 0), share(0, 3), share(2, 3), share(-1n, 3n), share(5, 2)]).toEqual([
    null,
    '0.0000',
    '0.6667',
    '-0.3333',
    '2.5000',
  ])
})

const history = fc
  .array(fc.tuple(fc.nat(100), fc.oneof(fc.constant(0), fc.nat(10_000))), { maxLength: 12 })
  .map((pairs) => {
    const byTime = new Map(pairs)
    return steps(...[...byTime].toSorted(([a], [b]) => a - b))
  })
const customers = fc.array(
  fc.array(history, { maxLength: 3 }).map((subscriptions) => addRevenue(subscriptions)),
  { maxLength: 8 },
)
const cuts = fc
  .uniqueArray(fc.integer({ min: 0, max: 101 }), { minLength: 2, maxLength: 8 })
  .map((times) => times.toSorted((a, b) => a - b))

test('S2.18 end = start + new + expansion + reactivation − contraction − churned, over any history', () => {
  fc.assert(
    fc.property(customers, cuts, (all, times) => {
      const intervals = times.slice(1).map((endsAt, i) => ({ startsAt: times[i] ?? 0, endsAt }))
      const parts = revenueOver(all, intervals)
      const [over] = revenueOver(all, whole(times[0] ?? 0, times.at(-1) ?? 0))
      for (const { startMinor, endMinor, movements } of [...parts, ...(over ? [over] : [])]) {
        const { new: won, expansion, reactivation, contraction, churned } = movements
        expect(startMinor + won + expansion + reactivation - contraction - churned).toBe(endMinor)
        expect(Object.values(movements).every((amount) => amount >= 0n)).toBe(true)
      }
      // Parts follow each other without a gap, and are what the whole is.
      parts.slice(1).forEach((part, i) => expect(part.startMinor).toBe(parts[i]?.endMinor))
      const sum = parts.reduce((total, { movements }) => total + movements.new, 0n)
      expect(sum).toBe(over?.movements.new)
    }),
  )
})

test('nobody is new twice, and customers at the end are those at the start, less the lost, and the won', () => {
  fc.assert(
    fc.property(customers, cuts, (all, times) => {
      for (const each of all) {
        expect(movementsOf(each).filter(({ kind }) => kind === 'new').length).toBeLessThan(2)
      }
      const [over] = revenueOver(all, whole(times[0] ?? 0, times.at(-1) ?? 0))
      const { customersAtStart = 0, customersLost = 0, customersWon = 0 } = over ?? {}
      expect(over?.customersAtEnd).toBe(customersAtStart - customersLost + customersWon)
    }),
  )
})
