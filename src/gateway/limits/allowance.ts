import type { Instant } from '../../kit/instant.ts'
import type { GatewayRefusal } from '../exchange.ts'
import type { Micros } from './units.ts'

/**
 * Something a request spends units of: a quota, a budget, a balance of credits. `limit` asks all allowances of a
 * request first and takes from all of them or from none, in one turn of the event loop, so that no two requests can
 * spend the same unit. A new kind of limit implements this and is added to the terms; the stage stays as it is.
 */
export interface Allowance {
  check(units: Micros, at: Instant): AllowanceVerdict
  /** After `check` said `ENOUGH` in the same turn; or to count what was served already, beyond any limit. */
  take(units: Micros, at: Instant): void
  /** What was taken and not used. */
  giveBack(units: Micros): void
  /** After `check` said `UNKNOWN`: calls back when asking again may give another answer. */
  wait(units: Micros, resume: () => void): void
  /** More was taken than a hard limit allows, as what is counted after the fact may be. */
  isOverdrawn(): boolean
  refusal(at: Instant): AllowanceRefusal
  /** Null: answers do not tell of it. */
  view(): AllowanceView | null
}

export type AllowanceVerdict = typeof ENOUGH | typeof SHORT | typeof UNKNOWN | typeof UNREACHABLE
export const ENOUGH = 0
export const SHORT = 1
/** The authority has to be asked first. */
export const UNKNOWN = 2
/** The authority does not answer; the route's policy decides. */
export const UNREACHABLE = 3

export interface AllowanceRefusal extends GatewayRefusal {
  /** Of several that are short, the one that resets last is reported. */
  readonly resetsAt: Instant
}

/** For the headers. */
export interface AllowanceView {
  readonly limit: Micros
  readonly used: Micros
  readonly resetsAtText: string
}
