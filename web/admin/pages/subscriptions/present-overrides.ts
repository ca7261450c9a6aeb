import type { BodyOf } from '../../../../src/client/client.ts'
import { formatDate, formatQuantity, formatUnitPrice } from '../../../ui/format.ts'
import type { PlanVersion } from '../plans/present-plan.ts'
import type { Subscription } from './present-subscription.ts'

export type Overrides = BodyOf<
  'post',
  '/api/v1/subscriptions/{subscriptionId}/overrides/preview'
>['overrides']
export type AgreedTerms = NonNullable<Subscription['agreed']>

/** What the form edits: rows of text, in the order they were added. */
export interface OverrideRows {
  readonly prices: readonly {
    readonly rateCardKey: string
    readonly kind: 'amount' | 'percentage'
    readonly value: string
  }[]
  readonly quotas: readonly { readonly featureKey: string; readonly units: string | null }[]
  readonly rateLimits: readonly { readonly name: string; readonly limit: number }[]
  readonly features: readonly {
    readonly featureKey: string
    readonly right: 'granted' | 'withheld' | 'value'
    readonly value: string
  }[]
  readonly reason: string
  /** A date of the calendar; empty is without end. */
  readonly until: string
}

export function rowsOf(overrides: Overrides | null): OverrideRows {
  const { prices = {}, quotas = {}, rateLimits = {}, features = {} } = overrides ?? {}
  return {
    prices: Object.entries(prices).map(([rateCardKey, price]) => ({
      rateCardKey,
      kind: price.type,
      value: price.type === 'amount' ? price.amount : price.percent,
    })),
    quotas: Object.entries(quotas).map(([featureKey, units]) => ({ featureKey, units })),
    rateLimits: Object.entries(rateLimits).map(([name, { limit }]) => ({ name, limit })),
    features: Object.entries(features).map(([featureKey, right]) => ({
      featureKey,
      right: right === true ? 'granted' : right === false ? 'withheld' : 'value',
      value: typeof right === 'string' ? right : '',
    })),
    reason: '',
    until: overrides?.until?.slice(0, 10) ?? '',
  }
}

export function overridesOf(rows: OverrideRows, currency: string): Overrides {
  return {
    prices: Object.fromEntries(
      rows.prices.map(({ rateCardKey, kind, value }) => [
        rateCardKey,
        kind === 'amount'
          ? { type: 'amount' as const, amount: value, currency }
          : { type: 'percentage' as const, percent: value },
      ]),
    ),
    quotas: Object.fromEntries(rows.quotas.map(({ featureKey, units }) => [featureKey, units])),
    rateLimits: Object.fromEntries(rows.rateLimits.map(({ name, limit }) => [name, { limit }])),
    features: Object.fromEntries(
      rows.features.map(({ featureKey, right, value }) => [
        featureKey,
        right === 'value' ? value : right === 'granted',
      ]),
    ),
    reason: rows.reason,
    until: rows.until === '' ? null : `${rows.until}T00:00:00Z`,
  }
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly description?: string
}

/** What of a plan can be agreed otherwise, each once. */
export function choicesOf({ definition }: PlanVersion, currency: string) {
  const cards = definition.phases.flatMap(({ rateCards }) => rateCards)
  const prices = cards.flatMap(({ key, name, prices: listed }): Choice[] => {
    const price = listed?.[currency]
    if (price === undefined) return []
    const hasAmount = price.type === 'flat' || price.type === 'unit' || price.type === 'package'
    const description = hasAmount
      ? `The plan says ${formatUnitPrice(price.amount, currency)}`
      : 'Only a percentage off'
    return [{ value: key, label: name, description }]
  })
  const quotas = cards.flatMap(({ featureKey, name, entitlement }): Choice[] => {
    if (featureKey === null || entitlement?.type !== 'metered') return []
    const { issueAfterReset: units } = entitlement
    const description = `The plan says ${units === null ? 'unlimited' : formatQuantity(units)}`
    return [{ value: featureKey, label: name, description }]
  })
  const rateLimits = definition.rateLimits.map(({ name, limit, windowSeconds }): Choice => ({
    value: name,
    label: name,
    description: `The plan says ${limit} in ${windowSeconds} s`,
  }))
  const metered = new Set(quotas.map(({ value }) => value))
  return { prices: once(prices), quotas: once(quotas), rateLimits, metered }
}

function once(choices: readonly Choice[]): Choice[] {
  return [...new Map(choices.map((choice) => [choice.value, choice])).values()]
}

/** What is agreed, one sentence each: `Fee: $19.00 instead of $29.00`. */
export function agreedSentences(agreed: AgreedTerms, currency: string): string[] {
  const money = (amount: string) => formatUnitPrice(amount, currency)
  const units = (limit: string | null) => (limit === null ? 'unlimited' : formatQuantity(limit))
  return [
    ...agreed.prices.map(({ name, percent, amount, listed }) => {
      const off = percent === null ? '' : `${percent} % off`
      const price = amount === null ? '' : money(amount)
      const what = [off, price].filter((part) => part !== '').join(', ')
      return `${name}: ${what}${listed === null ? '' : ` instead of ${money(listed)}`}`
    }),
    ...agreed.quotas.map(
      ({ name, limit, listed }) => `${name}: ${units(limit)} instead of ${units(listed)}`,
    ),
    ...agreed.rateLimits.map(
      ({ name, limit, listed }) => `Rate limit ${name}: ${limit} instead of ${listed ?? 'none'}`,
    ),
    ...agreed.features.map(({ name, value }) =>
      value === true
        ? `${name}: granted`
        : value === false
          ? `${name}: withheld`
          : `${name}: ${value}`,
    ),
  ]
}

/** Until when, in words. */
export function agreedUntil({ until }: AgreedTerms): string {
  return until === null
    ? 'Until it is changed, or the plan is left'
    : `Until the end of the billing period of ${formatDate(until)}`
}
