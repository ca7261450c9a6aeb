import { expect, test } from 'vitest'
import { businessTiles } from './present-business.ts'

type Metrics = Parameters<typeof businessTiles>[0]
type Row = Metrics['revenue'][number]

const usd = (amountMinor: number) => ({ amountMinor, currency: 'usd' })
const NONE: Metrics = {
  period: { startsAt: '2026-03-01T00:00:00Z', endsAt: '2026-03-31T00:00:00Z' },
  revenue: [],
  activeCustomers: 0,
  plans: [],
  trials: { ended: 0, converted: 0, conversion: null },
  payments: [],
  paymentFailureRate: null,
  disputes: { open: 0, rate: null, medianResolutionSeconds: null },
  refunds: [],
  quotaDenials: 0,
}
const row = (currency: string, changes: Partial<Row> = {}): Row => ({
  startsAt: NONE.period.startsAt,
  endsAt: NONE.period.endsAt,
  currency,
  mrrAtStart: usd(100_000),
  new: usd(0),
  expansion: usd(0),
  reactivation: usd(0),
  contraction: usd(0),
  churned: usd(0),
  mrrAtEnd: usd(104_200),
  arr: usd(0),
  atRisk: usd(0),
  customersAtStart: 1,
  customersWon: 0,
  customersLost: 0,
  customersAtEnd: 1,
  logoChurn: null,
  revenueChurn: null,
  netRetention: '0.9910',
  change: '0.0420',
  ...changes,
})
const told = (metrics: Metrics) =>
  Object.fromEntries(businessTiles(metrics).map(({ label, value }) => [label, value]))

test('a business without sales shows no numbers it does not have', () => {
  expect(told(NONE)).toEqual({
    MRR: '–',
    'Active customers': '0',
    'Net churn': '–',
    'Trial conversion': '–',
    'Payment failures': '–',
    'Open disputes': '0',
    Refunds: '–',
    'Quota denials': '0',
  })
})

test('one currency is plain, several are named and never added up', () => {
  expect(told({ ...NONE, revenue: [row('usd')] })).toMatchObject({
    MRR: '$1,042.00',
    'Net churn': '0.9%',
  })
  const eur = row('eur', { mrrAtEnd: { amountMinor: 2_900, currency: 'eur' }, netRetention: null })
  expect(told({ ...NONE, revenue: [eur, row('usd')] })).toMatchObject({
    'MRR in EUR': '€29.00',
    'MRR in USD': '$1,042.00',
    'Net churn': '0.9%',
  })
})

test('revenue at risk is said beside it, and every number leads somewhere', () => {
  const tiles = businessTiles({ ...NONE, revenue: [row('usd', { atRisk: usd(2_900) })] })

  expect(tiles[0]).toMatchObject({ note: '$29.00 at risk', change: 0.042 })
  expect(tiles.every(({ link }) => link.to.startsWith('/'))).toBe(true)
})
