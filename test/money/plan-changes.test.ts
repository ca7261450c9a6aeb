import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanDefinition, RateCard } from '../../src/domain/catalog/plan.ts'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { PACKAGE_A, PACKAGE_B } from '../support/plan-changes.ts'
import { aCard, aFee, aPlan, aQuota, tiered, unit, usageCard } from '../support/plans.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice({ database: await testDatabase() })
  for (const [key, definition] of Object.entries(PLANS)) {
    const { domain, caller } = office
    await domain.catalog.createPlan(caller, { key, isDefault: false, definition })
    await domain.publishing.publish(caller, key)
  }
})
afterAll(() => office.close())

const stripe = (cards: RateCard[], changes: Partial<PlanDefinition> = {}) =>
  aPlan({ engine: 'stripe_subscription', proration: PACKAGE_A, ...changes }, cards)
const block = aCard('requests', {
  featureKey: 'requests',
  entitlement: aQuota('100', { onLimit: 'block' }),
})
const FULL_RESET = { ...PACKAGE_B, mode: 'full_reset' } as const
const NONE = { ...PACKAGE_A, mode: 'none' } as const

/** In the order of sale: what comes later is an upgrade. */
const PLANS: Readonly<Record<string, PlanDefinition>> = {
  tiny: stripe([aFee('0.99'), block]),
  odd: stripe([aFee('33.33'), block]),
  metered: stripe([usageCard('requests', unit('0.01'))]),
  tiers: stripe([
    aFee('10.00'),
    usageCard('requests', tiered('graduated', ['10', '1.00'], [null, '0.50'])),
  ]),
  by_use: stripe([aFee('29.00'), block], { proration: PACKAGE_B }),
  two_fees: stripe([
    aFee('49.00'),
    aCard('support', { prices: { usd: aFee('20.01').prices!['usd']! } }),
  ]),
  restarting: stripe([aFee('99.00')], { proration: FULL_RESET }),
  unprorated: stripe([aFee('120.00'), block], { proration: NONE }),
  set_up: stripe([
    aFee('150.00'),
    aCard('set_up', { billingCadence: null, prices: { usd: aFee('75.00').prices!['usd']! } }),
  ]),
}
const KEYS = Object.keys(PLANS)

/** Seconds move time on, a plan key asks for a change of plan. */
type Step = { readonly days: number; readonly planKey: string; readonly isForced: boolean }

test('S5.15.7 whatever plans follow each other, each change costs exactly what its preview said', async () => {
  const { domain, caller, stripe: dashboard } = office
  let count = 0
  const step: fc.Arbitrary<Step> = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    planKey: fc.constantFrom(...KEYS),
    isForced: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...KEYS),
      fc.array(step, { minLength: 1, maxLength: 3 }),
      async (first, steps) => {
        const payer = await office.customer(`payer${++count}`)
        await payer.subscribes(first)
        await office.settle()
        for (const { days, planKey, isForced } of steps) {
          if (days > 0) await office.advance(`P${days}D`)
          const subscription = await domain.subscriptions.findOpen('test', payer.id)
          if (subscription === undefined) throw new Error('There is no subscription')
          const { id } = subscription
          if ((await domain.changes.findOpen('test', id)) !== undefined) {
            await domain.changes.takeBack(caller, id)
          }
          if (subscription.planKey === planKey) continue
          const timing = isForced ? 'immediate' : 'auto'
          const request = { planKey, planVersion: null, timing } as const
          const { change, offer } = await domain.changes.preview(caller, id, request)
          const before = await dashboard.invoices.list({ customer: payer.stripeCustomerId })
          const { state } = await domain.changes.execute(caller, id, change.id)
          await office.settle()
          const after = await dashboard.invoices.list({ customer: payer.stripeCustomerId })
          const made = after.data.slice(0, after.data.length - before.data.length)
          expect(made.map(({ total, amount_due: due }) => ({ total, due }))).toEqual(
            offer.invoice === null
              ? []
              : [
                  {
                    total: Number(offer.invoice.totalMinor),
                    due: Number(offer.invoice.amountDueMinor),
                  },
                ],
          )
          expect(state).toBe(offer.quote.timing === 'immediate' ? 'applied' : 'scheduled')
          const now = await domain.subscriptions.findOpen('test', payer.id)
          expect(now?.planKey).toBe(state === 'applied' ? planKey : subscription.planKey)
        }
      },
    ),
    { numRuns: 12, seed: 20_261_120 },
  )
  const { data } = await domain.findings.list('test', { state: 'open' }, { limit: 50 })
  expect(data.map(({ summary }) => summary)).toEqual([])
}, 240_000)

test('a plan left at the period’s end for usage alone is renewed without an invoice, and time goes on', async () => {
  const { domain, caller, stripe: dashboard } = office
  const payer = await office.customer('to_usage')
  await payer.subscribes('odd')
  await office.settle()
  const { id } = (await domain.subscriptions.findOpen('test', payer.id))!
  const request = { planKey: 'metered', planVersion: null, timing: 'at_period_end' } as const
  const { change } = await domain.changes.preview(caller, id, request)
  await domain.changes.execute(caller, id, change.id)

  await office.advance('P35D')

  const now = await domain.subscriptions.findOpen('test', payer.id)
  expect(now).toMatchObject({ planKey: 'metered', id })
  const { data } = await dashboard.invoices.list({ customer: payer.stripeCustomerId })
  expect(data.map(({ total }) => total).filter((total) => total !== 0)).toEqual([3_333])
})
