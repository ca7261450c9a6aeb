import type { Decimal } from '../../kit/decimal.ts'
import { DAY_MS, HOUR_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { type Period, startOfCalendar, startOfHour } from '../../kit/period.ts'

/** What a customer allows itself, or one of its keys, to use: a limit of its own beside those of the plan. */
export interface Budget {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  /** Null: for all keys of the customer together, and for events sent for it. */
  readonly apiKeyId: string | null
  readonly name: string
  readonly measure: BudgetMeasure
  /** Units of the meter, or major units of the currency. */
  readonly amount: Decimal
  readonly window: BudgetWindow
  /** Refuses what is beyond; otherwise it only tells. */
  readonly isHard: boolean
  /** Shares in percent at which people are written to, once per window each. */
  readonly alertPercents: readonly number[]
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type BudgetMeasure =
  | { readonly kind: 'units'; readonly meterKey: string }
  /** Usage at its list price; see `list-price.ts`. */
  | { readonly kind: 'money'; readonly currency: string }

export const BUDGET_WINDOWS = ['hour', 'day', 'week', 'month'] as const
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number]

/** A budget as a gateway enforces it. */
export interface BudgetRule {
  readonly id: string
  readonly name: string
  readonly customerId: string
  readonly apiKeyId: string | null
  /** What one unit of a meter takes of it; meters that are not here take nothing. */
  readonly worth: Readonly<Record<string, Decimal>>
  /** What `limit` is counted in: a meter, or a currency in upper case. */
  readonly unit: string
  readonly limit: Decimal
  readonly isHard: boolean
  readonly window: BudgetWindow
  readonly timeZone: string
}

/** The longest of each, and half a day more: inside the window that follows, whatever clocks do in between. */
const INTO_NEXT_MS = { day: 1.5 * DAY_MS, week: 7.5 * DAY_MS, month: 31.5 * DAY_MS } as const

/** Days, weeks and months are those of the calendar in the customer's time zone; a week begins on Monday. */
export function budgetWindowAt(
  { window, timeZone }: Pick<BudgetRule, 'window' | 'timeZone'>,
  now: Instant,
): Period {
  if (window === 'hour') {
    const hour = startOfHour(now)
    return { startsAt: hour, endsAt: hour + HOUR_MS }
  }
  const startsAt = startOfCalendar(now, window, timeZone)
  const endsAt = startOfCalendar(startsAt + INTO_NEXT_MS[window], window, timeZone)
  return { startsAt, endsAt }
}

/** Names the budget among the quotas whose leases make it exact. */
export function budgetQuotaKey(id: string): string {
  return `budget:${id}`
}
