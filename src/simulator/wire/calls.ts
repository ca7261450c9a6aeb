import type { Parameters } from '../stripe.generated.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Shape } from './shapes.ts'

/** One request to one operation, read and checked. */
export interface Call<P> {
  readonly tx: Transaction
  readonly params: P
  /** `{id}` of the path; '' where the operation has none. */
  readonly id: string
  readonly path: Readonly<Record<string, string>>
  readonly isLegacy: boolean
  /** Parameters of older API versions that today's shapes have no place for, as they came. */
  readonly legacy: Readonly<Record<string, unknown>>
}

/** What an operation answers: Stripe's JSON, unexpanded. A string is text that is no JSON at all. */
export type Handlers = {
  readonly [K in keyof Parameters]?: (call: Call<Parameters[K]>) => unknown
}

/** An operation outside Stripe's public reference that official clients use nevertheless; its shape is written by hand. */
export interface UnlistedOperation {
  readonly parameters: Shape
  readonly handle: (call: Call<Readonly<Record<string, unknown>>>) => unknown
}
export type UnlistedHandlers = Readonly<Record<string, UnlistedOperation>>
