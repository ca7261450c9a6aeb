import { expect, test } from 'vitest'
import {
  aFee,
  aPlan,
  aQuota,
  type Answer,
  at,
  flat,
  invoiceInput,
  packages,
  quantityOf,
  termsOf,
  tiered,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import { decimal } from '../../kit/decimal.ts'
import type { RateCard } from '../catalog/plan.ts'
import type { Derivation } from './derivation.ts'
import { explainLine } from './explain-line.ts'
import { counted, moment, price } from './explain-words.ts'
import { creditUnused } from './proration.ts'
import { rateInvoice, type RateInvoiceInput } from './rate-invoice.ts'

const MARCH = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }

function explain(
  card: RateCard,
  answer: Answer,
  changes: Partial<RateInvoiceInput> = {},
  noun = 'call',
) {
  const terms = termsOf(aPlan({}, [card]), MARCH.startsAt)
  const units = { calls: noun }
  const { lines } = rateInvoice(invoiceInput(terms, { closing: MARCH, answer, units, ...changes }))
  return lines.map(({ derivation }) => explainLine(derivation))
}

test('U57 packages: how many there were, how many that makes and what they cost', () => {
  expect(explain(usageCard('calls', packages('0.01', '1000')), () => '1234567')).toEqual([
    [
      '1,234,567 calls were measured from 2026-03-01 to 2026-04-01.',
      '1,234,567 calls are 1,235 packages of 1,000; 1,235 × $0.01 = $12.35.',
    ],
  ])
})

test('what is included, what remains and the rounding', () => {
  const card = usageCard('calls', unit('0.001'), { entitlement: aQuota('100000') })
  expect(explain(card, () => '123456')).toEqual([
    [
      '123,456 calls were measured from 2026-03-01 to 2026-04-01.',
      'The plan includes 100,000 from 2026-03-01 to 2026-04-01; 23,456 remain to be charged.',
      '23,456 calls × $0.001 = $23.456.',
      'Rounded to $23.46.',
    ],
  ])
})

test('tiers, one sentence each, with the base fee where it belongs', () => {
  const base = tiered('graduated', ['1000000', null, '499'], [null, '0.0005'])
  const included = usageCard('calls', base, { entitlement: aQuota('1000000') })
  expect(explain(included, () => '1200000')[0]?.slice(2)).toEqual([
    'From 0 to 1,000,000: a fee of $499.00.',
    'Above 1,000,000: 200,000 × $0.0005 = $100.00.',
  ])
  const volume = usageCard('calls', tiered('volume', ['1000', '0.10'], [null, '0.08']))
  expect(explain(volume, () => '1001')[0]?.slice(1)).toEqual([
    'All 1,001 calls are in the tier above 1,000: 1,001 × $0.08 = $80.08.',
  ])
})

test('a matrix names what each row was for', () => {
  const card = usageCard('calls', {
    type: 'matrix',
    dimensions: ['model'],
    cells: [{ values: ['large'], amount: '0.00003' }],
    defaultAmount: '0.00001',
  })
  const answer = () => [
    quantityOf('1000', { model: 'large' }),
    quantityOf('2000', { model: 'tiny' }),
  ]
  expect(explain(card, answer, {}, 'token')).toEqual([
    [
      '1,000 tokens (model large) were measured from 2026-03-01 to 2026-04-01.',
      '2,000 tokens (model tiny) were measured from 2026-03-01 to 2026-04-01.',
      'large: 1,000 tokens × $0.00003 = $0.03.',
      'tiny (not on the price list): 2,000 tokens × $0.00001 = $0.02.',
    ],
  ])
})

test('discounts, minimums and coupons say what they changed', () => {
  const card = usageCard('calls', unit('0.01'), {
    discounts: [{ type: 'percentage', percent: '20' }],
    commitments: { usd: { minimum: '100', maximum: null } },
  })
  const coupons = [
    {
      id: 'c',
      name: 'Welcome',
      off: { type: 'amount' as const, amountMinor: 500n },
      planKeys: null,
      rateCardKeys: null,
      endsAt: null,
    },
  ]
  const [usage, minimum] = explain(card, () => '5000', { coupons })
  expect(usage?.slice(1)).toEqual([
    '5,000 calls × $0.01 = $50.00.',
    'Plan discount: 20 % off leaves $40.00.',
    'Welcome: $5.00 of the $5.00 are taken off here, leaving $35.00.',
  ])
  expect(minimum).toEqual([
    'A minimum of $100.00 was agreed; $40.00 were charged, the difference is $60.00.',
  ])
})

