import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aFee, aPlan, at, flat, invoiceInput, termsOf } from '../../../test/support/plans.ts'
import { decimal } from '../../kit/decimal.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { ProrationPolicy } from '../catalog/plan.ts'
import { creditUnused, type PaidFee, type QuotaUse } from './proration.ts'
import { rateInvoice } from './rate-invoice.ts'

const START = at('2026-04-01')
const THIRTY_DAYS: Period = { startsAt: START, endsAt: START + 30 * DAY_MS }
const HALF = START + 15 * DAY_MS

const paid = (paidMinor: bigint, changes: Partial<PaidFee> = {}): PaidFee => ({
  rateCardKey: 'fee',
  name: 'Fee',
  planKey: 'old',
  planVersion: 1,
  phaseKey: 'main',
  paidMinor,
  creditedMinor: 0n,
  period: THIRTY_DAYS,
  ...changes,
})
const quota = (used: string, granted: string | null): QuotaUse => ({
  featureKey: 'requests',
  used: decimal(used),
  granted: granted === null ? null : decimal(granted),
})
const credit = (
  fee: PaidFee,
  mode: ProrationPolicy['mode'],
  when: number,
  quotas: readonly QuotaUse[] = [],
  currency = 'usd',
) => creditUnused(fee, mode, when, quotas, currency)?.amountMinor ?? 0n

/** What the rest of a period costs under a fee, as the rater charges it after a change. */
function debit(amount: string, when: number, period = THIRTY_DAYS, currency = 'usd'): bigint {
  const cadence = `P${(period.endsAt - period.startsAt) / DAY_MS}D`
  const card = aFee(amount, { billingCadence: cadence, prices: { [currency]: flat(amount) } })
  const plan = aPlan({ billingCadence: cadence, currencies: [currency] }, [card])
  const terms = termsOf(plan, when, { startsBy: 'change', billingAnchor: period.startsAt })
  const opening = { startsAt: when, endsAt: period.endsAt }
  return rateInvoice(invoiceInput(terms, { opening, currency })).totalMinor
}

test('$29 to $99 at half time: 14.50 back, 49.50 for the rest, 35.00 to pay', () => {
  expect(credit(paid(2900n), 'time_based', HALF)).toBe(-1450n)
  expect(debit('99.00', HALF)).toBe(4950n)
})

test('S3.45 with 70 % of the quota used at half time only 30 % of $29 come back: 8.70', () => {
  expect(credit(paid(2900n), 'max_consumption_based', HALF, [quota('7000', '10000')])).toBe(-870n)
})

test('with less used than time has passed, time decides; the most used quota counts', () => {
  const mode = 'max_consumption_based'
  expect(credit(paid(2900n), mode, HALF, [quota('1', '10')])).toBe(-1450n)
  expect(credit(paid(2900n), mode, HALF, [quota('6', '10'), quota('9', '10')])).toBe(-290n)
  expect(credit(paid(2900n), mode, HALF, [quota('50', '10')])).toBe(0n)
  expect(credit(paid(2900n), mode, HALF, [quota('50', null), quota('5', '0')])).toBe(-1450n)
})

test('no proration gives nothing back, a full reset goes by time', () => {
  expect(credit(paid(2900n), 'none', HALF)).toBe(0n)
  expect(credit(paid(2900n), 'full_reset', HALF, [quota('9', '10')])).toBe(-1450n)
})

test('seconds count: 29 to 99 with 10 days and an hour of 31 days left is 22.68 in two lines', () => {
  const march: Period = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }
  const when = march.endsAt - 10 * DAY_MS - HOUR_MS
  const back = credit(paid(2900n, { period: march }), 'time_based', when)
  const charge = debit('99.00', when, march)
  expect([back, charge, back + charge]).toEqual([-939n, 3207n, 2268n])
})

test('Stripe’s own examples: 10 to 20 at half time is −5.00 and +10.00', () => {
  expect(credit(paid(1000n), 'time_based', HALF) + debit('20.00', HALF)).toBe(500n)
})

test('what was really billed comes back, not what the price says: an unprorated 10 gives −3.33', () => {
  const lastThird = START + 20 * DAY_MS
  expect(credit(paid(1000n), 'time_based', lastThird) + debit('10.00', lastThird)).toBe(0n)
  // Of a fee that a coupon had reduced from 10.00 to 8.34, half is 4.17.
  expect(credit(paid(834n), 'time_based', HALF)).toBe(-417n)
})

test('currencies without decimals and with three come back in amounts that can be charged', () => {
  expect(credit(paid(2905n), 'time_based', HALF, [], 'jpy')).toBe(-1453n)
  expect(credit(paid(29_050n), 'time_based', HALF, [], 'kwd')).toBe(-14_530n)
  expect(debit('29.05', HALF, THIRTY_DAYS, 'kwd')).toBe(14_530n)
})

const fees = fc.bigInt({ min: 0n, max: 10n ** 9n })
const moments = fc.nat(30 * 86_400).map((seconds) => START + seconds * SECOND_MS)
const modes = fc.constantFrom('none', 'time_based', 'max_consumption_based', 'full_reset')
const uses = fc.array(
  fc.tuple(fc.nat(100), fc.nat(100)).map(([used, granted]) => quota(String(used), String(granted))),
  { maxLength: 3 },
)

test('a change to the same price costs nothing: credit and debit cancel out', () => {
  fc.assert(
    fc.property(fees, moments, (cents, when) => {
      if (when === THIRTY_DAYS.endsAt) return
      const amount = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`
      expect(credit(paid(cents), 'time_based', when) + debit(amount, when)).toBe(0n)
    }),
  )
})

test('a credit is never positive and never more than what was paid, however often the plan is changed', () => {
  fc.assert(
    fc.property(
      fees,
      modes,
      fc.array(moments, { maxLength: 4 }),
      uses,
      (cents, mode, when, quotas) => {
        let credited = 0n
        for (const moment of when) {
          const amount = credit(paid(cents, { creditedMinor: credited }), mode, moment, quotas)
          expect(amount <= 0n).toBe(true)
          credited -= amount
        }
        expect(credited <= cents).toBe(true)
      },
    ),
  )
})

test('consumption never gives back more than time does, and later is never more than earlier', () => {
  fc.assert(
    fc.property(fees, moments, moments, uses, (cents, a, b, quotas) => {
      const [early, late] = a < b ? [a, b] : [b, a]
      const byTime = credit(paid(cents), 'time_based', early)
      expect(credit(paid(cents), 'max_consumption_based', early, quotas) >= byTime).toBe(true)
      expect(credit(paid(cents), 'time_based', late) >= byTime).toBe(true)
    }),
  )
})
