import { expect, test } from 'vitest'
import {
  END,
  type Given,
  HALF,
  PACKAGE_A,
  PACKAGE_B,
  paidFee,
  plan,
  quoted,
  quoteInput,
  START,
} from '../../../../test/support/plan-changes.ts'
import {
  aCard,
  aFee,
  aPlan,
  at,
  flat,
  termsOf,
  tiered,
  unit,
  usageCard,
} from '../../../../test/support/plans.ts'
import type { PlanDefinition } from '../../catalog/plan.ts'
import type { AppliedCoupon } from '../coupons.ts'
import type { QuotedChange } from './change-quote.ts'
import { quoteChange } from './quote-change.ts'

const amountsOf = ({ invoice }: QuotedChange) =>
  invoice?.lines.map(({ kind, amountMinor }) => [kind, Number(amountMinor)])

test('package A, $29 to $99 at half time: 14.50 back, 49.50 for the rest, pay 35.00, the period stays', () => {
  const quote = quoted({ from: plan('29.00', '10000'), to: plan('99.00', '50000') })

  expect(quote).toMatchObject({ direction: 'upgrade', timing: 'immediate', effectiveAt: HALF })
  expect(amountsOf(quote)).toEqual([
    ['unused_time', -1450],
    ['fee', 4950],
  ])
  expect(quote.payment).toMatchObject({ kind: 'before_change', amountMinor: 3500n })
  expect(quote.after.period).toEqual({ startsAt: HALF, endsAt: END })
  expect(quote.nextInvoice).toEqual({
    at: END,
    feesMinor: 9900n,
    balanceMinor: 0n,
    amountDueMinor: 9900n,
  })
})

test('S3.46 package A carries usage: 8,000 of 10,000 used leave 42,000 of 50,000', () => {
  const quote = quoted({
    from: plan('29.00', '10000'),
    to: plan('99.00', '50000'),
    answer: () => '8000',
  })
  expect(quote.quotas).toEqual([
    {
      featureKey: 'requests',
      limitBefore: '10000',
      limitAfter: '50000',
      usedAfter: '8000',
      remainingAfter: '42000',
      onLimit: 'block',
      resetsAt: END,
    },
  ])
})

test('S3.45 package B, 70 % of the quota used: 8.70 back, 99.00 for a new period, pay 90.30, quota fresh', () => {
  const quote = quoted({
    from: plan('29.00', '10000', PACKAGE_B),
    to: plan('99.00', '50000', PACKAGE_B),
    answer: () => '7000',
  })
  expect(amountsOf(quote)).toEqual([
    ['unused_time', -870],
    ['fee', 9900],
  ])
  expect(quote.payment).toMatchObject({ kind: 'before_change', amountMinor: 9030n })
  expect(quote.after).toMatchObject({
    billingAnchor: HALF,
    usageAnchor: HALF,
    period: { startsAt: HALF, endsAt: at('2026-05-16') },
  })
  expect(quote.quotas[0]).toMatchObject({ usedAfter: '0', remainingAfter: '50000' })
  expect(quote.notices).toContainEqual({ kind: 'period_restarts', period: quote.after.period })
})

test('S3.11 a downgrade waits for the period’s end, gives nothing back and takes nothing away before', () => {
  const quote = quoted({
    from: plan('99.00', '50000'),
    to: plan('29.00', '10000'),
    planOrder: ['pro', 'starter'],
  })
  expect(quote).toMatchObject({
    direction: 'downgrade',
    timing: 'at_period_end',
    effectiveAt: END,
    invoice: null,
    payment: { kind: 'none' },
    nextInvoice: { at: END, feesMinor: 2900n },
  })
})

test('C5 a downgrade that is forced now credits the balance, and the next invoices use it up', () => {
  const quote = quoted({
    from: plan('99.00', '50000'),
    to: plan('29.00', '10000'),
    planOrder: ['pro', 'starter'],
    timing: 'immediate',
    paidFees: [paidFee(9900n)],
  })
  expect(amountsOf(quote)).toEqual([
    ['unused_time', -4950],
    ['fee', 1450],
  ])
  expect(quote.payment).toEqual({ kind: 'credit', amountMinor: 3500n })
  expect(quote.invoice?.collection).toMatchObject({
    amountDueMinor: 0n,
    endingBalanceMinor: -3500n,
  })
  expect(quote.nextInvoice).toMatchObject({
    feesMinor: 2900n,
    balanceMinor: -3500n,
    amountDueMinor: 0n,
  })
})

test('the operator’s plan order decides the direction, the monthly price only where it is silent', () => {
  const cheap = plan('29.00', '10')
  const dear = plan('99.00', '10')
  const direction = (from: PlanDefinition, to: PlanDefinition, planOrder: string[]) =>
    quoted({ from, to, planOrder }).direction
  expect(direction(dear, cheap, ['starter', 'pro'])).toBe('upgrade')
  expect(direction(dear, cheap, [])).toBe('downgrade')
  expect(
    direction(
      dear,
      aPlan({ billingCadence: 'P1Y' }, [aFee('1188.00', { billingCadence: 'P1Y' })]),
      [],
    ),
  ).toBe('lateral')
})

test('a change between equal plans waits unless it is asked for now', () => {
  const given = { from: plan('29.00', '10'), to: plan('29.00', '10'), planOrder: [] }
  expect(quoted(given).timing).toBe('at_period_end')
  expect(quoted({ ...given, timing: 'immediate' })).toMatchObject({
    timing: 'immediate',
    payment: { kind: 'none' },
  })
})

