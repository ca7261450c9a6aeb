import { expect, test } from 'vitest'
import { planDefinition } from '../../../../src/api/contract/plan-definition.ts'
import { chooseOffer } from './offer.ts'
import type { OfferedPlan } from './present-plan.ts'

function aPlan(key: string, billingCadence: string, amounts: Record<string, string>): OfferedPlan {
  const prices = Object.fromEntries(
    Object.entries(amounts).map(([currency, amount]) => [currency, { type: 'flat', amount }]),
  )
  const fee = { key: 'fee', name: 'Fee', billingCadence, prices }
  const isFree = Object.keys(amounts).length === 0
  const phase = { key: 'main', name: key, duration: null, rateCards: isFree ? [] : [fee] }
  const currencies = isFree ? ['usd', 'eur'] : Object.keys(amounts)
  const definition = planDefinition.parse({
    name: key,
    currencies,
    billingCadence,
    phases: [phase],
  })
  return { key, version: 1, definition, featureNames: {}, featureUnits: {} }
}

const PLANS = [
  aPlan('free', 'P1M', {}),
  aPlan('pro', 'P1M', { usd: '29', eur: '27' }),
  aPlan('pro_yearly', 'P1Y', { usd: '290' }),
]

test('the way of paying is chosen, and what is free belongs to every one', () => {
  const keys = (interval?: string) => chooseOffer(PLANS, { interval }).plans.map(({ key }) => key)

  expect(keys()).toEqual(['free', 'pro'])
  expect(keys('P1Y')).toEqual(['free', 'pro_yearly'])
  expect(chooseOffer(PLANS, {}).intervals.map(({ label }) => label)).toEqual(['Monthly', 'Yearly'])
})

test('a currency shows what is sold in it', () => {
  const offer = chooseOffer(PLANS, { currency: 'eur' })

  expect(offer.currencies).toEqual(['usd', 'eur'])
  expect(offer.plans.map(({ key }) => key)).toEqual(['free', 'pro'])
})

test('who has had an invoice is shown what is sold in its currency, whatever the address asks for', () => {
  const offer = chooseOffer(PLANS, { currency: 'usd' }, 'eur')

  expect([offer.currency, offer.currencies]).toEqual(['eur', ['eur']])
  expect(offer.plans.map(({ key }) => key)).toEqual(['free', 'pro'])
})

test('what the address asks for and is not there falls back to the first', () => {
  const offer = chooseOffer(PLANS, { interval: 'P9Y', currency: 'xxx' })

  expect([offer.interval, offer.currency]).toEqual(['P1M', 'usd'])
})

test('nothing on sale is an empty list, not an error', () => {
  expect(chooseOffer([], {})).toMatchObject({ plans: [], intervals: [], currencies: [] })
})
