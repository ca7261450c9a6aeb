import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decideRefund,
  type RefundablePayment,
  refundableMinor,
  type RefundLimits,
  type RefundRequest,
  type RefundStanding,
  type RefundState,
} from './decide-refund.ts'

const payment = (changes: Partial<RefundablePayment> = {}): RefundablePayment => ({
  state: 'succeeded',
  currency: 'usd',
  capturedMinor: 2900n,
  refunds: [],
  lostInDisputesMinor: 0n,
  ...changes,
})
const request = (
  amountMinor: bigint | null,
  changes: Partial<RefundRequest> = {},
): RefundRequest => ({
  amountMinor,
  reason: 'customer_request',
  accessEffect: 'none',
  creditEffect: 'none',
  issueCreditNote: false,
  ...changes,
})
const NO_LIMITS: RefundLimits = { approvalAboveMinor: null, unburnedCreditsMinor: null }
const decide = (
  changes: Partial<RefundablePayment>,
  amountMinor: bigint | null,
  limits: Partial<RefundLimits> = {},
) => decideRefund(payment(changes), request(amountMinor), { ...NO_LIMITS, ...limits })

test('S2.16 a refund without an amount gives everything back that is left', () => {
  expect(decide({}, null)).toMatchObject({ kind: 'allowed', amountMinor: 2900n, isFull: true })
  const refunds = [{ amountMinor: 900n, state: 'succeeded' as const }]
  expect(decide({ state: 'partially_refunded', refunds }, null)).toMatchObject({
    amountMinor: 2000n,
    isFull: true,
    remainingMinor: 0n,
  })
})

test('S2.16 a partial refund leaves the rest refundable, a second one included', () => {
  const refunds = [{ amountMinor: 900n, state: 'succeeded' as const }]
  expect(decide({ state: 'partially_refunded', refunds }, 500n)).toMatchObject({
    kind: 'allowed',
    isFull: false,
    remainingMinor: 1500n,
  })
})

test('U48 two clicks at once: a refund counts from the moment it is requested', () => {
  const refunds = [{ amountMinor: 2900n, state: 'requested' as const }]
  expect(decide({ refunds }, 2900n)).toEqual({
    kind: 'refused',
    code: 'nothing_left_to_refund',
    refundableMinor: 0n,
  })
})

test('a refund that failed or was canceled can be made again', () => {
  const refunds = (['failed', 'canceled'] as const).map((state) => ({ amountMinor: 2900n, state }))
  expect(decide({ refunds }, 2900n)).toMatchObject({ kind: 'allowed' })
})

test('S2.28 more than what remains is refused, and the answer says what remains', () => {
  expect(decide({}, 2901n)).toEqual({
    kind: 'refused',
    code: 'amount_exceeds_remaining',
    refundableMinor: 2900n,
  })
  expect(decide({}, 0n)).toMatchObject({ code: 'amount_not_chargeable' })
  expect(decide({ currency: 'kwd' }, 15n)).toMatchObject({ code: 'amount_not_chargeable' })
})

test('only money that came in and is not in dispute can go back', () => {
  expect(decide({ state: 'failed' }, null)).toMatchObject({ code: 'payment_not_refundable' })
  expect(decide({ state: 'disputed' }, null)).toMatchObject({ code: 'payment_disputed' })
  expect(decide({ state: 'refunded' }, null)).toMatchObject({ code: 'nothing_left_to_refund' })
})

test('of a purchase of credits only what is unburned goes back', () => {
  const limits = { unburnedCreditsMinor: 670n }
  expect(decide({}, null, limits)).toMatchObject({
    kind: 'allowed',
    amountMinor: 670n,
    isFull: false,
  })
  expect(decide({}, 671n, limits)).toMatchObject({
    code: 'credits_already_used',
    refundableMinor: 670n,
  })
  expect(decide({}, null, { unburnedCreditsMinor: 0n })).toMatchObject({
    code: 'credits_already_used',
  })
})

test('a large refund needs a second look', () => {
  expect(decide({}, 1000n, { approvalAboveMinor: 1000n })).toMatchObject({ needsApproval: false })
  expect(decide({}, 1001n, { approvalAboveMinor: 1000n })).toMatchObject({ needsApproval: true })
})

test('U49 what happens to access and credits is part of the decision, and Stripe hears a reason it knows', () => {
  const effects = {
    accessEffect: 'cancel_now',
    creditEffect: 'void_unburned',
    issueCreditNote: true,
  } as const
  const decision = (reason: RefundRequest['reason']) =>
    decideRefund(payment(), request(100n, { ...effects, reason }), NO_LIMITS)
  expect(decision('customer_request')).toMatchObject({
    effects,
    stripeReason: 'requested_by_customer',
  })
  expect(decision('fraudulent')).toMatchObject({ stripeReason: 'fraudulent' })
  expect(decision('service_issue')).toMatchObject({ stripeReason: null })
})

test('refunds never exceed what was paid, whatever is asked, fails or is lost in between', () => {
  const states = fc.constantFrom<RefundState>(
    'requested',
    'pending',
    'succeeded',
    'failed',
    'canceled',
  )
  const asks = fc.array(fc.tuple(fc.bigInt({ min: -10n, max: 4000n }), states), { maxLength: 20 })
  fc.assert(
    fc.property(asks, fc.bigInt({ min: 0n, max: 3000n }), (wanted, lostInDisputesMinor) => {
      const refunds: RefundStanding[] = []
      for (const [amountMinor, state] of wanted) {
        const decision = decide({ refunds, lostInDisputesMinor }, amountMinor)
        if (decision.kind === 'allowed') refunds.push({ amountMinor, state })
      }
      const given = refunds
        .filter(({ state }) => state !== 'failed' && state !== 'canceled')
        .reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
      const mayGive = lostInDisputesMinor > 2900n ? 0n : 2900n - lostInDisputesMinor
      expect(given <= mayGive).toBe(true)
      expect(refundableMinor(payment({ refunds, lostInDisputesMinor }))).toBe(mayGive - given)
    }),
  )
})
