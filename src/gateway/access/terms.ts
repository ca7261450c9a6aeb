import { type BudgetRule, budgetQuotaKey, budgetWindowAt } from '../../domain/budgets/budget.ts'
import { type QuotaRule, windowAt } from '../../domain/entitlements/grants.ts'
import { creditKeyOf, quotaKeyOf } from '../../domain/entitlements/quota.ts'
import type { CreditRule, CreditTerms } from '../../domain/credits/spending/credit-terms.ts'
import type { CostRule } from '../../domain/routing/route.ts'
import { type Decimal, decimal, formatDecimal, multiply, ONE } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { LimitLines } from '../answer-lines.ts'
import type { GatewayRefusal } from '../exchange.ts'
import type { Allowance } from '../limits/allowance.ts'
import { CreditedQuota } from '../limits/credited-quota.ts'
import type { LimitBook } from '../limits/limit-book.ts'
import type { Quota } from '../limits/quota.ts'
import type { QuotaBook } from '../limits/quota-book.ts'
import { PricedStock } from '../limits/priced-stock.ts'
import type { PlaceLimit, SpeedLimit } from '../limits/speed-limit.ts'
import { budgetStock, creditStock, quotaStock } from '../limits/stock-rules.ts'
import { type Micros, toMicros } from '../limits/units.ts'
import type { RouteEntry } from '../routing-table.ts'
import { Series, type SeriesQuota } from '../usage/series.ts'
import type { KeyAccess } from './key-access.ts'

/** Credits have no window. */
const ALWAYS: Period = { startsAt: 0, endsAt: Date.UTC(9999, 0, 1) }

/** The terms on which one key may use one route: worked out at its first request, kept while neither changes. */
export interface Terms {
  /** The plan does not cover the route at all. */
  readonly refusal: GatewayRefusal | null
  readonly rates: readonly Slot<SpeedLimit>[]
  readonly places: readonly Slot<PlaceLimit>[]
  readonly charges: readonly Charge[]
  /** Whether some cost is known only from the answer. */
  readonly hasCosts: boolean
  /** `RateLimit-Policy: …`, which never changes. */
  readonly policyLine: string
  /** What the last answer said about limits; the next says nearly the same. */
  limitLines: LimitLines | null
}

/** A limiter that may be looked up anew: per address, or after the book has forgotten it. */
export interface Slot<Limiter> {
  limiter(address: string): Limiter
}

interface TermsDeps {
  readonly limits: LimitBook
  readonly quotas: QuotaBook
}

export function createTerms(access: KeyAccess | null, route: RouteEntry, deps: TermsDeps): Terms {
  const rates = rateSlots(access, route, deps.limits)
  const policies = rates.map((slot) => slot.limiter('').policy)
  const charges = access === null ? [] : chargesOf(access, route, deps.quotas)
  return {
    refusal: access === null ? null : refusalOf(access, route),
    rates,
    places: placeSlots(access, route, deps.limits),
    charges,
    hasCosts: charges.some(({ costs }) => costs.length > 0),
    policyLine: policies.length === 0 ? '' : `RateLimit-Policy: ${policies.join(', ')}\r\n`,
    limitLines: null,
  }
}

function refusalOf(access: KeyAccess, entry: RouteEntry): GatewayRefusal | null {
  const { route } = entry
  const { featureKey } = route.policy
  const { grants } = access.record
  const ofKey = scopeRefusal(access, entry)
  if (ofKey !== null) return ofKey
  if (featureKey !== null && !grants?.features.includes(featureKey)) {
    return { code: 'feature_not_entitled', params: { feature: featureKey }, actions: ['upgrade'] }
  }
  const meter = meterKeysOf(route.policy).find((key) => !grants?.meters.includes(key))
  if (meter === undefined) return null
  return { code: 'meter_not_in_plan', params: { meter }, actions: ['upgrade'] }
}

/** What the key itself may not do, whatever its customer bought. */
export function scopeRefusal(
  { record: { scopes } }: KeyAccess,
  { route }: RouteEntry,
): GatewayRefusal | null {
  const { scope } = route.policy
  if (scope === null || scopes.length === 0 || scopes.includes(scope)) return null
  return { code: 'insufficient_scope', params: { scope }, actions: ['create_key'] }
}

type Metered = Pick<RouteEntry['route']['policy'], 'meters' | 'costs'>

function meterKeysOf({ meters, costs }: Metered): string[] {
  return [...new Set([...Object.keys(meters), ...costs.map(({ meterKey }) => meterKey)])]
}

type LimitScope = 'key' | 'subscription' | 'customer' | 'route' | 'address'

/** Who shares a limiter. Ids are unique across modes, so the modes never share one. */
function ownerOf(access: KeyAccess | null, scope: LimitScope, address: string): string {
  switch (scope) {
    case 'key':
      return access?.record.keyId ?? ''
    case 'subscription':
      return access?.record.subscriptionId ?? access?.record.customerId ?? ''
    case 'customer':
      return access?.record.customerId ?? ''
    case 'route':
      return 'all'
    case 'address':
      return address
  }
}

