import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aFee,
  aPlan,
  aQuota,
  at,
  invoiceInput,
  packages,
  termsOf,
  tiered,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import { type Decimal, decimal } from '../../kit/decimal.ts'
import type { Period } from '../../kit/period.ts'
import type { PlanDefinition } from '../catalog/plan.ts'
import { rateInvoice } from './rate-invoice.ts'

const MARCH: Period = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }
const APRIL: Period = { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') }

function marchUsage(definition: PlanDefinition, quantity: string, changes = {}) {
  const terms = termsOf(definition, MARCH.startsAt)
  return rateInvoice(invoiceInput(terms, { closing: MARCH, answer: () => quantity, ...changes }))
}

const amounts = fc
  .bigInt({ min: 0n, max: 10n ** 7n })
  .map((n) => `${n / 100n}.${String(n % 100n).padStart(2, '0')}`)

const percents = fc.integer({ min: 0, max: 100 }).map(String)

test('lines and discounts always add up: subtotal − discounts − credits + tax is the total', () => {
  fc.assert(
    fc.property(
      amounts,
      amounts,
      percents,
      fc.nat(10_000),
      fc.bigInt({ min: 0n, max: 5000n }),
      (fee, price, percent, quantity, couponMinor) => {
        const plan = aPlan({}, [
          aFee(fee, { discounts: [{ type: 'percentage', percent }] }),
          usageCard('requests', unit(price)),
        ])
        const coupons = [
          {
            id: 'c',
            name: 'Off',
            off: { type: 'amount' as const, amountMinor: couponMinor },
            planKeys: null,
            rateCardKeys: null,
            endsAt: null,
          },
        ]
        const tax = { name: 'VAT', percent: '19', behavior: 'exclusive' as const }
        const invoice = rateInvoice(
          invoiceInput(termsOf(plan, MARCH.startsAt), {
            closing: MARCH,
            opening: APRIL,
            answer: () => String(quantity),
            coupons,
            tax,
          }),
        )
        const lines = invoice.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
        expect(lines).toBe(invoice.subtotalMinor - invoice.discountMinor)
        expect(invoice.totalMinor).toBe(
          lines - invoice.credits.amountMinor + invoice.tax!.amountMinor,
        )
        expect(
          invoice.lines.every(
            ({ amountMinor, grossMinor }) => amountMinor >= 0n && amountMinor <= grossMinor,
          ),
        ).toBe(true)
      },
    ),
  )
})

test('splitting a period changes the sum of its fee by at most one minor unit per part', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 31 * 86_400 - 1 }), { maxLength: 5 })
  fc.assert(
    fc.property(amounts, cuts, (fee, seconds) => {
      const boundaries = [0, ...seconds.toSorted((a, b) => a - b), 31 * 86_400].map(
        (s) => MARCH.startsAt + s * 1000,
      )
      const plan = aPlan({}, [aFee(fee)])
      const totals = boundaries.slice(0, -1).map((startsAt, i) => {
        const endsAt = boundaries[i + 1] ?? MARCH.endsAt
        const terms = termsOf(plan, startsAt, {
          billingAnchor: MARCH.startsAt,
          endsAt,
          endsBy: 'change',
          startsBy: 'change',
        })
        return rateInvoice(invoiceInput(terms, { opening: { startsAt, endsAt } })).totalMinor
      })
      const whole = rateInvoice(
        invoiceInput(termsOf(plan, MARCH.startsAt), { opening: MARCH }),
      ).totalMinor
      const difference = totals.reduce((sum, total) => sum + total, -whole)
      expect(difference <= totals.length && difference >= -totals.length).toBe(true)
    }),
  )
})

test('the trail of every line ends with its amount', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), percents, (quantity, percent) => {
      const discounts = [{ type: 'percentage' as const, percent }]
      const plan = aPlan({}, [
        usageCard('a', unit('0.0123'), { discounts, entitlement: aQuota('1000') }),
        usageCard('b', packages('0.01', '1000'), { discounts }),
        usageCard('c', tiered('graduated', ['1000', '0.1'], [null, '0.003', '7']), { discounts }),
        usageCard('d', tiered('volume', ['1000', '0.1'], [null, '0.003']), { discounts }),
      ])
      const invoice = marchUsage(plan, String(quantity))
      for (const line of invoice.lines) {
        const last = line.derivation.steps.findLast((step) => 'amount' in step)
        expect(decimal((last as { amount: string }).amount)).toBe(
          (line.amountMinor * 10n ** 10n) as Decimal,
        )
        expect(JSON.parse(JSON.stringify(line.derivation))).toEqual(line.derivation)
      }
    }),
    { numRuns: 50 },
  )
})
