import { expect, test } from 'vitest'
import {
  aFee,
  aPlan,
  aQuota,
  at,
  metersOf,
  quantityOf,
  readingOf,
  termsOf,
  tiered,
  unit,
  usageCard,
} from '../../../../test/support/plans.ts'
import { derivedAmount } from '../derivation.ts'
import { dealOut } from './deal-out.ts'
import { differenceOf } from './difference.ts'
import {
  groupLines,
  groupQueries,
  quantityOnLines,
  rateGroup,
  type StripeLineFacts,
} from './line-group.ts'

const APRIL = { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') }
const MAY = { startsAt: APRIL.endsAt, endsAt: at('2026-06-01') }
const plan = aPlan({ engine: 'stripe_subscription' }, [
  aFee('29.00'),
  usageCard('calls', tiered('graduated', ['10000', null], [null, '0.01', '5.00'])),
  usageCard('tokens', unit('0.5'), { entitlement: aQuota('100') }),
])
const known = {
  currency: 'usd',
  terms: termsOf(plan, APRIL.startsAt),
  meters: metersOf(termsOf(plan, APRIL.startsAt)),
}

const line = (
  rateCardKey: string | null,
  amountMinor: bigint,
  more: Partial<StripeLineFacts> = {},
): StripeLineFacts => ({
  ...APRIL,
  planKey: 'plan',
  rateCardKey,
  amountMinor,
  discountMinor: 0n,
  quantity: '1',
  unitAmountDecimal: null,
  isProration: false,
  ...more,
})
const TIERS = [
  line('calls', 0n, { quantity: '10000', unitAmountDecimal: '0' }),
  line('calls', 2345n, { quantity: '2345', unitAmountDecimal: '1' }),
  line('calls', 500n, { quantity: '1', unitAmountDecimal: '500' }),
]

function explained(lines: readonly StripeLineFacts[], used: string) {
  const groups = groupLines(lines, known)
  return groups.map((group) => {
    const reading = readingOf(groupQueries(group, known), () => quantityOf(used).quantity)
    return { group, ours: rateGroup(group, known, reading) }
  })
}

test('a fee is rated for the period it opens, usage for the one it closes', () => {
  const [fee, calls] = explained([line('fee', 2900n, MAY), ...TIERS], '12345')
  expect(fee?.ours?.amountMinor).toBe(2900n)
  expect(fee?.ours?.servicePeriod).toEqual(MAY)
  expect(calls?.ours?.servicePeriod).toEqual(APRIL)
})

test('the lines Stripe makes of one tiered price are one charge, and each shows its own tier', () => {
  const [calls, ...more] = explained(TIERS, '12345')
  expect(more).toEqual([])
  expect(calls?.group.chargedMinor).toBe(2845n)
  expect(calls?.ours?.amountMinor).toBe(2845n)
  const dealt = dealOut(calls!.ours!.derivation, calls!.group, 'usd')
  expect(dealt.map(derivedAmount)).toEqual(['0', '23.45', '5'])
  expect(dealt.map(({ steps }) => steps.map(({ kind }) => kind))).toEqual([
    ['usage', 'graduated'],
    ['usage', 'graduated'],
    ['usage', 'graduated'],
  ])
})

test('what is included is a free line without an amount, and the paid line has the whole trail', () => {
  const [tokens] = explained(
    [
      line('tokens', 0n, { quantity: '100', unitAmountDecimal: '0' }),
      line('tokens', 1000n, { quantity: '20', unitAmountDecimal: '50' }),
    ],
    '120',
  )
  const dealt = dealOut(tokens!.ours!.derivation, tokens!.group, 'usd')
  expect(dealt.map(derivedAmount)).toEqual([undefined, '10'])
})

test('the flat fee of a tier is no unit of usage', () => {
  const [calls] = explained(TIERS, '12345')
  expect(quantityOnLines(calls!.group)).toBe(quantityOf('12345').quantity)
})

test('lines without a rate card, credits and other plans are left as they are', () => {
  const strangers = [
    line(null, 100n),
    line('fee', -1450n, { isProration: true }),
    line('fee', 100n, { planKey: 'other' }),
  ]
  expect(groupLines(strangers, known)).toEqual([])
})

test('U40 a cent that Stripe charged otherwise is never silent, and says what it comes from', () => {
  const [calls] = explained(TIERS, '12345')
  const category = (ours: bigint, atTheirs: bigint | null) =>
    differenceOf(calls!.group, ours, atTheirs)?.category
  expect(category(2845n, 2845n)).toBeUndefined()
  expect(category(2846n, 2846n)).toBe('rounding')
  expect(category(3045n, 2845n)).toBe('late')
  expect(category(3045n, 3045n)).toBe('amount')
  expect(category(3045n, null)).toBe('amount')
  const [fee] = explained([line('fee', 2901n, MAY)], '0')
  expect(differenceOf(fee!.group, 2900n, null)?.category).toBe('amount')
})
