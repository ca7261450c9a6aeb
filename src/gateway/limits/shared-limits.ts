import type { Clock } from '../../kit/clock.ts'
import { type Instant, SECOND_MS } from '../../kit/instant.ts'
import type {
  AskedCounters,
  PlaceAnswer,
  PlaceAsk,
  TokenAnswer,
  TokenAsk,
} from '../../platform/counters/counters.ts'
import type { Log } from '../../platform/log.ts'
import { SharedPlaceLimiter } from './shared-place-limiter.ts'
import { SharedRateLimiter } from './shared-rate-limiter.ts'
import type { ConcurrencyRule, RateLimitRule } from './speed-limit.ts'

/** Limiters whose counts stand in counters that several processes share. */
export interface SharedLimits {
  rate(id: string, rule: RateLimitRule, scope: string): SharedRateLimiter
  concurrency(id: string, rule: ConcurrencyRule, scope: string): SharedPlaceLimiter
  isReachable(): boolean
  close(): void
}

/** What a shared limiter needs of the book it is in. */
export interface SharedLimitKeeper<Limiter> {
  /** There is something to ask. */
  touch(limiter: Limiter): void
  /** There is something in stock, which goes back when it is not used. */
  stocked(limiter: Limiter): void
  isReachable(): boolean
}

interface SharedLimitsOptions {
  readonly counters: AskedCounters
  readonly holder: string
  readonly clock: Clock
  readonly log: Log
}

/** The counters are in the parent process: longer than a busy machine needs, shorter than callers wait. */
const ANSWER_DUE_MS = 2 * SECOND_MS
const RETRY_MS = SECOND_MS
const KEEP_ALIVE_MS = 5 * SECOND_MS
/** What was in stock and not used for so long goes back. */
const SWEEP_MS = 100

export function createSharedLimits({
  counters,
  holder,
  clock,
  log,
}: SharedLimitsOptions): SharedLimits {
  let isReachable = true
  const stockedRates = new Set<SharedRateLimiter>()
  const stockedPlaces = new Set<SharedPlaceLimiter>()
  const askTokens = createAsker<TokenAsk, TokenAnswer>((asks) => counters.takeTokens(asks))
  const askPlaces = createAsker<PlaceAsk, PlaceAnswer>((asks) => counters.takePlaces(holder, asks))
  const keepAliveTimer = setInterval(() => quietly(counters.keepAlive(holder)), KEEP_ALIVE_MS)
  keepAliveTimer.unref()
  const sweepTimer = setInterval(sweep, SWEEP_MS)
  sweepTimer.unref()

  interface Askable<Ask, Answer> {
    ask(): Ask | undefined
    answered(answer: Answer, at: Instant): void
    unanswered(): void
  }

  /** Collects what is asked within one turn of the event loop into one question; one question at a time. */
  function createAsker<Ask, Answer>(
    send: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
  ): (limiter: Askable<Ask, Answer>) => void {
    let touched = new Set<Askable<Ask, Answer>>()
    let isBusy = false

    async function run(): Promise<void> {
      const batch = [...touched]
      touched = new Set()
      const asked = batch.flatMap((limiter) => {
        const ask = limiter.ask()
        return ask === undefined ? [] : [{ limiter, ask }]
      })
      const overdue = setTimeout(() => loseTouch(asked, 'no answer'), ANSWER_DUE_MS)
      try {
        const answers = asked.length === 0 ? [] : await send(asked.map(({ ask }) => ask))
        if (!isReachable) log.info('limits.counters_back')
        isReachable = true
        const now = clock.now()
        for (const [i, { limiter }] of asked.entries()) {
          const answer = answers[i]
          if (answer !== undefined) limiter.answered(answer, now)
        }
      } catch (error) {
        loseTouch(asked, error)
        for (const { limiter } of asked) setTimeout(() => touch(limiter), RETRY_MS).unref()
      } finally {
        clearTimeout(overdue)
      }
      isBusy = false
      if (touched.size > 0) start()
    }

    function start(): void {
      isBusy = true
      setImmediate(() => void run())
    }

    function touch(limiter: Askable<Ask, Answer>): void {
      touched.add(limiter)
      if (!isBusy) start()
    }
    return touch
  }

  /** Until the counters are back each process counts for itself. */
  function loseTouch(
    asked: readonly { readonly limiter: { unanswered(): void } }[],
    error: unknown,
  ): void {
    if (isReachable) log.error('limits.counters_unreachable', { error })
    isReachable = false
    for (const { limiter } of asked) limiter.unanswered()
  }

  function quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => log.debug('limits.counters_failed', { error }))
  }

  function sweep(): void {
    const tokens = unusedOf(stockedRates)
    if (tokens.length > 0) quietly(counters.returnTokens(tokens))
    const free = unusedOf(stockedPlaces)
    if (free.length > 0) quietly(counters.returnPlaces(holder, free))
  }

  const common = { isReachable: () => isReachable }
  const rateKeeper = {
    ...common,
    touch: askTokens,
    stocked: (limiter: SharedRateLimiter) => void stockedRates.add(limiter),
  }
  const placeKeeper = {
    ...common,
    touch: askPlaces,
    stocked: (limiter: SharedPlaceLimiter) => void stockedPlaces.add(limiter),
  }

  return {
    rate: (id, rule, scope) => new SharedRateLimiter(id, rule, scope, rateKeeper),
    concurrency: (id, rule, scope) => new SharedPlaceLimiter(id, rule, scope, placeKeeper),
    isReachable: () => isReachable,
    close() {
      clearInterval(keepAliveTimer)
      clearInterval(sweepTimer)
      quietly(counters.retire(holder))
    },
  }
}

function unusedOf<Unused>(
  limiters: Set<{ takeUnused(): Unused | undefined; hasStock(): boolean }>,
): Unused[] {
  const unused: Unused[] = []
  for (const limiter of limiters) {
    const returned = limiter.takeUnused()
    if (returned !== undefined) unused.push(returned)
    if (!limiter.hasStock()) limiters.delete(limiter)
  }
  return unused
}
