import { NEW_YEAR } from '../support.ts'
import type { Route } from '../../../src/simulator/wire/router.ts'
import { resolved, type Shape } from '../../../src/simulator/wire/shapes.ts'

/** A number from 0 up to 1, from a seed: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Ids by the kind of object they name. */
export type Pool = Map<string, string[]>

export interface FuzzedRequest {
  readonly path: string
  readonly pairs: readonly (readonly [string, string])[]
}

/** What a parameter of this name refers to. */
const REFERENCES: Readonly<Record<string, string>> = {
  coupon: 'coupon',
  credit_grant: 'billing.credit_grant',
  charge: 'charge',
  configuration: 'billing_portal.configuration',
  customer: 'customer',
  default_payment_method: 'payment_method',
  default_price: 'price',
  entitlement_feature: 'entitlements.feature',
  from_subscription: 'subscription',
  invoice: 'invoice',
  meter: 'billing.meter',
  payment_intent: 'payment_intent',
  payment_method: 'payment_method',
  price: 'price',
  product: 'product',
  promotion_code: 'promotion_code',
  refund: 'refund',
  schedule: 'subscription_schedule',
  setup_intent: 'setup_intent',
  subscription: 'subscription',
  subscription_item: 'subscription_item',
  tax_rate: 'tax_rate',
  tax_rates: 'tax_rate',
  default_tax_rates: 'tax_rate',
  test_clock: 'test_helpers.test_clock',
}

/** What the last word of a path in front of an id names. */
const NOUNS: Readonly<Record<string, string>> = {
  active_entitlements: 'entitlements.active_entitlement',
  alerts: 'billing.alert',
  balance_transactions: 'balance_transaction',
  configurations: 'billing_portal.configuration',
  credit_balance_transactions: 'billing.credit_balance_transaction',
  credit_grants: 'billing.credit_grant',
  early_fraud_warnings: 'radar.early_fraud_warning',
  features: 'entitlements.feature',
  lines: 'line_item',
  meters: 'billing.meter',
  sessions: 'checkout.session',
  sources: 'card',
  test_clocks: 'test_helpers.test_clock',
}

const DAY = 86_400

/** Requests that are well formed and otherwise anything: what passes the check of parameters, and what they then mean. */
export function createRequests(pool: Pool, random: () => number) {
  const pick = <T>(among: readonly T[]): T | undefined => among[Math.floor(random() * among.length)]
  const whole = (below: number): number => Math.floor(random() * below)
  const idOf = (kind: string): string => pick(pool.get(kind) ?? []) ?? `none_${whole(9)}`

  function text(name: string): string {
    const kind = REFERENCES[name]
    if (kind === 'payment_method' && random() < 0.5) return 'pm_card_visa'
    if (kind !== undefined) return idOf(kind)
    if (/currency/.test(name)) return random() < 0.9 ? 'usd' : 'eur'
    if (/url/.test(name)) return 'https://example.com/here'
    if (name === 'source') return 'tok_visa'
    if (name === 'event_name') return 'walk_calls'
    if (name === 'expand') return pick(['customer', 'data', 'latest_invoice', 'lines']) ?? ''
    if (name === 'query') return 'created>0'
    if (name === 'code') return `CODE${whole(99)}`
    if (name === 'id') return `own_${whole(99_999)}`
    return pick(['Ada', 'a b', 'ada@example.com', '€', 'x'.repeat(40)]) ?? ''
  }

  function integer(name: string): number {
    if (
      /created|_at$|_date|_start|_end$|timestamp|frozen_time|_time$|redeem_by|anchor|^(gte?|lte?)$/.test(
        name,
      )
    ) {
      return NEW_YEAR + whole(90) * DAY
    }
    if (/limit/.test(name)) return 1 + whole(100)
    return pick([0, 1, 2, 3, 12, 50, 100, 999, 10_000, -1, -500]) ?? 0
  }

  function fill(
    shape: Shape,
    name: string,
    path: string,
    pairs: (readonly [string, string])[],
    depth: number,
  ): void {
    const structure = resolved(shape)
    const put = (value: string | number | boolean): void => void pairs.push([path, String(value)])
    const isNullable = shape === 'text' || (typeof shape === 'object' && 'nullable' in shape)
    if (isNullable && random() < 0.05) return put('')
    switch (structure) {
      case 'boolean':
        return put(random() < 0.5)
      case 'integer':
      case 'number':
        return put(integer(name))
      case 'decimal':
        return put(pick(['0', '1', '0.5', '12.345', '0.000000000001']) ?? '0')
      case 'string':
      case 'text':
      case 'any':
        return put(text(name))
    }
    if ('enum' in structure) return put(pick(structure.enum) ?? '')
    if ('anyOf' in structure) {
      return fill(pick(structure.anyOf) ?? 'any', name, path, pairs, depth)
    }
    if ('list' in structure) {
      for (let index = 0; index <= whole(2); index++) {
        fill(structure.list, name, `${path}[${index}]`, pairs, depth + 1)
      }
      return
    }
    if ('map' in structure) return fill(structure.map, name, `${path}[key]`, pairs, depth + 1)
    if ('fields' in structure) fillFields(structure.fields, path, pairs, depth + 1)
  }

  function fillFields(
    fields: Readonly<Record<string, Shape>>,
    path: string,
    pairs: (readonly [string, string])[],
    depth: number,
  ): void {
    const optional = Object.keys(fields).filter((key) => key.endsWith('?')).length
    // A few of many, so that most requests make some sense.
    const chance = Math.min(0.5, (depth === 0 ? 3 : 2) / Math.max(1, optional))
    for (const [key, shape] of Object.entries(fields)) {
      const name = key.replace(/\?$/, '')
      const isWanted = !key.endsWith('?') || name === 'customer' || random() < chance
      if (!isWanted || name === 'expand') continue
      fill(shape, name, path === '' ? name : `${path}[${name}]`, pairs, depth)
    }
  }

  return (route: Route): FuzzedRequest => {
    const segments = route.segments.map((segment, index) => {
      if (!segment.startsWith('{')) return segment
      const noun = route.segments[index - 1] ?? ''
      return idOf(NOUNS[noun] ?? noun.replace(/ies$/, 'y').replace(/s$/, ''))
    })
    const pairs: (readonly [string, string])[] = []
    const structure = resolved(route.parameters)
    if (typeof structure === 'object' && 'fields' in structure) {
      fillFields(structure.fields, '', pairs, 0)
    }
    return { path: `/${segments.join('/')}`, pairs }
  }
}
