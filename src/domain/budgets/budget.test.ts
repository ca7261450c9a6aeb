import { expect, test } from 'vitest'
import { formatDecimal } from '../../kit/decimal.ts'
import { formatInstant, parseInstant } from '../../kit/instant.ts'
import type { PlanPhase, Price } from '../catalog/plan.ts'
import { type BudgetWindow, budgetWindowAt } from './budget.ts'
import { listPrices } from './list-price.ts'

function windowOf(window: BudgetWindow, timeZone: string, at: string): string[] {
  const { startsAt, endsAt } = budgetWindowAt({ window, timeZone }, parseInstant(at) ?? 0)
  return [formatInstant(startsAt), formatInstant(endsAt)]
}

test.each([
  [
    'hour',
    'Asia/Kolkata',
    '2026-03-10T10:20:30Z',
    '2026-03-10T10:00:00.000Z',
    '2026-03-10T11:00:00.000Z',
  ],
  [
    'day',
    'Asia/Kolkata',
    '2026-03-10T10:20:30Z',
    '2026-03-09T18:30:00.000Z',
    '2026-03-10T18:30:00.000Z',
  ],
  // Oslo's clocks skip an hour in the night of 29 March and repeat one on 25 October 2026.
  [
    'day',
    'Europe/Oslo',
    '2026-03-29T10:00:00Z',
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ],
  [
    'day',
    'Europe/Oslo',
    '2026-10-25T10:00:00Z',
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ],
  ['week', 'UTC', '2026-03-11T10:00:00Z', '2026-03-09T00:00:00.000Z', '2026-03-16T00:00:00.000Z'],
  ['month', 'UTC', '2027-02-28T23:59:59Z', '2027-02-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z'],
  [
    'month',
    'America/New_York',
    '2026-12-31T23:00:00Z',
    '2026-12-01T05:00:00.000Z',
    '2027-01-01T05:00:00.000Z',
  ],
] as const)(
  'a budget by the %s in %s is the one of the calendar there',
  (window, zone, at, from, to) => {
    const shown = windowOf(window, zone, at)

    expect(shown.map((text) => Date.parse(text))).toEqual([Date.parse(from), Date.parse(to)])
  },
)

function phaseWith(price: Price, conversion: PlanPhase['rateCards'][number]['conversion'] = null) {
  return {
    key: 'default',
    name: 'Default',
    duration: null,
    rateCards: [
      {
        key: 'requests',
        name: 'Requests',
        featureKey: 'requests',
        billingCadence: 'P1M',
        prices: { usd: price },
        entitlement: null,
        discounts: [],
        commitments: null,
        conversion,
        creditCost: null,
        creditGrant: null,
        providerPrice: { kind: 'managed' },
      },
    ],
  } as PlanPhase
}

const FEATURES = new Map([['requests', { meterKey: 'requests' }]]) as never

test.each<[string, Price, string]>([
  ['unit', { type: 'unit', amount: '0.002' }, '0.002'],
  [
    'package',
    { type: 'package', amount: '0.01', quantityPerPackage: '1000', rounding: 'up' },
    '0.00001',
  ],
  [
    'tiered',
    {
      type: 'tiered',
      mode: 'graduated',
      tiers: [
        { upToAmount: '1000', flatPrice: '0', unitPrice: '0' },
        { upToAmount: '5000', flatPrice: null, unitPrice: '0.03' },
        { upToAmount: null, flatPrice: null, unitPrice: '0.01' },
      ],
    },
    '0.03',
  ],
  ['flat', { type: 'flat', amount: '29', paymentTerm: 'in_advance' }, '0'],
  [
    'percentage',
    {
      type: 'percentage',
      rate: '2.5',
      fixedPerEvent: null,
      minimumPerEvent: null,
      maximumPerEvent: null,
    },
    '0.025',
  ],
])('a unit at a %s price is worth what the dearest next unit costs', (_, price, expected) => {
  const prices = listPrices(phaseWith(price), FEATURES, 'usd')

  expect(formatDecimal(prices['requests'] ?? (-1n as never))).toBe(expected)
})

test('a card that sells millions of units is worth a millionth for each', () => {
  const conversion = { operation: 'divide', factor: '1000000', rounding: 'none' } as const

  const prices = listPrices(phaseWith({ type: 'unit', amount: '3' }, conversion), FEATURES, 'usd')

  expect(formatDecimal(prices['requests'] ?? (-1n as never))).toBe('0.000003')
})