test('U27 usage before the change is not on its invoice, which calls in the meantime would make another', () => {
  const metered = (price: string) => aPlan({}, [aFee('29.00'), usageCard('calls', unit(price))])
  const quote = quoted({
    from: metered('0.01'),
    to: metered('0.02'),
    planOrder: ['starter', 'pro'],
    answer: () => '500',
  })
  expect(amountsOf(quote)).toEqual([
    ['unused_time', -1450],
    ['fee', 1450],
  ])
})

test('tiers that begin again, and features that come or go, are said before the customer confirms', () => {
  const tiers = tiered('graduated', ['1000', '0.02'], [null, '0.01'])
  const boolean = (key: string) => aCard(key, { featureKey: key, entitlement: { type: 'boolean' } })
  const quote = quoted({
    from: aPlan({}, [usageCard('calls', tiers), boolean('sso')]),
    to: aPlan({}, [usageCard('calls', tiers), boolean('sla')]),
    answer: () => '500',
  })
  expect(quote.notices).toEqual([
    { kind: 'tiers_restart', rateCardKeys: ['calls'] },
    { kind: 'features_lost', featureKeys: ['sso'] },
    { kind: 'features_gained', featureKeys: ['sla'] },
  ])
})

test('whoever has used more than the new quota allows is told so', () => {
  const quote = quoted({
    from: plan('99.00', '50000'),
    to: plan('29.00', '10000'),
    timing: 'immediate',
    answer: () => '20000',
  })
  expect(quote.quotas[0]).toMatchObject({ remainingAfter: '0' })
  expect(quote.notices).toContainEqual({ kind: 'quota_used_up', featureKeys: ['requests'] })
})

test('a customer who pays by invoice gets the change at once, one who pays by card after paying', () => {
  const given = { from: plan('29.00', '10'), to: plan('99.00', '20') }
  expect(quoted(given).payment.kind).toBe('before_change')
  expect(quoted({ ...given, subscription: { collection: 'send_invoice' } }).payment).toEqual({
    kind: 'by_invoice',
    amountMinor: 3500n,
  })
})

test('a downgrade that costs something, because a new period begins, does not wait for its payment', () => {
  const quote = quoted({
    from: plan('99.00', '50000', PACKAGE_B),
    to: plan('29.00', '10000', PACKAGE_B),
    planOrder: ['pro', 'starter'],
    timing: 'immediate',
    paidFees: [paidFee(9900n)],
    answer: () => '45000',
  })
  // 90 % of the quota is used, so 9.90 of 99.00 come back and 29.00 are due.
  expect(quote.payment).toEqual({ kind: 'by_invoice', amountMinor: 1910n })
})

test('a coupon for an amount waits for the next regular invoice, a percentage holds at once', () => {
  const coupon = (off: AppliedCoupon['off']): AppliedCoupon[] => [
    { id: 'c', name: 'C', off, planKeys: null, rateCardKeys: null, endsAt: null },
  ]
  const given = { from: plan('29.00', '10'), to: plan('99.00', '20') }
  const amount = quoted({ ...given, coupons: coupon({ type: 'amount', amountMinor: 1000n }) })
  expect(amount.payment).toMatchObject({ amountMinor: 3500n })
  expect(amount.nextInvoice).toMatchObject({ feesMinor: 8900n })
  const half = quoted({ ...given, coupons: coupon({ type: 'percentage', percent: '50' }) })
  expect(amountsOf(half)).toEqual([
    ['unused_time', -1450],
    ['fee', 2475],
  ])
})

test('without proration the new plan is there now and its price from the next period on', () => {
  const none = { ...PACKAGE_A, mode: 'none' as const }
  const quote = quoted({ from: plan('29.00', '10', none), to: plan('99.00', '20') })
  expect(quote).toMatchObject({ timing: 'immediate', invoice: null, payment: { kind: 'none' } })
  expect(quote.nextInvoice).toMatchObject({ at: END, feesMinor: 9900n })
})

test('a set-up fee of the new plan is charged in full, and not again for its next version', () => {
  const setup = aCard('setup', { billingCadence: null, prices: { usd: flat('10.00') } })
  const given = { from: plan('29.00', '10'), to: plan('99.00', '20', PACKAGE_A, [setup]) }
  expect(quoted(given).payment).toMatchObject({ amountMinor: 4500n })
  const [term] = termsOf(given.from, START, { planKey: 'pro' })
  expect(quoted({ ...given, planOrder: [], subscription: { term: term! } }).payment).toMatchObject({
    amountMinor: 3500n,
  })
})

test('a change does not give a second free trial', () => {
  const trial = { key: 'trial', name: 'Trial', duration: 'P2W', rateCards: [] }
  const to = plan('99.00', '20')
  const quote = quoted({ from: plan('29.00', '10'), to: { ...to, phases: [trial, ...to.phases] } })
  expect(quote.after.phaseKey).toBe('main')
  expect(quote.payment).toMatchObject({ amountMinor: 3500n })
})

test('what cannot be changed is refused with its reason', () => {
  const given = { from: plan('29.00', '10'), to: plan('99.00', '20') }
  const refusal = (changes: Partial<Given>) => {
    const quote = quoteChange(quoteInput({ ...given, ...changes }))
    return quote.kind === 'refused' ? quote.code : quote.kind
  }
  const [same] = termsOf(given.from, START, { planKey: 'pro', planVersion: 3 })
  expect(refusal({ subscription: { lifecycle: 'paused' } })).toBe('not_changeable')
  expect(refusal({ subscription: { lifecycle: 'canceling' } })).toBe('cancellation_pending')
  expect(refusal({ subscription: { term: same! } })).toBe('already_on_plan')
  expect(refusal({ to: { ...given.to, currencies: ['eur'] } })).toBe('currency_not_offered')
})
