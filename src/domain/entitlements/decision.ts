import type { FieldError } from '../../errors.ts'
import type { Decimal } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** A request somebody else's proxy has received and asks about. */
export interface DecisionAsk {
  /** Null when the request carried none. */
  readonly key: string | null
  readonly method: string
  /** As the client wrote it, with port or without; empty when unknown. */
  readonly host: string
  /** With its query. Null: no route is looked for, `meters` say what is used. */
  readonly path: string | null
  /** Of the client, for keys that are bound to addresses and for limits by address. */
  readonly address: string
  /** Units by meter instead of the route's. */
  readonly meters: Readonly<Record<string, Decimal>> | null
  /** Besides what the route asks for. */
  readonly featureKey: string | null
  /** False decides alike and uses up no quota. */
  readonly isConsuming: boolean
}

/** What the gateway would have done. */
export interface DecisionAnswer {
  readonly requestId: string
  readonly isAllowed: boolean
  /** 200, or the status to refuse with. */
  readonly status: number
  readonly mode: Mode | null
  readonly keyId: string | null
  readonly customerId: string | null
  readonly subscriptionId: string | null
  readonly planKey: string | null
  readonly routeKey: string | null
  /** For the client: limits, quotas, the request's id. */
  readonly headers: readonly HeaderField[]
  /** For the API behind the proxy: who calls, and what the plan grants. */
  readonly upstreamHeaders: readonly HeaderField[]
  /** The refusal as the gateway would have answered it (RFC 9457). */
  readonly problem: Readonly<Record<string, unknown>> | null
}

export type HeaderField = readonly [name: string, value: string]

/** Which stage a request came to. */
export type DecisionStage = 'route' | 'authenticate' | 'admit' | 'limit' | 'proxy'

/** What became of one request, as long as its gateway remembers it. */
export interface DecisionExplanation {
  readonly requestId: string
  readonly at: Instant
  /** Null when no key was recognized. */
  readonly mode: Mode | null
  readonly isAllowed: boolean
  readonly stage: DecisionStage
  /** What the client was answered; 0 when it left before an answer began. */
  readonly status: number
  readonly routeKey: string | null
  readonly keyId: string | null
  readonly customerId: string | null
  readonly subscriptionId: string | null
  readonly planKey: string | null
  readonly refusal: {
    readonly code: string
    readonly detail: string
    readonly limit: Readonly<Record<string, unknown>> | null
    readonly actions: readonly string[]
  } | null
  readonly isBilled: boolean
  readonly notBilledBecause: NotBilledReason | null
  readonly usage: readonly ExplainedUsage[]
  /** Usage could not be decided or recorded at once, and the route served nevertheless. */
  readonly isDegraded: boolean
}

export interface ExplainedUsage {
  readonly meterKey: string
  readonly units: string
  /** Which of the units credits paid for, and what they cost; the rest is the plan's or goes on the invoice. */
  readonly credits: readonly {
    readonly unit: string
    readonly units: string
    readonly amount: string
  }[]
}

export type NotBilledReason =
  | 'refused'
  /** The route has no meters. */
  | 'not_metered'
  /** The upstream's status is not among those the route bills. */
  | 'status_not_billed'
  | 'client_left'
  /** A decision that was asked for without consuming. */
  | 'not_consuming'
  /** The same call under the same Idempotency-Key was billed before. */
  | 'replayed'

/** Decides about requests that do not pass through the gateway, by the same stages; and tells what was decided. */
export interface Decisions {
  decide(ask: DecisionAsk): Promise<DecisionAnswer>
  /** Undefined: not one of this gateway's last requests. */
  explain(requestId: string): Promise<DecisionExplanation | undefined>
}

/** Why an ask cannot be decided at all. */
export function problemsOf({ path, meters }: DecisionAsk): FieldError[] {
  return path === null && meters === null
    ? [{ path: 'path', message: 'send the path of the request, or meters' }]
    : []
}
