import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hardQuota, HALF, plan, quoted, START } from '../../../test/support/plan-changes.ts'
import {
  aFee,
  aPlan,
  aQuota,
  at,
  flat,
  tiered,
  unit,
  usageCard,
} from '../../../test/support/plans.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { RateCard } from '../catalog/plan.ts'
import { overriddenPhase, overriddenPlan, type SubscriptionOverrides } from './overrides.ts'

const phaseOf = (...cards: RateCard[]) => aPlan({}, cards).phases[0]!
const cardsOf = (cards: RateCard[], overrides: SubscriptionOverrides) =>
  overriddenPhase(phaseOf(...cards), overrides).rateCards

test('an agreed amount replaces the price in its currency, and no other', () => {
  const prices = { usd: flat('29.00'), eur: flat('27.00') }
  const [card] = cardsOf([aFee('29.00', { prices })], {
    prices: { fee: { type: 'amount', amount: '19.00', currency: 'usd' } },
  })

  expect(card?.prices).toEqual({ usd: flat('19.00'), eur: flat('27.00') })
})

test('a percentage off is that part of every amount a price has', () => {
  const listed = tiered('graduated', ['1000', '0.01'], [null, '0.005', '5.00'])
  const [card] = cardsOf([usageCard('requests', listed)], {
    prices: { requests: { type: 'percentage', percent: '20' } },
  })

  expect(card?.prices?.['usd']).toEqual(
    tiered('graduated', ['1000', '0.008'], [null, '0.004', '4']),
  )
})

test('features are granted and taken away, and a limit is as fast as was agreed', () => {
  const boolean = (key: string): RateCard => ({
    ...aFee('', { key, prices: null }),
    featureKey: key,
    entitlement: { type: 'boolean' },
  })
  const cards = cardsOf([boolean('sso'), boolean('beta')], {
    features: { beta: false, audit: true, support: 'gold' },
  })
  const limit = { name: 'speed', limit: 10, windowSeconds: 60, burst: null, scope: 'key' as const }

  expect(cards.map(({ featureKey, entitlement }) => [featureKey, entitlement?.type])).toEqual([
    ['sso', 'boolean'],
    ['audit', 'boolean'],
    ['support', 'static'],
  ])
  const limited = aPlan({ rateLimits: [limit] })
  const overrides = { rateLimits: { speed: { limit: 20, burst: 5 } } }
  expect(overriddenPlan(limited, overrides).rateLimits).toEqual([{ ...limit, limit: 20, burst: 5 }])
})

test('what is overridden in a price that was made in Stripe becomes a price of ours', () => {
  const linked = { kind: 'linked' as const, stripePriceIds: { usd: 'price_1' } }
  const card = usageCard('requests', unit('0.01'), {
    providerPrice: linked,
    entitlement: aQuota('100'),
  })

  expect(cardsOf([card], { quotas: { other: '1' } })[0]?.providerPrice).toEqual(linked)
  expect(cardsOf([card], { quotas: { requests: '500' } })[0]?.providerPrice).toEqual({
    kind: 'managed',
  })
})

const overriding = (overrides: SubscriptionOverrides, when: number) => {
  const from = plan('29.00', '10', undefined, [hardQuota('10')])
  return quoted({
    from,
    to: from,
    target: {
      planKey: 'starter',
      planVersion: 1,
      definition: from,
      startingPhaseKey: null,
      overrides,
    },
    isOverride: true,
    timing: 'immediate',
    at: when,
  })
}

test('fees that are not overridden are neither given back nor charged again, at any second', () => {
  const seconds = fc.integer({ min: 1, max: 30 * 86_400 - 1 })
  fc.assert(
    fc.property(seconds, (second) => {
      const quote = overriding({ quotas: { requests: '99' } }, START + second * SECOND_MS)
      expect(quote.invoice).toBeNull()
      expect(quote.nextInvoice?.feesMinor).toBe(2900n)
    }),
  )
})

test('what is agreed does not wait for a payment, and keeps the period and the usage', () => {
  const quote = overriding({ prices: { fee: { type: 'percentage', percent: '50' } } }, HALF)

  expect(quote.payment).toEqual({ kind: 'credit', amountMinor: 725n })
  expect(quote).toMatchObject({ cause: 'override', after: { billingAnchor: at('2026-04-01') } })
})
