import { expect, test } from 'vitest'
import {
  aFee,
  aPlan,
  aQuota,
  at,
  invoiceInput,
  quantityOf,
  termsOf,
  tiered,
  unit,
  usageCard,
} from '../../../../test/support/plans.ts'
import { decimal } from '../../../kit/decimal.ts'
import type { Period } from '../../../kit/period.ts'
import type { PlanDefinition } from '../../catalog/plan.ts'
import { rateInvoice, type RatedInvoice } from '../rate-invoice.ts'
import { overriddenPhase } from '../../subscriptions/overrides.ts'
import { endTerms } from '../terms.ts'

const MARCH: Period = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }
const APRIL: Period = { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') }

const rows = ({ lines }: RatedInvoice) =>
  lines.map(
    ({ rateCardKey, kind, quantity, amountMinor }) =>
      [rateCardKey, kind, quantity, Number(amountMinor)] as const,
  )

function marchUsage(definition: PlanDefinition, quantity: string, changes = {}) {
  const terms = termsOf(definition, MARCH.startsAt)
  return rateInvoice(invoiceInput(terms, { closing: MARCH, answer: () => quantity, ...changes }))
}

test('included 100,000 and a tenth of a cent beyond: 123,456 calls are $23.46', () => {
  const plan = aPlan({}, [usageCard('requests', unit('0.001'), { entitlement: aQuota('100000') })])
  expect(marchUsage(plan, '123456').totalMinor).toBe(2346n)
  expect(marchUsage(plan, '99999').totalMinor).toBe(0n)
})

test('an allowance that the price repeats as a free tier is taken off once', () => {
  const price = tiered('graduated', ['10000', null], [null, '0.01'])
  const plan = aPlan({}, [usageCard('requests', price, { entitlement: aQuota('10000') })])
  expect(marchUsage(plan, '12345').totalMinor).toBe(2345n)
})

test('a base fee in the first tier is due with everything included, and for a part of the month in part', () => {
  const price = tiered('graduated', ['1000000', null, '499'], [null, '0.0005'])
  const plan = aPlan({}, [usageCard('requests', price, { entitlement: aQuota('1000000') })])
  expect(marchUsage(plan, '0').totalMinor).toBe(49900n)
  expect(marchUsage(plan, '1200000').totalMinor).toBe(59900n)

  const ended = endTerms(termsOf(plan, MARCH.startsAt), at('2026-03-16T12:00:00Z'), 'cancel')
  const half = { ...MARCH, endsAt: at('2026-03-16T12:00:00Z') }
  expect(rateInvoice(invoiceInput(ended, { closing: half })).totalMinor).toBe(24950n)
})

test('a limit that blocks is a cap on what is bought, not an allowance: every unit is priced', () => {
  const entitlement = aQuota('100000', { onLimit: 'block' })
  const plan = aPlan({}, [usageCard('requests', unit('0.01'), { entitlement })])
  expect(marchUsage(plan, '1000').totalMinor).toBe(1000n)
})

test('U9 1 GB for half of the month and 2 GB for the other half are 1.5 GB-months and $0.23', () => {
  const plan = aPlan({}, [usageCard('storage', unit('0.15'))])
  expect(marchUsage(plan, '1.5').totalMinor).toBe(23n)
})

test('U15 a yearly plan with a monthly allowance includes it twelve times', () => {
  const plan = aPlan({ billingCadence: 'P1Y' }, [
    usageCard('requests', unit('0.01'), { billingCadence: 'P1Y', entitlement: aQuota('1000') }),
  ])
  const MONTHS: Record<number, string> = { [MARCH.startsAt]: '3000', [at('2026-12-01')]: '1500' }
  const year = { startsAt: MARCH.startsAt, endsAt: at('2027-03-01') }
  const answer = ({ startsAt }: Period) => MONTHS[startsAt] ?? '900'
  const invoice = rateInvoice(
    invoiceInput(termsOf(plan, MARCH.startsAt), { closing: year, answer }),
  )
  // 2,000 beyond in March and 500 in December; what is left over in the others does not make up for it.
  expect(rows(invoice)).toEqual([['requests', 'usage', '2500', 2500]])
})

test('a window that began before the period includes only what it has left', () => {
  const plan = aPlan({}, [
    usageCard('requests', unit('0.01'), {
      entitlement: aQuota('1000', { usagePeriod: 'P3M' }),
    }),
  ])
  const terms = termsOf(plan, MARCH.startsAt)
  const answer = ({ endsAt }: Period) => (endsAt === MARCH.endsAt ? '700' : '1200')
  const invoice = rateInvoice(invoiceInput(terms, { closing: APRIL, answer }))
  // 700 of the quarter's 1,000 were used in March, so 300 of April's 500 are included.
  expect(rows(invoice)).toEqual([['requests', 'usage', '200', 200]])
})

test('units that grants paid for are not billed again', () => {
  const plan = aPlan({}, [usageCard('requests', unit('0.01'), { entitlement: aQuota('1000') })])
  const coverage = [
    {
      featureKey: 'requests',
      at: at('2026-03-10'),
      quantity: decimal(300),
      kind: 'unit_grant',
      grantId: 'g1',
    },
    {
      featureKey: 'requests',
      at: at('2026-04-10'),
      quantity: decimal(500),
      kind: 'unit_grant',
      grantId: 'g1',
    },
    {
      featureKey: 'other',
      at: at('2026-03-10'),
      quantity: decimal(500),
      kind: 'unit_grant',
      grantId: 'g2',
    },
  ] as const
  expect(rows(marchUsage(plan, '1500', { coverage }))).toEqual([['requests', 'usage', '200', 200]])
})

test('bytes are priced as gigabytes, and what is included counts gigabytes', () => {
  const plan = aPlan({}, [
    usageCard('bytes', unit('0.10'), {
      conversion: { operation: 'divide', factor: '1000000000', rounding: 'up' },
      entitlement: aQuota('10'),
    }),
  ])
  expect(rows(marchUsage(plan, '12000000001'))).toEqual([['bytes', 'usage', '3', 30]])
})

test('a matrix uses up what is included in the order of the price list', () => {
  const plan = aPlan({}, [
    usageCard(
      'tokens',
      {
        type: 'matrix',
        dimensions: ['model'],
        cells: [
          { values: ['small'], amount: '0.01' },
          { values: ['large'], amount: '0.10' },
        ],
        defaultAmount: '1',
      },
      { entitlement: aQuota('150') },
    ),
  ])
  const answer = () => [
    quantityOf('100', { model: 'large' }),
    quantityOf('100', { model: 'small' }),
  ]
  // 100 small and 50 large are included; 50 large at $0.10 remain.
  expect(marchUsage(plan, '', { answer }).totalMinor).toBe(500n)
})

test('an agreed minimum is made up, an agreed maximum is not exceeded, both in part for a part', () => {
  const plan = (minimum: string | null, maximum: string | null) =>
    aPlan({}, [usageCard('requests', unit('1'), { commitments: { usd: { minimum, maximum } } })])
  expect(rows(marchUsage(plan('100', null), '75'))).toEqual([
    ['requests', 'usage', '75', 7500],
    ['requests', 'minimum_commitment', null, 2500],
  ])
  expect(rows(marchUsage(plan(null, '50'), '75'))).toEqual([
    ['requests', 'usage', '75', 7500],
    ['requests', 'maximum_commitment', null, -2500],
  ])
  const terms = endTerms(termsOf(plan('31', null), MARCH.startsAt), at('2026-03-11'), 'cancel')
  const part = { ...MARCH, endsAt: at('2026-03-11') }
  expect(rateInvoice(invoiceInput(terms, { closing: part })).totalMinor).toBe(1000n)
})

test('discounts come off before the rounding, one after the other and never below zero', () => {
  const discounts = [
    { type: 'percentage', percent: '50' },
    { type: 'amount', amounts: { usd: '5.00' } },
  ] as const
  const invoice = (amount: string) => {
    const plan = aPlan({}, [aFee(amount, { discounts })])
    return rateInvoice(invoiceInput(termsOf(plan, MARCH.startsAt), { opening: MARCH }))
  }
  expect(invoice('29.01')).toMatchObject({
    subtotalMinor: 2901n,
    discountMinor: 1950n,
    totalMinor: 951n,
  })
  expect(invoice('9.00').totalMinor).toBe(0n)
})

test('an operator’s larger quota is included as well, and the paid tiers begin behind it', () => {
  const price = tiered('graduated', ['1000', null], ['3000', '0.02'], [null, '0.01'])
  const plan = aPlan({}, [usageCard('requests', price, { entitlement: aQuota('1000') })])
  const phase = overriddenPhase(plan.phases[0]!, { quotas: { requests: '5000', other: '1' } })
  const billed = (quantity: string) => marchUsage({ ...plan, phases: [phase] }, quantity).totalMinor
  expect(billed('5000')).toBe(0n)
  // 2,000 at $0.02 and 1,000 at $0.01, as if the quota had ended at 1,000.
  expect(billed('8000')).toBe(5000n)
  expect(overriddenPhase(phase, {})).toEqual(phase)
})
