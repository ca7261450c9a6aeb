import type { z } from 'zod'
import type { Caller } from '../../domain/audit/caller.ts'
import type { ActingOperator } from '../../domain/operators/service.ts'
import type { SignedIn } from '../../domain/sign-in/service.ts'
import type { RouteDefinition } from '../contract/route.ts'

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

export interface Input<Definition extends RouteDefinition> {
  readonly params: Parsed<Definition['params']>
  readonly query: Parsed<Definition['query']>
  readonly body: Parsed<Definition['body']>
}

/** What a handler answers; the contract's schema is applied to it, so nothing unlisted ever leaves. */
export type Output<Definition extends RouteDefinition> = z.input<Definition['response']>

/** Who asks, established before the handler runs. Each member is there exactly for the routes whose access says so. */
export interface RequestContext {
  readonly caller: Caller
  readonly operator: ActingOperator
  readonly user: SignedIn
  /** The account a portal user acts for. */
  readonly customerId: string
  /** The version the caller has seen, from `If-Match`; null where they do not say. */
  readonly expectedVersion: number | null
}

export type Handler<Definition extends RouteDefinition> = (
  input: Input<Definition>,
  context: RequestContext,
) => Promise<Output<Definition>>

/** A route and what answers it, with its types checked and put away. */
export interface Implementation {
  readonly definition: RouteDefinition
  readonly handle: (input: unknown, context: RequestContext) => Promise<unknown>
}

export function implement<Definition extends RouteDefinition>(
  definition: Definition,
  handler: Handler<Definition>,
): Implementation {
  return {
    definition,
    handle: (input, context) => handler(input as Input<Definition>, context),
  }
}
