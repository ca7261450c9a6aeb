import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aPlan,
  aQuota,
  at,
  invoiceInput,
  metersOf,
  packages,
  readingOf,
  termsOf,
  tiered,
  unit,
  usageCard,
} from '../../../../test/support/plans.ts'
import type { Period } from '../../../kit/period.ts'
import type { Price, RateCard } from '../../catalog/plan.ts'
import { rateInvoice } from '../rate-invoice.ts'
import { type LateUsage, lateUsageQueries } from './late-usage.ts'

const MARCH: Period = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }
const APRIL: Period = { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') }

function lateLine(card: RateCard, billed: string, actual: string) {
  const [term] = termsOf(aPlan({}, [card]), MARCH.startsAt, { planKey: 'then', planVersion: 2 })
  const meters = metersOf([term!])
  const about = { term: term!, rateCardKey: card.key, servicePeriod: MARCH }
  const queries = lateUsageQueries(about, { currency: 'usd', meters })
  const known = (quantity: string) => ({ usage: readingOf(queries, () => quantity), coverage: [] })
  const late: LateUsage = { ...about, billed: known(billed), actual: known(actual), discounts: [] }
  const now = termsOf(aPlan({}, [usageCard(card.key, unit('99'))]), APRIL.startsAt)
  return rateInvoice(
    invoiceInput(now, { closing: APRIL, lateUsage: [late], meters, answer: () => '0' }),
  ).lines.find(({ kind }) => kind === 'late_usage')
}

function inTime(card: RateCard, quantity: string): bigint {
  const terms = termsOf(aPlan({}, [card]), MARCH.startsAt)
  return rateInvoice(invoiceInput(terms, { closing: MARCH, answer: () => quantity })).totalMinor
}

test('U5 late usage is a line of its own, dated with its period and priced by the version of that time', () => {
  const line = lateLine(usageCard('requests', unit('0.01')), '1000', '1500')
  expect(line).toMatchObject({
    isLate: true,
    planKey: 'then',
    planVersion: 2,
    servicePeriod: MARCH,
    amountMinor: 500n,
  })
})

test('it goes on in the tiers, packages and allowance where the period stopped', () => {
  const amount = (price: Price, changes: Partial<RateCard> = {}) =>
    lateLine(usageCard('requests', price, changes), '900', '1500')?.amountMinor
  expect(amount(tiered('graduated', ['1000', '0.10'], [null, '0.01']))).toBe(1500n)
  expect(amount(packages('1', '1000'))).toBe(100n)
  expect(amount(unit('0.01'), { entitlement: aQuota('1000') })).toBe(500n)
})

test('a minimum that was charged already covers what comes late', () => {
  const commitments = { usd: { minimum: '20', maximum: null } }
  const card = usageCard('requests', unit('0.01'), { commitments })
  expect(lateLine(card, '1000', '1900')).toBeUndefined()
  expect(lateLine(card, '1000', '2500')?.amountMinor).toBe(500n)
})

test('a correction after the invoice gives back what was charged too much', () => {
  expect(lateLine(usageCard('requests', unit('0.01')), '1500', '1000')?.amountMinor).toBe(-500n)
})

test('late or in time, the customer pays the same', () => {
  const cards = fc.constantFrom(
    usageCard('requests', unit('0.0123')),
    usageCard('requests', unit('0.0123'), { entitlement: aQuota('5000') }),
    usageCard('requests', packages('0.05', '1000')),
    usageCard(
      'requests',
      tiered('graduated', ['1000', '0.1'], ['5000', '0.03'], [null, '0.001', '7']),
    ),
    usageCard('requests', tiered('volume', ['1000', '0.1'], [null, '0.03'])),
    usageCard('requests', unit('0.01'), {
      commitments: { usd: { minimum: '10', maximum: '50' } },
    }),
  )
  fc.assert(
    fc.property(cards, fc.nat(10_000), fc.nat(10_000), (card, billed, actual) => {
      const late = lateLine(card, String(billed), String(actual))?.amountMinor ?? 0n
      expect(inTime(card, String(billed)) + late).toBe(inTime(card, String(actual)))
    }),
  )
})
