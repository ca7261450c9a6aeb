import { expect, test } from 'vitest'
import {
  aCard,
  aFee,
  aPlan,
  aQuota,
  at,
  flat,
  invoiceInput,
  packages,
  termsOf,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import type { Period } from '../../kit/period.ts'
import { rateInvoice, type RatedInvoice, requiredUsage } from './rate-invoice.ts'
import { billingPeriodAt, endTerms } from './terms.ts'

const MARCH: Period = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }
const APRIL: Period = { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') }

const rows = ({ lines }: RatedInvoice) =>
  lines.map(
    ({ rateCardKey, kind, quantity, amountMinor }) =>
      [rateCardKey, kind, quantity, Number(amountMinor)] as const,
  )

test('S0.17 an invoice closes the month that ended and opens the next: usage behind, fee ahead', () => {
  const plan = aPlan({}, [
    aFee('29.00'),
    usageCard('requests', unit('0.001'), { entitlement: aQuota('100000') }),
  ])
  const terms = termsOf(plan, MARCH.startsAt)

  const invoice = rateInvoice(
    invoiceInput(terms, { closing: MARCH, opening: APRIL, answer: () => '123456' }),
  )

  expect(rows(invoice)).toEqual([
    ['requests', 'usage', '23456', 2346],
    ['fee', 'fee', '1', 2900],
  ])
  expect(invoice.lines.map(({ servicePeriod }) => servicePeriod)).toEqual([MARCH, APRIL])
  expect(invoice.totalMinor).toBe(5246n)
})

test('the first invoice asks for fees in advance only, the last one for what is left behind only', () => {
  const plan = aPlan({}, [aFee('29.00'), usageCard('requests', unit('0.01'))])
  const terms = termsOf(plan, MARCH.startsAt)

  const first = rateInvoice(invoiceInput(terms, { opening: MARCH }))
  const last = rateInvoice(
    invoiceInput(endTerms(terms, MARCH.endsAt, 'cancel'), { closing: MARCH, answer: () => '100' }),
  )

  expect(rows(first)).toEqual([['fee', 'fee', '1', 2900]])
  expect(rows(last)).toEqual([['requests', 'usage', '100', 100]])
})

test('a calendar stub is charged by the second, and what is included is not cut', () => {
  const plan = aPlan({ alignment: 'calendar' }, [
    aFee('31.00'),
    usageCard('requests', unit('0.01'), { entitlement: aQuota('1000') }),
  ])
  const stub = { startsAt: at('2026-03-22'), endsAt: MARCH.endsAt }
  const terms = termsOf(plan, stub.startsAt)

  const first = rateInvoice(invoiceInput(terms, { opening: stub }))
  const second = rateInvoice(
    invoiceInput(terms, { closing: stub, opening: APRIL, answer: () => '1200' }),
  )

  expect(billingPeriodAt(terms, stub.startsAt)).toEqual(stub)
  // 10 of 31 days of $31.00
  expect(rows(first)).toEqual([['fee', 'fee', '1', 1000]])
  expect(first.lines[0]?.isProration).toBe(true)
  expect(rows(second)).toEqual([
    ['requests', 'usage', '200', 200],
    ['fee', 'fee', '1', 3100],
  ])
})

test('calendar months of the customer are those of the customer’s time zone', () => {
  const plan = aPlan({ alignment: 'calendar' }, [aFee('29.00')])
  const terms = termsOf(plan, at('2026-03-20'), { timeZone: 'America/New_York' })
  expect(billingPeriodAt(terms, at('2026-03-20'))?.endsAt).toBe(at('2026-04-01T04:00:00Z'))
})

test('S3.25 a free trial is never invoiced, and the paid periods are counted from its end', () => {
  const plan = aPlan({
    phases: [
      { key: 'trial', name: 'Trial', duration: 'P2W', rateCards: [] },
      { key: 'paid', name: 'Paid', duration: null, rateCards: [aFee('29.00')] },
    ],
  })
  const terms = termsOf(plan, MARCH.startsAt)
  const trial = billingPeriodAt(terms, MARCH.startsAt)
  const paid = billingPeriodAt(terms, at('2026-03-15'))

  expect(trial).toEqual({ startsAt: MARCH.startsAt, endsAt: at('2026-03-15') })
  expect(paid).toEqual({ startsAt: at('2026-03-15'), endsAt: at('2026-04-15') })
  expect(rateInvoice(invoiceInput(terms, { opening: trial! })).lines).toEqual([])
  expect(rows(rateInvoice(invoiceInput(terms, { closing: trial!, opening: paid! })))).toEqual([
    ['fee', 'fee', '1', 2900],
  ])
})

test('with its periods counted from the trial’s start, the first paid one is the rest of the month', () => {
  const plan = aPlan({
    phases: [
      { key: 'trial', name: 'Trial', duration: 'P1D', rateCards: [] },
      { key: 'paid', name: 'Paid', duration: null, rateCards: [aFee('31.00')] },
    ],
  })
  const terms = termsOf(plan, MARCH.startsAt, { trialAnchor: 'start' })
  const paid = billingPeriodAt(terms, at('2026-03-02'))
  expect(paid).toEqual({ startsAt: at('2026-03-02'), endsAt: MARCH.endsAt })
  expect(rateInvoice(invoiceInput(terms, { opening: paid! })).totalMinor).toBe(3000n)
})

test('a phase that ends in the middle of a period is charged for its part, and so is the next', () => {
  const plan = aPlan({
    phases: [
      { key: 'intro', name: 'Intro', duration: 'P1D', rateCards: [aFee('15.50')] },
      { key: 'regular', name: 'Regular', duration: null, rateCards: [aFee('31.00')] },
    ],
  })
  const terms = termsOf(plan, MARCH.startsAt)
  const intro = billingPeriodAt(terms, MARCH.startsAt)!
  const rest = billingPeriodAt(terms, at('2026-03-02'))!
  expect(rateInvoice(invoiceInput(terms, { opening: intro })).totalMinor).toBe(50n)
  expect(rateInvoice(invoiceInput(terms, { closing: intro, opening: rest })).totalMinor).toBe(3000n)
})

test('a fee without a cadence is charged once for the phase, and a migration does not repeat it', () => {
  const plan = aPlan({}, [
    aFee('29.00'),
    aCard('setup', { billingCadence: null, prices: { usd: flat('100.00') } }),
  ])
  const terms = termsOf(plan, MARCH.startsAt)
  const migrated = termsOf(plan, APRIL.startsAt, { startsBy: 'migrate' })
  const total = (input: Parameters<typeof rateInvoice>[0]) => rateInvoice(input).totalMinor
  expect(total(invoiceInput(terms, { opening: MARCH }))).toBe(12900n)
  expect(total(invoiceInput(terms, { closing: MARCH, opening: APRIL }))).toBe(2900n)
  expect(total(invoiceInput(migrated, { opening: APRIL }))).toBe(2900n)
})

test('a yearly fee in a monthly plan is charged in the month its year begins', () => {
  const plan = aPlan({}, [aFee('290.00', { billingCadence: 'P1Y' })])
  const terms = termsOf(plan, MARCH.startsAt)
  const nextMarch = { startsAt: at('2027-03-01'), endsAt: at('2027-04-01') }
  expect(rateInvoice(invoiceInput(terms, { opening: MARCH })).totalMinor).toBe(29000n)
  expect(rateInvoice(invoiceInput(terms, { opening: APRIL })).totalMinor).toBe(0n)
  expect(rateInvoice(invoiceInput(terms, { opening: nextMarch })).totalMinor).toBe(29000n)
})

test('a monthly fee in a yearly plan is one line of twelve', () => {
  const plan = aPlan({ billingCadence: 'P1Y' }, [aFee('29.00')])
  const year = { startsAt: MARCH.startsAt, endsAt: at('2027-03-01') }
  const invoice = rateInvoice(invoiceInput(termsOf(plan, MARCH.startsAt), { opening: year }))
  expect(rows(invoice)).toEqual([['fee', 'fee', '12', 34800]])
  expect(invoice.lines[0]?.servicePeriod).toEqual(year)
})

test('an amount off the invoice is spread like Stripe’s: 5.00 over 10 and 20 is 1.66 and 3.34', () => {
  const plan = aPlan({}, [aFee('10.00', { key: 'a' }), aFee('20.00', { key: 'b' })])
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
  const terms = termsOf(plan, MARCH.startsAt)
  const invoice = rateInvoice(invoiceInput(terms, { opening: MARCH, coupons }))
  expect(invoice.lines.map(({ amountMinor }) => amountMinor)).toEqual([834n, 1666n])
  expect(invoice.discountMinor).toBe(500n)
})

test('without proration the version a period begins with is charged in full, what follows waits', () => {
  const proration = { ...aPlan().proration, mode: 'none' as const }
  const plan = aPlan({ proration }, [
    aFee('31.00', { prices: { usd: flat('31.00', 'in_arrears') } }),
  ])
  const before = endTerms(termsOf(plan, MARCH.startsAt), at('2026-03-11'), 'change')
  const after = termsOf(plan, at('2026-03-11'), {
    startsBy: 'change',
    feesFrom: MARCH.endsAt,
    billingAnchor: MARCH.startsAt,
    planKey: 'next',
  })
  const invoice = rateInvoice(invoiceInput([...before, ...after], { closing: MARCH }))
  expect(invoice.lines.map(({ planKey, amountMinor }) => [planKey, amountMinor])).toEqual([
    ['plan', 3100n],
  ])
})

test('U27 usage before a change stands on a line of its own, at the price of its own version', () => {
  const plan = (price: string) => aPlan({}, [usageCard('requests', unit(price))])
  const change = at('2026-03-11')
  const terms = [
    ...endTerms(termsOf(plan('0.01'), MARCH.startsAt), change, 'change'),
    ...termsOf(plan('0.02'), change, {
      startsBy: 'change',
      billingAnchor: MARCH.startsAt,
      planKey: 'next',
    }),
  ]
  const invoice = rateInvoice(invoiceInput(terms, { closing: MARCH, answer: () => '100' }))
  expect(
    invoice.lines.map(({ planKey, servicePeriod, amountMinor }) => [
      planKey,
      servicePeriod.endsAt,
      amountMinor,
    ]),
  ).toEqual([
    ['plan', change, 100n],
    ['next', MARCH.endsAt, 200n],
  ])
})

test('carried usage counts against the new allowance, a fresh quota does not know it', () => {
  const plan = (included: string) =>
    aPlan({}, [usageCard('requests', unit('0.01'), { entitlement: aQuota(included) })])
  const change = at('2026-03-11')
  const total = (usageAnchor: number) => {
    const terms = [
      ...endTerms(termsOf(plan('10000'), MARCH.startsAt), change, 'change'),
      ...termsOf(plan('50000'), change, {
        startsBy: 'change',
        billingAnchor: MARCH.startsAt,
        usageAnchor,
        planKey: 'next',
      }),
    ]
    const answer = ({ startsAt, endsAt }: Period) => {
      if (endsAt === change) return '8000'
      return startsAt === MARCH.startsAt ? '53000' : '45000'
    }
    return rateInvoice(invoiceInput(terms, { closing: MARCH, answer })).totalMinor
  }
  expect(total(MARCH.startsAt)).toBe(3000n)
  expect(total(change)).toBe(0n)
})

test('usage that nobody provided is an error and never free', () => {
  const plan = aPlan({}, [usageCard('requests', unit('0.01'))])
  const input = {
    ...invoiceInput(termsOf(plan, MARCH.startsAt), { closing: MARCH }),
    usage: new Map(),
  }
  expect(requiredUsage(input)).toHaveLength(1)
  expect(() => rateInvoice(input)).toThrow('requests')
})

test('a line has the same key whenever its invoice is rated, and no two lines share one', () => {
  const plan = aPlan({}, [
    aFee('29.00'),
    usageCard('requests', unit('0.01'), { commitments: { usd: { minimum: '10', maximum: null } } }),
    usageCard('calls', packages('0.01', '1000')),
  ])
  const input = invoiceInput(termsOf(plan, MARCH.startsAt), { closing: MARCH, opening: APRIL })
  const keys = rateInvoice(input).lines.map(({ key }) => key)
  expect(rateInvoice(input).lines.map(({ key }) => key)).toEqual(keys)
  expect(new Set(keys).size).toBe(keys.length)
})
