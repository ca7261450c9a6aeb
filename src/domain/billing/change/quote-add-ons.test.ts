import fc from 'fast-check'
import { expect, test } from 'vitest'
import { END, HALF, hardQuota, plan, quoted, START } from '../../../../test/support/plan-changes.ts'
import { aFee, aPlan, termsOf } from '../../../../test/support/plans.ts'
import { SECOND_MS } from '../../../kit/instant.ts'
import type { HeldAddOn } from '../../catalog/add-ons.ts'
import type { PlanDefinition } from '../../catalog/plan.ts'
import { grantedPlan } from '../../subscriptions/overrides.ts'
import { addOnTerms } from '../add-on-terms.ts'
import type { PaidFee } from '../proration.ts'

const starter = plan('29.00', '1000')
const target = {
  planKey: 'starter',
  planVersion: 1,
  definition: starter,
  startingPhaseKey: null,
  overrides: {},
}
const definition = (price: string): PlanDefinition =>
  aPlan({ addOn: { planKeys: ['starter'], maximumQuantity: null } }, [
    aFee(price),
    hardQuota('100'),
  ])
const extra = (price: string, quantity: number): HeldAddOn => ({
  quantity,
  version: {
    id: 'version_extra',
    planKey: 'extra',
    version: 1,
    state: 'active',
    definition: definition(price),
    revision: 1,
    effectiveFrom: null,
    effectiveTo: null,
    publishedAt: null,
    createdAt: 0,
  },
})
const paidFor = (paidMinor: bigint, startsAt = START): PaidFee => ({
  rateCardKey: 'fee',
  name: 'fee',
  planKey: 'extra',
  planVersion: 1,
  phaseKey: 'main',
  paidMinor,
  creditedMinor: 0n,
  period: { startsAt, endsAt: END },
})
const having = (held: HeldAddOn[]) => ({
  addOns: held,
  addOnTerms: addOnTerms(
    termsOf(starter, START, { planKey: 'starter' }),
    held.map((each) => ({ ...each, startsAt: START, endsAt: null })),
  ),
})

test('adding at half time costs half, once for each, and the plan is not touched', () => {
  const quote = quoted({ from: starter, to: starter, target, addOns: [extra('10.00', 3)] })
  expect(quote.invoice?.lines.map(({ planKey, amountMinor }) => [planKey, amountMinor])).toEqual([
    ['extra', 1500n],
  ])
  expect(quote).toMatchObject({
    direction: 'upgrade',
    timing: 'immediate',
    effectiveAt: HALF,
    payment: { kind: 'before_change', amountMinor: 1500n },
    nextInvoice: { at: END, feesMinor: 5900n },
    addOns: [{ key: 'extra', quantityBefore: 0, quantityAfter: 3 }],
  })
  expect(quote.quotas).toMatchObject([{ limitBefore: '1000', limitAfter: '1300' }])
})

test('more of it gives back what is left of the old and charges what is left of the new', () => {
  const quote = quoted({
    from: starter,
    to: starter,
    target,
    addOns: [extra('10.00', 3)],
    subscription: having([extra('10.00', 1)]),
    paidFees: [paidFor(1000n)],
  })
  expect(quote.invoice?.lines.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
    ['unused_time', -500n],
    ['fee', 1500n],
  ])
})

test('nothing of an add-on that stays is charged when another comes', () => {
  const quote = quoted({
    from: starter,
    to: starter,
    target,
    addOns: [
      extra('10.00', 1),
      { ...extra('8.00', 1), version: { ...extra('8.00', 1).version, id: 'b', planKey: 'other' } },
    ],
    subscription: having([extra('10.00', 1)]),
    paidFees: [paidFor(1000n)],
  })
  expect(quote.invoice?.lines.map(({ planKey, amountMinor }) => [planKey, amountMinor])).toEqual([
    ['other', 400n],
  ])
})

test('an agreed quota takes the place of the one of the plan, and add-ons come on top of it', () => {
  const overrides = { quotas: { requests: '5000' } }
  const held = [extra('10.00', 3)]
  const quote = quoted({
    from: starter,
    to: starter,
    target: { ...target, overrides },
    addOns: held,
    subscription: { term: termsOf(starter, START, { planKey: 'starter', overrides })[0]! },
  })
  const [phase] = grantedPlan(starter, overrides, held).phases
  const enforced = phase?.rateCards.flatMap(({ entitlement }) =>
    entitlement?.type === 'metered' ? [entitlement.issueAfterReset] : [],
  )

  expect(quote.quotas).toMatchObject([{ limitBefore: '5000', limitAfter: '5300' }])
  expect(enforced).toEqual(['5300'])
})

test('other terms of the plan leave what add-ons cost alone', () => {
  const held = [extra('10.00', 2)]
  const quote = quoted({
    from: starter,
    to: starter,
    target: {
      ...target,
      overrides: { prices: { fee: { type: 'amount', amount: '19.00', currency: 'usd' } } },
    },
    isOverride: true,
    timing: 'immediate',
    addOns: held,
    subscription: having(held),
    paidFees: [{ ...paidFor(2900n), planKey: 'starter' }, paidFor(2000n)],
  })

  expect(quote.invoice?.lines.map(({ planKey, amountMinor }) => [planKey, amountMinor])).toEqual([
    ['starter', -1450n],
    ['starter', 950n],
  ])
  expect(quote).toMatchObject({ cause: 'override', addOns: [], nextInvoice: { feesMinor: 3900n } })
})

test('for any price, number and moment, what is added and given up at once is given back to the cent', () => {
  const prices = fc.integer({ min: 1, max: 1_000_000 }).map((minor) => (minor / 100).toFixed(2))
  fc.assert(
    fc.property(
      prices,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: (END - START) / SECOND_MS - 1 }),
      (price, quantity, second) => {
        const at = START + second * SECOND_MS
        const held = [extra(price, quantity)]
        const bought = quoted({ from: starter, to: starter, target, at, addOns: held })
        const paidMinor = bought.invoice?.totalMinor ?? 0n
        const back = quoted({
          from: starter,
          to: starter,
          target,
          at,
          timing: 'immediate',
          addOns: [],
          subscription: having(held),
          paidFees: paidMinor === 0n ? [] : [paidFor(paidMinor, at)],
        })
        expect(back.invoice?.totalMinor ?? 0n).toBe(-paidMinor)
      },
    ),
    { numRuns: 200 },
  )
})
