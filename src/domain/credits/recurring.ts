import {
  add,
  type Decimal,
  formatDecimal,
  maxDecimal,
  minDecimal,
  subtract,
  ZERO,
} from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import { boundary, duration, type NumberedPeriod, type Period, periodAt } from '../../kit/period.ts'
import type { CreditUnit, GrantDraft, Holding } from './grant.ts'

/** A grant given anew in every period, such as 500 credits a month. */
export interface RecurringGrant {
  readonly id: string
  readonly unit: CreditUnit
  readonly amount: Decimal
  readonly priority: number
  readonly appliesTo: readonly string[] | null
  readonly cadence: string
  readonly anchor: Instant
  readonly timeZone: string
  /** How long each is valid, counted from its period's start; null is until the period ends. */
  readonly validFor: string | null
}

/**
 * The grant of the period `now` lies in. Its source names template and period, which is unique: a job that runs twice,
 * or two that run at once, grant once.
 */
export function recurringGrantAt(template: RecurringGrant, now: Instant): GrantDraft | null {
  if (now < template.anchor) return null
  const length = duration(template.cadence)
  const period: NumberedPeriod = periodAt(template.anchor, length, now, template.timeZone)
  const { validFor, timeZone } = template
  return {
    unit: template.unit,
    amount: template.amount,
    category: 'plan',
    priority: template.priority,
    effectiveAt: period.startsAt,
    expiresAt:
      validFor === null
        ? period.endsAt
        : boundary(period.startsAt, duration(validFor), 1, timeZone),
    appliesTo: template.appliesTo,
    source: { kind: 'plan', id: `${template.id}:${period.ordinal}` },
  }
}

/**
 * What is still to be given for the period `now` lies in. A plan that gives more than the one before it, in the same
 * period, gives the difference; going back and forth gives nothing twice.
 */
export function decideRecurring(
  template: RecurringGrant,
  holdings: readonly Holding[],
  now: Instant,
): GrantDraft | null {
  const draft = recurringGrantAt(template, now)
  if (draft === null) return null
  const { kind, id } = draft.source
  const given = holdings.filter(
    ({ grant: { source } }) =>
      source.kind === kind && (source.id === id || source.id.startsWith(`${id}:`)),
  )
  if (given.length === 0) return draft
  const sum = given.reduce((total, { grant }) => add(total, grant.amount), ZERO)
  if (sum >= draft.amount) return null
  const source = { kind, id: `${id}:${formatDecimal(draft.amount)}` }
  return { ...draft, amount: subtract(draft.amount, sum), source }
}

export interface RolloverPolicy {
  /** At most this much is taken over into the next window; null is everything. */
  readonly maximum: Decimal | null
  /** How long what was taken over stays valid after the window's end. */
  readonly validFor: string
  readonly priority: number
}

export interface RolloverInput {
  readonly featureKey: string
  readonly subscriptionId: string
  /** The window that ended. */
  readonly window: Period
  readonly granted: Decimal
  readonly used: Decimal
  /** Earlier rollovers still unspent; together with the new one they stay below the maximum. */
  readonly stillRolledOver: Decimal
  readonly policy: RolloverPolicy
  readonly timeZone: string
}

/** What a window left unused, as a grant of its own with its own expiry; null when nothing is left to take over. */
export function rolloverGrant(input: RolloverInput): GrantDraft | null {
  const { featureKey, subscriptionId, window, policy } = input
  const unused = maxDecimal(ZERO, subtract(input.granted, input.used))
  const room =
    policy.maximum === null
      ? unused
      : maxDecimal(ZERO, subtract(policy.maximum, input.stillRolledOver))
  const amount = minDecimal(unused, room)
  if (amount === ZERO) return null
  return {
    unit: { kind: 'feature', featureKey },
    amount,
    category: 'rollover',
    priority: policy.priority,
    effectiveAt: window.endsAt,
    expiresAt: boundary(window.endsAt, duration(policy.validFor), 1, input.timeZone),
    appliesTo: null,
    source: { kind: 'rollover', id: `${subscriptionId}:${featureKey}:${window.startsAt}` },
  }
}