function rateSlots(
  access: KeyAccess | null,
  { route }: RouteEntry,
  limits: LimitBook,
): Slot<SpeedLimit>[] {
  const ofPlan = (access?.record.rateLimits ?? []).map((rule) => ({ rule, group: 'plan' }))
  const ofRoute = route.policy.rateLimits.map((rule) => ({ rule, group: `route:${route.key}` }))
  return [...ofPlan, ...ofRoute].map(({ rule, group }) =>
    slot(rule.scope, (address) => {
      const id = `${rule.scope} ${ownerOf(access, rule.scope, address)} ${group} ${rule.name}`
      return limits.rate(id, rule, rule.scope)
    }),
  )
}

function placeSlots(
  access: KeyAccess | null,
  { route }: RouteEntry,
  limits: LimitBook,
): Slot<PlaceLimit>[] {
  return route.policy.concurrencyLimits.map((rule) =>
    slot(rule.scope, (address) => {
      const owner = ownerOf(access, rule.scope, address)
      return limits.concurrency(
        `${rule.scope} ${owner} ${route.key} ${rule.name}`,
        rule,
        rule.scope,
      )
    }),
  )
}

function slot<Limiter extends { isForgotten: boolean }>(
  scope: LimitScope,
  get: (address: string) => Limiter,
): Slot<Limiter> {
  if (scope === 'address') return { limiter: get }
  let limiter = get('')
  return {
    limiter(address) {
      if (limiter.isForgotten) limiter = get(address)
      return limiter
    },
  }
}

function chargesOf(access: KeyAccess, { route }: RouteEntry, quotas: QuotaBook): Charge[] {
  const { meters, costs } = route.policy
  // What the charges before take of each budget, which all of them together must fit into.
  const taken = new Map<string, Micros>()
  return meterKeysOf(route.policy).map((meterKey) => {
    const own = costs.filter((cost) => cost.meterKey === meterKey)
    const fixed = decimal(meters[meterKey] ?? '0')
    const budgets = access.record.budgets.flatMap((rule): ChargedBudget[] => {
      const worth = rule.worth[meterKey]
      return worth === undefined ? [] : [{ rule, worth, beside: taken.get(rule.id) ?? 0 }]
    })
    const charge = new Charge(
      { access, routeKey: route.key, meterKey, fixed, budgets },
      own,
      quotas,
    )
    for (const { rule, worth, beside } of budgets) {
      const price = (multiply(charge.reservedUnits, worth) / ONE) as Decimal
      taken.set(rule.id, beside + toMicros(price))
    }
    return charge
  })
}

/** A budget as one meter's units count against it. */
interface ChargedBudget {
  readonly rule: BudgetRule
  readonly worth: Decimal
  /** What other meters of the same request take of it. */
  readonly beside: Micros
}

interface Charged {
  readonly access: KeyAccess
  readonly routeKey: string
  readonly meterKey: string
  readonly fixed: Decimal
  readonly budgets: readonly ChargedBudget[]
}

/** What requests of one key on one route add to one meter, and the allowances that has to fit into. */
export class Charge {
  readonly meterKey: string
  /** What every billed request adds. */
  readonly fixed: Decimal
  readonly costs: readonly CostRule[]
  /** What is taken before the cost is known: the fixed units and the estimates. */
  readonly reserved: Micros
  readonly reservedUnits: Decimal
  readonly #access: KeyAccess
  readonly #routeKey: string
  readonly #rules: readonly QuotaRule[]
  readonly #budgets: readonly ChargedBudget[]
  readonly #quotas: QuotaBook
  #series: Series | null = null
  #creditSeries: Series | null = null
  readonly #credit: CreditRule | undefined
  /** Null where credits pay nothing. */
  credited: CreditedQuota | null = null
  /** Of the windows that `#from … #until` lies in: what is held in stock, and what units have to fit into. */
  #stocks: readonly Quota[] = []
  #current: readonly Allowance[] = []
  #from: Instant = 0
  #until: Instant = 0

