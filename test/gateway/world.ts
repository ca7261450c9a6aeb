import { REAL_TIME } from '../../src/domain/accounts/clock-reading.ts'
import type { BudgetRule } from '../../src/domain/budgets/budget.ts'
import type { AccessChange } from '../../src/domain/entitlements/access-changes.ts'
import type { AccessRecord, AccessSource } from '../../src/domain/entitlements/access-record.ts'
import type { QuotaRule } from '../../src/domain/entitlements/grants.ts'
import { hashSecret } from '../../src/domain/keys/api-key.ts'
import type { Metering } from '../../src/domain/metering/service.ts'
import {
  type RouteInput,
  routeFrom,
  type Routing,
  type UpstreamInput,
  upstreamFrom,
} from '../../src/domain/routing/route.ts'
import { decimal, formatDecimal } from '../../src/kit/decimal.ts'
import { duration } from '../../src/kit/period.ts'

/** Keys and what they may do, in memory: a real, small implementation of what the gateway asks its domain for. */
export class AccessBook implements AccessSource {
  readonly #records = new Map<string, AccessRecord>()
  readonly #listeners = new Set<(change: AccessChange) => void>()
  readonly #metering: Metering
  lookUps = 0
  /** Set to make look-ups fail, as they do when the database is gone. */
  failure: Error | null = null

  constructor(metering: Metering) {
    this.#metering = metering
  }

  put(secret: string, record: AccessRecord): void {
    this.#records.set(hashSecret(secret), record)
    this.say({ kind: 'customer', mode: record.mode, customerId: record.customerId })
  }

  say(change: AccessChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  find(hash: string): Promise<AccessRecord | undefined> {
    this.lookUps++
    if (this.failure !== null) return Promise.reject(this.failure)
    return Promise.resolve(this.#records.get(hash))
  }

  used: AccessSource['used'] = (mode, of, window) => {
    if (of.kind === 'quota')
      return this.#metering.total(mode, of.subscriptionId, of.meterKey, window)
    return this.#metering.totalOfOwner(mode, of, Object.keys(of.worth)[0] ?? '', window)
  }

  subscribe(listener: (change: AccessChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** A key of test mode, numbered so that tests can have several. */
export function aSecret(n = 1): string {
  return `fb_test_${String(n).padStart(32, '0')}`
}

export function anAccess(n = 1, rest: Partial<AccessRecord> = {}): AccessRecord {
  return {
    mode: 'test',
    keyId: `key_${n}`,
    customerId: `customer_${n}`,
    subscriptionId: `subscription_${n}`,
    planKey: 'pro',
    allowedIps: [],
    scopes: [],
    clock: REAL_TIME,
    startsAt: null,
    timeline: [{ from: Number.NEGATIVE_INFINITY, decision: { kind: 'allowed', notice: null } }],
    grants: { features: ['requests'], values: {}, quotas: [], meters: ['requests'], credits: [] },
    budgets: [],
    rateLimits: [],
    planStartsAt: null,
    billingPeriods: { anchor: Date.UTC(2026, 0, 1), length: duration('P1M'), timeZone: 'UTC' },
    headers: { 'x-customer-id': `customer_${n}`, 'x-user-plan': 'pro' },
    quotaExceededStatus: 403,
    ...rest,
  }
}

export function aQuota(limit: number | null, rest: Partial<QuotaRule> = {}): QuotaRule {
  const units = limit === null ? null : decimal(limit)
  return {
    featureKey: 'requests',
    meterKey: 'requests',
    limit: units,
    ceiling: units,
    onLimit: 'block',
    throttle: null,
    window: { anchor: Date.UTC(2026, 0, 1), length: duration('P1M'), timeZone: 'UTC' },
    ...rest,
  }
}

/** A hard budget of the customer, in requests by the calendar month, unless told otherwise. */
export function aBudget(limit: number | string, rest: Partial<BudgetRule> = {}): BudgetRule {
  return {
    id: 'budget_1',
    name: 'spending',
    customerId: 'customer_1',
    apiKeyId: null,
    worth: { requests: decimal(1) },
    unit: 'requests',
    limit: decimal(limit),
    isHard: true,
    window: 'month',
    timeZone: 'UTC',
    ...rest,
  }
}

export function withQuotas(...quotas: readonly QuotaRule[]): Pick<AccessRecord, 'grants'> {
  const meters = [...new Set(['requests', ...quotas.map(({ meterKey }) => meterKey)])]
  return { grants: { features: ['requests'], values: {}, quotas, meters, credits: [] } }
}

export const METERED: RouteInput = {
  key: 'all',
  match: { kind: 'prefix', path: '/' },
  upstreamKey: 'api',
  policy: { meters: { requests: '1' } },
}

export function toRouting(
  routes: readonly RouteInput[],
  upstreams: readonly UpstreamInput[],
): Routing {
  return { routes: routes.map(routeFrom), upstreams: upstreams.map(upstreamFrom) }
}

/** What is counted of a subscription in the database. */
export async function totalOf(metering: Metering, n = 1, meterKey = 'requests'): Promise<number> {
  const all = { startsAt: 0, endsAt: Date.UTC(2200, 0, 1) }
  return Number(formatDecimal(await metering.total('test', `subscription_${n}`, meterKey, all)))
}
