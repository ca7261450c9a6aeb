import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aFee,
  aPlan,
  at,
  flat,
  invoiceInput,
  termsOf,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import { chargeIncrementMinor, CURRENCIES, minimumChargeMinor } from '../../kit/currency.ts'
import { decimal } from '../../kit/decimal.ts'
import { EMPTY_BALANCE } from '../credits/grant.ts'
import { collect } from './collection.ts'
import { rateInvoice, type RateInvoiceInput } from './rate-invoice.ts'
import { taxOn } from './tax.ts'

const MARCH = { startsAt: at('2026-03-01'), endsAt: at('2026-04-01') }

test('less than the least Stripe charges is carried to the next invoice', () => {
  expect(collect(49n, 0n, 'usd')).toMatchObject({
    amountDueMinor: 0n,
    endingBalanceMinor: 49n,
    outcome: 'carried_forward',
  })
  expect(collect(1n, 49n, 'usd')).toMatchObject({ amountDueMinor: 50n, endingBalanceMinor: 0n })
})

test('a negative total becomes a credit and never a negative charge, and credits pay first', () => {
  expect(collect(-3500n, 0n, 'usd')).toMatchObject({
    amountDueMinor: 0n,
    endingBalanceMinor: -3500n,
    outcome: 'nothing_due',
  })
  expect(collect(9900n, -3500n, 'usd')).toMatchObject({ amountDueMinor: 6400n, outcome: 'charge' })
})

test('what a three-decimal currency cannot charge waits on the balance', () => {
  expect(collect(1237n, 0n, 'kwd')).toMatchObject({ amountDueMinor: 1230n, endingBalanceMinor: 7n })
})

test('in every currency charge and balance make up the total, and a charge is one Stripe takes', () => {
  const amounts = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n })
  fc.assert(
    fc.property(amounts, amounts, fc.constantFrom(...CURRENCIES), (total, balance, currency) => {
      const { amountDueMinor, endingBalanceMinor } = collect(total, balance, currency)
      expect(amountDueMinor + endingBalanceMinor).toBe(total + balance)
      expect(amountDueMinor % chargeIncrementMinor(currency)).toBe(0n)
      expect(amountDueMinor === 0n || amountDueMinor >= minimumChargeMinor(currency)).toBe(true)
      expect(amountDueMinor === 0n || endingBalanceMinor >= 0n).toBe(true)
    }),
  )
})

test('tax comes on top of exclusive prices and is contained in inclusive ones, rounded once', () => {
  const rate = { name: 'VAT', percent: '19' }
  expect(taxOn(1050n, { ...rate, behavior: 'exclusive' }, 'usd')).toMatchObject({
    amountMinor: 200n,
    addedMinor: 200n,
  })
  expect(taxOn(11900n, { ...rate, behavior: 'inclusive' }, 'usd')).toMatchObject({
    amountMinor: 1900n,
    addedMinor: 0n,
  })
  expect(taxOn(1050n, null, 'usd')).toBeNull()
})

function withCredits(
  amount: string,
  changes: Partial<NonNullable<RateInvoiceInput['credits']>> = {},
  commitments: Parameters<typeof usageCard>[2] = {},
) {
  const grant = {
    id: 'grant_1',
    unit: { kind: 'money', currency: 'usd' },
    amount: decimal(amount),
    category: 'paid',
    priority: 100,
    effectiveAt: 0,
    expiresAt: null,
    appliesTo: null,
    source: { kind: 'checkout_session', id: 'cs_1' },
    state: 'active',
    isFrozen: false,
  } as const
  const holding = { grant, balance: { ...EMPTY_BALANCE, granted: decimal(amount) } }
  const account = { unit: grant.unit, holdings: [holding], debt: decimal(0) }
  const plan = aPlan({}, [aFee('29.00'), usageCard('requests', unit('0.01'), commitments)])
  return rateInvoice(
    invoiceInput(termsOf(plan, MARCH.startsAt), {
      closing: MARCH,
      opening: { startsAt: MARCH.endsAt, endsAt: at('2026-05-01') },
      answer: () => '1000',
      credits: { account, burned: [], isCreditOnly: false, now: MARCH.endsAt, ...changes },
      tax: { name: 'VAT', percent: '10', behavior: 'exclusive' },
    }),
  )
}

test('money credits pay for usage and not for fees, before tax', () => {
  const invoice = withCredits('100')
  // $10.00 of usage is paid, the fee of $29.00 is not.
  expect(invoice.credits).toMatchObject({ amountMinor: 1000n })
  expect(invoice.credits.entries).toMatchObject([
    { grantId: 'grant_1', type: 'burned', amount: decimal('10'), balanceAfter: decimal(90) },
  ])
  expect(invoice.totalMinor).toBe(2900n + 290n)
})

test('what was burned when the usage happened is shown and not taken twice', () => {
  const burned = [
    { featureKey: 'requests', at: at('2026-03-05'), amount: decimal('3.9999'), grantId: 'grant_0' },
    { featureKey: 'requests', at: at('2026-04-05'), amount: decimal('9'), grantId: 'grant_0' },
  ]
  const { credits } = withCredits('2.50', { burned })
  expect(credits.applications).toEqual([
    { lineKey: expect.stringContaining('usage'), grantId: 'grant_0', amountMinor: 400n },
    { lineKey: expect.stringContaining('usage'), grantId: 'grant_1', amountMinor: 250n },
  ])
  expect(credits.entries).toHaveLength(1)
})

test('what was burned pays for the usage it was burned for, and not once more for an agreed minimum', () => {
  const burned = [
    { featureKey: 'requests', at: at('2026-03-05'), amount: decimal('10'), grantId: 'grant_0' },
  ]
  const commitments = { usd: { minimum: '50', maximum: null } }
  // $10.00 of usage were burned, and $0.50 of the $40.00 to the minimum is what the grant still has.
  const { credits } = withCredits('0.50', { burned }, { commitments })
  expect(credits.applications.map(({ grantId, amountMinor }) => [grantId, amountMinor])).toEqual([
    ['grant_0', 1000n],
    ['grant_1', 50n],
  ])
})

test('where credits are all there is, the rest is debt and not on the invoice', () => {
  const { credits, totalMinor } = withCredits('4', { isCreditOnly: true })
  expect(credits.applications.map(({ grantId, amountMinor }) => [grantId, amountMinor])).toEqual([
    ['grant_1', 400n],
    [null, 600n],
  ])
  expect(credits.entries.at(-1)).toMatchObject({ grantId: null, balanceAfter: decimal('-6') })
  expect(totalMinor).toBe(3190n)
})

test('credits do not pay for what an agreed maximum takes off again', () => {
  const commitments = { usd: { minimum: null, maximum: '8' } }
  expect(withCredits('100', {}, { commitments }).credits.amountMinor).toBe(800n)
})

test('a yen invoice has no decimals anywhere', () => {
  const plan = aPlan({ currencies: ['jpy'] }, [aFee('', { prices: { jpy: flat('2905') } })])
  const terms = termsOf({ ...plan, alignment: 'calendar' }, at('2026-03-16T12:00:00Z'))
  const opening = { startsAt: at('2026-03-16T12:00:00Z'), endsAt: MARCH.endsAt }
  const invoice = rateInvoice(invoiceInput(terms, { opening, currency: 'jpy' }))
  expect(invoice.totalMinor).toBe(1453n)
  expect(invoice.lines[0]?.derivation.steps.at(-1)).toEqual({
    kind: 'rounding',
    before: '1452.5',
    to: '1',
    amount: '1453',
  })
})
