import type { Currency } from '../../../kit/currency.ts'
import type { Instant } from '../../../kit/instant.ts'
import { calendarAnchor, type Period, periodAt } from '../../../kit/period.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import { billingRule } from '../billing-rule.ts'
import type { Derivation } from '../derivation.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { lineText } from '../lines.ts'
import { NO_OVERRIDES } from '../../subscriptions/overrides.ts'
import { type Term, termsOfPlan } from '../terms.ts'

/** What something would cost: before credits, tax and the customer's balance. */
export interface Estimate {
  readonly planKey: string
  readonly planVersion: number
  readonly currency: Currency
  readonly period: Period
  readonly lines: readonly EstimatedLine[]
  readonly totalMinor: bigint
  /** Meters of the sample that the plan puts no price on. */
  readonly unpricedMeters: readonly string[]
}

/** The invoice that ends the running period, as far as it is known: after credits, before tax and the balance. */
export interface NextInvoice {
  readonly subscriptionId: string
  readonly currency: Currency
  /** When the period ends and the invoice is made. */
  readonly at: Instant
  readonly closes: Period
  /** What is paid in advance is for this; null when nothing comes after. */
  readonly opens: Period | null
  readonly lines: readonly EstimatedLine[]
  readonly totalMinor: bigint
}

export interface EstimatedLine {
  readonly rateCardKey: string | null
  readonly description: string
  readonly amountMinor: bigint
  readonly period: Period
  readonly derivation: Derivation
}

export function estimatedLine(line: InvoiceLine): EstimatedLine {
  return {
    rateCardKey: line.rateCardKey,
    description: lineText(line),
    amountMinor: line.amountMinor,
    period: line.servicePeriod,
    derivation: line.derivation,
  }
}

export function totalOf(lines: readonly { readonly amountMinor: bigint }[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
}

/** A plan as somebody would be on it who had begun with a phase at the start of the period around an instant. */
export function imaginedTerms(
  { planKey, version, definition }: PlanVersion,
  phaseKey: string | null,
  at: Instant,
  timeZone: string,
): Term[] {
  return termsOfPlan({
    planKey,
    planVersion: version,
    definition,
    startsAt: imaginedStart(definition, at, timeZone),
    endsAt: null,
    startsBy: 'subscribe',
    endsBy: null,
    overrides: NO_OVERRIDES,
    startingPhaseKey: phaseKey ?? definition.phases.at(-1)?.key ?? null,
    startingPhaseEndsAt: null,
    feesFrom: null,
    billingAnchor: null,
    usageAnchor: null,
    timeZone,
    trialAnchor: 'end',
  })
}

/** Calendar plans begin with a whole period: a stub would say little about a month. */
function imaginedStart(
  definition: PlanVersion['definition'],
  at: Instant,
  timeZone: string,
): Instant {
  if (definition.alignment === 'anniversary') return at
  const rule = billingRule(definition, at, timeZone)
  const anchor = calendarAnchor(at, rule.length, rule.timeZone)
  return periodAt(anchor, rule.length, at, rule.timeZone).startsAt
}
