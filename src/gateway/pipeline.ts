import type { Clock } from '../kit/clock.ts'
import { writeAnswerLines } from './answer-lines.ts'
import {
  ELSEWHERE,
  Exchange,
  type ExchangeOwner,
  PASSED,
  REFUSED,
  REPLAYED,
  type Stage,
  type Verdict,
  WAITING,
} from './exchange.ts'
import type { RequestIds } from './request-id.ts'

/** The stages that decide about a request, in order. What they decide is the same in every lane. */
export interface Pipeline {
  newExchange(owner: ExchangeOwner): Exchange
  /** Gives a request its id and time; `decide` does it too. */
  identify(exchange: Exchange): void
  /** Runs the stages. After `WAITING` the exchange's owner hears the verdict; otherwise this is it. */
  decide(exchange: Exchange): Verdict
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

  return {
    newExchange: (owner) => new Exchange(owner, resume),
    identify,
    decide(exchange) {
      identify(exchange)
      return run(exchange)
    },
  }
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
