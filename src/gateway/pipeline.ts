import type { Clock } from '../kit/clock.ts'
import { writeAnswerLines } from './answer-lines.ts'
import {
  ELSEWHERE,
  Exchange,
  type ExchangeOwner,
  type GatewayRefusal,
  PASSED,
  REFUSED,
  REPLAYED,
  type Stage,
  type Verdict,
  WAITING,
} from './exchange.ts'
import type { RequestIds } from './request-id.ts'
import { OWN_TERMS } from './routing-table.ts'

/** The stages that decide about a request, in order. What they decide is the same in every lane. */
export interface Pipeline {
  newExchange(owner: ExchangeOwner): Exchange
  /** Gives a request its id and time; `decide` does it too. */
  identify(exchange: Exchange): void
  /** Runs the stages. After `WAITING` the exchange's owner hears the verdict; otherwise this is it. */
  decide(exchange: Exchange): Verdict
  /**
   * Looks again whether a connection that lasts may go on: whose key it is by now, and what it may do. Takes nothing
   * and calls back once, when what it found stands in the exchange.
   */
  lookAgain(exchange: Exchange, done: (refusal: GatewayRefusal | null) => void): void
}

interface PipelineOptions {
  readonly stages: readonly [
    route: Stage,
    authenticate: Stage,
    admit: Stage,
    replay: Stage,
    limit: Stage,
  ]
  readonly clock: Clock
  readonly requestIds: RequestIds
}

export function createPipeline({ stages, clock, requestIds }: PipelineOptions): Pipeline {
  const [route, authenticate, admit, replay, limit] = stages

  function runFrom(stage: number, exchange: Exchange): Verdict {
    let verdict: Verdict = PASSED
    if (stage <= 0) {
      if ((verdict = route(exchange)) !== PASSED) return verdict
      if (exchange.isFast && needsSlowLane(exchange)) return ELSEWHERE
    }
    exchange.stage = 1
    if (stage <= 1 && (verdict = authenticate(exchange)) !== PASSED) return verdict
    exchange.stage = 2
    if (stage <= 2 && (verdict = admit(exchange)) !== PASSED) return verdict
    exchange.stage = 3
    if (stage <= 3 && (verdict = replay(exchange)) !== PASSED) return verdict
    exchange.stage = 4
    return limit(exchange)
  }

  function run(exchange: Exchange): Verdict {
    const verdict = runFrom(exchange.stage, exchange)
    if (verdict <= REFUSED || verdict === REPLAYED) writeAnswerLines(exchange)
    return verdict
  }

  function identify(exchange: Exchange): void {
    exchange.at = clock.now()
    exchange.number = requestIds.next(exchange.at)
    exchange.lines.length = 0
    exchange.lines.add(requestIds.line)
  }

  function resume(exchange: Exchange): void {
    // Whoever waited may have left meanwhile.
    if (exchange.isSettled) return
    const verdict = run(exchange)
    if (verdict !== WAITING) exchange.owner.decided(verdict)
  }

  function lookAgain(exchange: Exchange, done: (refusal: GatewayRefusal | null) => void): void {
    const { route, credentialKind, credential, address } = exchange

    function look(): void {
      const verdict = authenticate(again)
      if (verdict === WAITING) return
      if (verdict !== PASSED) return done(again.refusal)
      if (again.access === exchange.access && isStillAllowed(again)) return done(null)
      if (admit(again) !== PASSED) return done(again.refusal)
      exchange.access = again.access
      exchange.terms = again.terms
      done(null)
    }

    const again = new Exchange({ decided: () => undefined }, look)
    // The table it came by may be an old one by now, whose place in the key's terms belongs to others.
    again.route = route === null ? null : { ...route, ...OWN_TERMS }
    again.credentialKind = credentialKind
    again.credential = credential
    again.address = address
    again.at = clock.now()
    look()
  }

  return {
    newExchange: (owner) => new Exchange(owner, resume),
    identify,
    lookAgain,
    decide(exchange) {
      identify(exchange)
      return run(exchange)
    },
  }
}

/** What nobody has changed may still end by the passing of time. */
function isStillAllowed({ access, at }: Exchange): boolean {
  return access?.decisionAt(access.now(at)).kind === 'allowed'
}

function needsSlowLane({ route, hasAuthorization, hasIdempotencyKey }: Exchange): boolean {
  if (route === null) return false
  const { isPublic, idempotency } = route.route.policy
  return (
    route.readsBodies ||
    (hasAuthorization && isPublic) ||
    (hasIdempotencyKey && idempotency === 'once')
  )
}