  constructor(
    { access, routeKey, meterKey, fixed, budgets }: Charged,
    costs: readonly CostRule[],
    quotas: QuotaBook,
  ) {
    this.meterKey = meterKey
    this.fixed = fixed
    this.costs = costs
    const estimated = costs.reduce((sum, { estimate }) => sum + decimal(estimate), 0n)
    this.reservedUnits = (fixed + estimated) as Decimal
    this.reserved = toMicros(this.reservedUnits)
    this.#access = access
    this.#routeKey = routeKey
    this.#quotas = quotas
    this.#budgets = budgets
    const { grants } = access.record
    this.#credit = grants?.credits.find((rule) => rule.meterKey === meterKey)
    this.#rules = (grants?.quotas ?? [])
      .filter((rule) => rule.meterKey === meterKey && rule.limit !== null)
      .map((rule) => (rule.featureKey === this.#credit?.featureKey ? untilLimit(rule) : rule))
  }

  /** What the units have to fit into at this moment; new objects when a window turns. */
  allowancesAt(now: Instant): readonly Allowance[] {
    if (now < this.#from || now >= this.#until || this.#hasForgotten()) this.#open(now)
    return this.#current
  }

  #hasForgotten(): boolean {
    for (const stock of this.#stocks) if (stock.isForgotten) return true
    return this.credited?.hasForgotten ?? false
  }

  #open(now: Instant): void {
    const { record } = this.#access
    const { mode, subscriptionId } = record
    const ofPlan = this.#rules.map((rule) => {
      const window = windowAt(rule.window, now)
      const key = { mode, subscriptionId: subscriptionId ?? '', quotaKey: quotaKeyOf(rule), window }
      return this.#quotas.get(key, quotaStock(rule, record))
    })
    const own = this.#budgets.map(({ rule }) => {
      const window = budgetWindowAt(rule, now)
      const quotaKey = budgetQuotaKey(rule.id)
      const key = { mode, subscriptionId: rule.customerId, quotaKey, window }
      return this.#quotas.get(key, budgetStock(rule))
    })
    this.#stocks = [...ofPlan, ...own]
    const priced = this.#budgets.map(({ worth, beside }, i) => {
      const stock = own[i] as Quota
      return worth === ONE && beside === 0 ? stock : new PricedStock(stock, worth, beside)
    })
    this.#current = [...this.#withCredits(ofPlan), ...priced]
    const windows = this.#stocks.map(({ key }) => key.window)
    this.#from = Math.max(Number.NEGATIVE_INFINITY, ...windows.map(({ startsAt }) => startsAt))
    this.#until = Math.min(Number.POSITIVE_INFINITY, ...windows.map(({ endsAt }) => endsAt))
  }

  /** The quotas of the feature that credits pay for are asked together with the credits. */
  #withCredits(quotas: readonly Quota[]): readonly Allowance[] {
    const credit = this.#credit
    if (credit === undefined) return quotas
    const { mode, subscriptionId } = this.#access.record
    const key = {
      mode,
      subscriptionId: subscriptionId ?? '',
      quotaKey: creditKeyOf(credit),
      window: ALWAYS,
      credit: this.#creditTerms(credit),
    }
    const isOwn = (_: Quota, i: number) => this.#rules[i]?.featureKey === credit.featureKey
    const stock = this.#quotas.get(key, creditStock(credit, this.#access.record))
    this.credited = new CreditedQuota(quotas.filter(isOwn), stock, credit)
    return [...quotas.filter((quota, i) => !isOwn(quota, i)), this.credited]
  }

  #creditTerms({ featureKey, rates }: CreditRule): CreditTerms {
    return { customerId: this.#access.record.customerId, featureKey, rates }
  }

  /** Where usage of this moment is counted; the same object as long as the bucket is the same. */
  seriesAt(now: Instant): Series {
    const bucketAt = this.#access.bucketAt(now)
    if (this.#series?.definition.bucketAt === bucketAt) return this.#series
    this.allowancesAt(now)
    this.#series = this.#newSeries(bucketAt, this.#seriesQuotas())
    return this.#series
  }

  /** Where usage is counted that credits paid for: it takes nothing from the plan's quotas, only from budgets. */
  creditSeriesAt(now: Instant): Series {
    const bucketAt = this.#access.bucketAt(now)
    if (this.#creditSeries?.definition.bucketAt === bucketAt) return this.#creditSeries
    this.allowancesAt(now)
    if (this.#credit === undefined) throw new Error('No credits pay for this charge')
    const quotaKey = creditKeyOf(this.#credit)
    const window = { startsAt: bucketAt, endsAt: bucketAt }
    const credit = { quotaKey, window, credit: this.#creditTerms(this.#credit) }
    const budgets = this.#seriesQuotas().slice(this.#rules.length)
    this.#creditSeries = this.#newSeries(bucketAt, [...budgets, credit])
    return this.#creditSeries
  }

  #newSeries(bucketAt: Instant, quotas: readonly SeriesQuota[]): Series {
    const { record } = this.#access
    return new Series({
      mode: record.mode,
      subscriptionId: record.subscriptionId ?? '',
      customerId: record.customerId,
      meterKey: this.meterKey,
      bucketAt,
      apiKeyId: record.keyId,
      routeKey: this.#routeKey,
      dimension: '',
      units: formatDecimal(this.fixed),
      quotas,
    })
  }

  #seriesQuotas(): SeriesQuota[] {
    const budgetsAt = this.#rules.length
    return this.#stocks.map(({ key: { subscriptionId, quotaKey, window } }, i) => {
      const budget = this.#budgets[i - budgetsAt]
      if (budget === undefined) return { quotaKey, window }
      return { quotaKey, window, budgetOf: subscriptionId, worth: formatDecimal(budget.worth) }
    })
  }
}

/** With credits behind it a quota ends where the plan's units do, whatever it does without. */
function untilLimit(rule: QuotaRule): QuotaRule {
  return rule.onLimit === 'block' ? rule : { ...rule, onLimit: 'block', ceiling: rule.limit }
}
