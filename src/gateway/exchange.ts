import type { ErrorCode, ErrorParams } from '../errors.ts'
import type { DecisionAsk } from '../domain/entitlements/decision.ts'
import type { BillingNotice, RefusalAction } from '../domain/entitlements/access.ts'
import type { Instant } from '../kit/instant.ts'
import type { KeyAccess } from './access/key-access.ts'
import type { LookUpResult } from './access/key-directory.ts'
import type { Terms } from './access/terms.ts'
import type { CreditPart } from './limits/credit-parts.ts'
import type { PlaceLimit } from './limits/speed-limit.ts'
import { HeaderLines } from './header-lines.ts'
import { ID_END, ID_START } from './request-id.ts'
import type { Replay } from './stages/replay.ts'
import type { RouteEntry } from './routing-table.ts'

/**
 * One request and its answer, as the stages see it. Lanes fill in what the client sent, stages what they found out.
 * The fast lane uses one object per connection again and again, so `begin` sets every field.
 */
export class Exchange {
  // What the client sent.
  method = ''
  scheme: 'http' | 'https' = 'http'
  /** The host as the client wrote it, port included. */
  authority = ''
  /** The host in lower case, without a port. */
  host = ''
  /** Canonical after the route stage. */
  path = ''
  /** With its question mark, or empty. */
  query = ''
  credentialKind: CredentialKind = 'none'
  credential = ''
  /** Of the client, seen through proxies that are trusted. */
  address = ''
  /** The addresses before the one that connected, as far as proxies that are trusted told them. */
  forwardedFor = ''
  /** Who connected. */
  peerAddress = ''
  /** Read by the fast lane, which hands over what its route needs more for. */
  isFast = false
  hasAuthorization = false
  hasIdempotencyKey = false
  /** The slow lane reads it; the fast lane only sees that there is one. */
  idempotencyKey = ''
  /** The whole body of the request; null when it is too large. */
  readBody: (() => Promise<Buffer | null>) | null = null

  /** The question of somebody else's proxy, when it is not a request to us. */
  ask: DecisionAsk | null = null

  // What the stages found.
  /** The number in the id; where the decision is remembered. */
  number = 0
  /** The stage it is at, for going on after a wait. */
  stage = 0
  /** Real time, read once. */
  at: Instant = 0
  route: RouteEntry | null = null
  upstreamPath = ''
  /** What looking up the key brought, when it had to be looked up. */
  lookUp: LookUpResult | null = null
  access: KeyAccess | null = null
  notice: BillingNotice | null = null
  terms: Terms | null = null
  /** The customer's time; the request counts in the window and the period it falls into. */
  now: Instant = 0
  refusal: GatewayRefusal | null = null
  /** What the client is told about the request and its limits; first the line with its id. */
  readonly lines = new HeaderLines()

  /** Somebody behind us was asked. */
  hasUpstream = false
  /** Of the answer's body, as far as it went to the client. */
  bytes = 0

  replay: Replay | null = null
  /** The same call was billed before. */
  isFree = false

  // What `limit` took and `meter` settles.
  hasPassedSpeed = false
  readonly places: PlaceLimit[] = []
  hasSpent = false
  /** What credits paid, by charge; empty when they paid nothing. */
  readonly credited: (readonly CreditPart[])[] = []
  /** Usage could not be decided or recorded, and the route serves nevertheless. */
  isDegraded = false
  /** It switched to another protocol and lasts as long as its connection. */
  isTunnel = false
  isSettled = false

  readonly owner: ExchangeOwner
  /** For whoever a stage waits for. */
  readonly resume: () => void

  constructor(owner: ExchangeOwner, resume: (exchange: Exchange) => void) {
    this.owner = owner
    this.resume = () => resume(this)
  }

  get id(): string {
    return this.lines.bytes.toString('latin1', ID_START, ID_END)
  }

  /** Header lines about the request and its limits for the client, each ended by CRLF. */
  get answerLines(): string {
    return this.lines.toString()
  }

  /** Ready for the next request of the same client. */
  reset(): void {
    this.credentialKind = 'none'
    this.credential = ''
    this.forwardedFor = ''
    this.idempotencyKey = ''
    this.stage = 0
    this.route = null
    this.upstreamPath = ''
    this.lookUp = null
    this.access = null
    this.notice = null
    this.terms = null
    this.now = 0
    this.refusal = null
    this.hasPassedSpeed = false
    if (this.places.length > 0) this.places.length = 0
    this.hasSpent = false
    this.hasUpstream = false
    this.bytes = 0
    if (this.credited.length > 0) this.credited.length = 0
    this.replay = null
    this.isFree = false
    this.isDegraded = false
    this.isTunnel = false
    this.isSettled = false
  }
}

/** Whose request it is: hears of a verdict that had to be waited for. */
export interface ExchangeOwner {
  decided(verdict: Verdict): void
}

export type CredentialKind = 'none' | 'key' | 'other_scheme'

/** Stages answer with one of these; a number, because they answer once per request. */
export type Verdict =
  | typeof PASSED
  | typeof REFUSED
  | typeof WAITING
  | typeof ELSEWHERE
  | typeof REPLAYED
export const PASSED = 0
/** `exchange.refusal` says why. */
export const REFUSED = 1
/** The stage calls `exchange.resume` when it can go on. */
export const WAITING = 2
/** The route needs what only the slow lane can do. */
export const ELSEWHERE = 3
/** `exchange.replay` holds the answer. */
export const REPLAYED = 4

export type Stage = (exchange: Exchange) => Verdict

export interface GatewayRefusal {
  readonly code: ErrorCode
  readonly params: Readonly<Record<string, string | number>>
  /** Only where it differs from the code's own. */
  readonly status?: number
  readonly limit?: RefusedLimit
  readonly actions?: readonly RefusalAction[]
  readonly retryAfterSeconds?: number
  /** For 405. */
  readonly allow?: readonly string[]
}

export interface RefusedLimit {
  readonly name: string
  readonly scope: string
  readonly limit: number
  readonly used: number
  readonly remaining: number
  readonly resetAt: string | null
}

/** A refusal whose parameters are checked against the registry of errors. */
export function refuse<Code extends ErrorCode>(
  exchange: Exchange,
  code: Code,
  params: ErrorParams<Code>,
  rest: Omit<GatewayRefusal, 'code' | 'params'> = {},
): typeof REFUSED {
  exchange.refusal = { code, params, ...rest }
  return REFUSED
}
