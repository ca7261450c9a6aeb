import type { Connected } from '../connections/service.ts'

/** What a look at one object brought: its current state, that Stripe no longer has it, or why nobody knows. */
export type Look = PromiseSettledResult<unknown>

export interface Looked {
  readonly connected: Connected
  /** Drawn before any of them was fetched. */
  readonly ticket: bigint
  readonly looks: ReadonlyMap<string, Look>
}