test('a part of a month is explained by its seconds', () => {
  const terms = termsOf(aPlan({ alignment: 'calendar' }, [aFee('31.00')]), at('2026-03-22'))
  const opening = { startsAt: at('2026-03-22'), endsAt: MARCH.endsAt }
  const { lines } = rateInvoice(invoiceInput(terms, { opening }))
  expect(lines.flatMap(({ derivation }) => explainLine(derivation))).toEqual([
    'The fee is $31.00.',
    'For the time from 2026-03-22 to 2026-04-01, 864,000 of 2,678,400 seconds of the period: $10.00.',
  ])
})

test('units that credits covered, bytes that became gigabytes, percentages and mark-ups are said plainly', () => {
  const coverage = [
    {
      featureKey: 'calls',
      at: MARCH.startsAt,
      quantity: decimal(3),
      kind: 'unit_grant' as const,
      grantId: 'grant_1',
    },
  ]
  const conversion = { operation: 'divide', factor: '1000', rounding: 'up' } as const
  const converted = usageCard('calls', unit('1'), { conversion })
  expect(explain(converted, () => '4500', { coverage })[0]?.slice(1)).toEqual([
    'Priced are 5 (4,500 ÷ 1,000).',
    '3 were already paid for by the grant grant_1.',
    '2 remain.',
    '2 units × $1.00 = $2.00.',
  ])
  const share = { rate: '2.9', fixedPerEvent: '0.30', minimumPerEvent: null, maximumPerEvent: null }
  const percentage = usageCard('calls', { type: 'percentage', ...share })
  expect(explain(percentage, () => '100')[0]?.[1]).toBe(
    '2.9 % of $100.00 plus $0.30 for each of 100 events: $32.90.',
  )
  const dynamic = usageCard('calls', { type: 'dynamic', multiplier: '1.2' })
  expect(explain(dynamic, () => '10')[0]?.[1]).toBe('The events add up to $10.00; × 1.2 = $12.00.')
})

test('the credit of a change says whether time or the quota decided', () => {
  const fee = {
    rateCardKey: 'fee',
    name: 'Fee',
    planKey: 'p',
    planVersion: 1,
    phaseKey: 'main',
    paidMinor: 2900n,
    creditedMinor: 0n,
    period: { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') },
  }
  const sentence = (mode: 'time_based' | 'max_consumption_based') => {
    const quotas = [{ featureKey: 'requests', used: decimal(7000), granted: decimal(10_000) }]
    const credit = creditUnused(fee, mode, at('2026-04-16'), quotas, 'usd')!
    const derivation = { currency: 'usd', steps: [credit.step] } as unknown as Derivation
    return explainLine(derivation)
  }
  expect(sentence('time_based')).toEqual([
    '$29.00 were paid from 2026-04-01 to 2026-05-01; 1,296,000 of 2,592,000 seconds were left at 2026-04-16: -$14.50.',
  ])
  expect(sentence('max_consumption_based')).toEqual([
    '$29.00 were paid from 2026-04-01 to 2026-05-01. 7,000 of 10,000 requests were used up at 2026-04-16, ' +
      'a larger share than that of the time; the unused share is credited: -$8.70.',
  ])
})

test('prices keep all their digits, cut ones are marked, and words follow the number', () => {
  expect(price('0.000000000001', 'usd')).toBe('$0.000000000001')
  expect(price('9.333333333333…', 'usd')).toBe('$9.333333333333…')
  expect(price('2900', 'jpy')).toBe('¥2,900')
  expect(price('123456789012345678.5', 'usd')).toBe('$123,456,789,012,345,678.50')
  expect(counted('1', 'request')).toBe('1 request')
  expect(counted('1.5', 'GB-month')).toBe('1.5 GB-months')
  expect(counted('2', 'query')).toBe('2 queries')
  expect(counted('2', 'batch')).toBe('2 batches')
  expect(moment('2026-03-16T12:30:00Z')).toBe('2026-03-16 12:30 UTC')
})

test('a fee charged twelve times says so', () => {
  const terms = termsOf(
    aPlan({ billingCadence: 'P1Y' }, [aFee('29.00', { prices: { usd: flat('29.00') } })]),
    MARCH.startsAt,
  )
  const opening = { startsAt: MARCH.startsAt, endsAt: at('2027-03-01') }
  const { lines } = rateInvoice(invoiceInput(terms, { opening }))
  expect(explainLine(lines[0]!.derivation)).toEqual([
    'The fee is charged 12 times: 12 × $29.00 = $348.00.',
  ])
})
