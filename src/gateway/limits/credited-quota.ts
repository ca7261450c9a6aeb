import type { CreditRule } from '../../domain/credits/spending/credit-terms.ts'
import type { Instant } from '../../kit/instant.ts'
import {
  type Allowance,
  type AllowanceRefusal,
  type AllowanceVerdict,
  type AllowanceView,
  ENOUGH,
  SHORT,
  UNKNOWN,
  UNREACHABLE,
} from './allowance.ts'
import type { CreditPart } from './credit-parts.ts'
import type { Quota } from './quota.ts'
import { type Micros, showMicros } from './units.ts'

const NO_PARTS: readonly CreditPart[] = []

/**
 * The quotas of a feature with credits behind them: what the plan includes is used first, then credits, and what neither
 * covers goes on the invoice or is refused. A unit comes from one side only, so each is counted where it was paid.
 */
export class CreditedQuota implements Allowance {
  /** What the last `take` took from credits. */
  lastTaken: readonly CreditPart[] = NO_PARTS
  readonly #quotas: readonly Quota[]
  readonly #credits: Quota
  readonly #rule: CreditRule
  #awaited: Quota
  #awaitedUnits: Micros = 0
  #missing: Micros = 0

  constructor(quotas: readonly Quota[], credits: Quota, rule: CreditRule) {
    this.#quotas = quotas
    this.#credits = credits
    this.#rule = rule
    this.#awaited = credits
  }

  check(units: Micros, at: Instant): AllowanceVerdict {
    let included = this.#quotas.length === 0 ? 0 : units
    for (const quota of this.#quotas) {
      const verdict = quota.check(units, at)
      if (verdict === UNREACHABLE && !this.#rule.isOverageBilled) return UNREACHABLE
      if (verdict === UNKNOWN && !this.#isKnownToBeShort(quota, units)) {
        this.#awaited = quota
        this.#awaitedUnits = units
        return UNKNOWN
      }
      if (verdict === SHORT || verdict === UNKNOWN) included = Math.min(included, quota.stock)
    }
    const rest = units - included
    if (rest === 0) return ENOUGH
    const verdict = this.#credits.check(rest, at)
    if (verdict === UNKNOWN) {
      this.#awaited = this.#credits
      this.#awaitedUnits = rest
      return UNKNOWN
    }
    if (verdict === ENOUGH || this.#rule.isOverageBilled) return ENOUGH
    this.#missing = rest - this.#credits.stock
    return verdict
  }

  /** Nobody waits to hear again that a window is used up while there are credits in stock. */
  #isKnownToBeShort(quota: Quota, units: Micros): boolean {
    return quota.isUsedUp && this.#credits.stock >= units
  }

  take(units: Micros, at: Instant): void {
    let included = this.#quotas.length === 0 ? 0 : units
    for (const quota of this.#quotas) included = Math.min(included, quota.stock)
    const rest = units - included
    let credited = Math.min(rest, this.#credits.stock)
    const beyond = rest - credited
    if (beyond > 0) {
      // Without an answer nobody knows which side it is on; the plan's comes first.
      const isForPlan = this.#rule.isOverageBilled || !this.#credits.isReachable
      if (isForPlan && (this.#quotas.length > 0 || this.#rule.isOverageBilled)) included += beyond
      else credited += beyond
    }
    for (const quota of this.#quotas) quota.take(included, at)
    this.lastTaken = NO_PARTS
    if (credited === 0) return
    this.lastTaken = this.#credits.takeParts(credited)
    this.#credits.take(credited, at)
  }

  giveBack(units: Micros): void {
    for (const quota of this.#quotas) quota.giveBack(units)
  }

  giveBackCredits(units: Micros): void {
    this.#credits.giveBack(units)
  }

  wait(_units: Micros, resume: () => void): void {
    this.#awaited.wait(this.#awaitedUnits, resume)
  }

  isOverdrawn(): boolean {
    return !this.#rule.isOverageBilled && this.#credits.isOwing
  }

  get hasForgotten(): boolean {
    return this.#credits.isForgotten
  }

  refusal(at: Instant): AllowanceRefusal {
    const { featureKey } = this.#rule
    const spoken = (units: Micros) => `${showMicros(units)} ${featureKey.replaceAll('_', ' ')}`
    const ofPlan = this.#quotas.map((quota) => quota.refusal(at)).find(({ limit }) => limit)
    return {
      code: 'insufficient_credits',
      params: {
        available: `credits for ${spoken(this.#credits.stock)}`,
        missing: `credits for ${spoken(this.#missing)}`,
      },
      ...(ofPlan?.limit && { limit: ofPlan.limit }),
      actions: ofPlan === undefined ? ['top_up'] : ['top_up', 'wait', 'upgrade'],
      resetsAt: ofPlan?.resetsAt ?? this.#credits.key.window.endsAt,
    }
  }

  /** Of its windows the one that is nearest to its end. */
  view(): AllowanceView | null {
    let nearest: AllowanceView | null = null
    for (const quota of this.#quotas) {
      const view = quota.view()
      if (view === null) continue
      if (nearest === null || view.used / view.limit > nearest.used / nearest.limit) nearest = view
    }
    return nearest
  }
}
