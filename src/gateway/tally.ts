import type { Mode } from '../kit/mode.ts'
import type { Exchange } from './exchange.ts'

export type TallyOutcome = 'billed' | 'not_billed' | 'client_left' | 'refused'

/** How many requests ended so since the last time somebody asked. */
export interface Tallied {
  /** Undefined when no key was recognized. */
  readonly mode: Mode | undefined
  /** Empty when no route was found. */
  readonly route: string
  /** Empty when no key was recognized. */
  readonly plan: string
  readonly outcome: TallyOutcome
  /** Of the refusal; empty otherwise. */
  readonly code: string
  readonly count: number
  /** Of these, served though something could not be decided or recorded at once. */
  readonly degraded: number
}

interface Count extends Omit<Tallied, 'count' | 'degraded'> {
  count: number
  degraded: number
}

/** Routes, plans and codes are few; should they ever not be, the rest is counted together. */
const MOST_SERIES = 2_000

/** Counts requests by route, plan and outcome, for metrics. */
export interface Tally {
  note(exchange: Exchange, outcome: TallyOutcome): void
  /** Takes what was counted. */
  take(): Tallied[]
}

export function createTally(): Tally {
  const rest: Count = {
    mode: undefined,
    route: '',
    plan: '',
    outcome: 'refused',
    code: 'other',
    count: 0,
    degraded: 0,
  }
  const counts = new Map<string, Map<string, Count>>()
  let size = 0

  function countFor(exchange: Exchange, outcome: TallyOutcome): Count {
    const route = exchange.route?.route.key ?? ''
    const plan = exchange.access?.record.planKey ?? ''
    const mode = exchange.access?.record.mode
    const code = outcome === 'refused' ? (exchange.refusal?.code ?? '') : ''
    // Both modes have plans of the same names.
    const owner = mode === 'live' ? `live ${plan}` : plan
    let ofPlan = counts.get(owner)
    if (ofPlan === undefined) counts.set(owner, (ofPlan = new Map()))
    const key =
      code === '' ? (outcome === 'billed' ? route : `${route} ${outcome}`) : `${route} ${code}`
    const known = ofPlan.get(key)
    if (known !== undefined) return known
    if (size >= MOST_SERIES) return rest
    size++
    const count = { mode, route, plan, outcome, code, count: 0, degraded: 0 }
    ofPlan.set(key, count)
    return count
  }

  return {
    note(exchange, outcome) {
      const of = countFor(exchange, outcome)
      of.count++
      if (exchange.isDegraded && outcome !== 'refused') of.degraded++
    },
    take() {
      const taken: Tallied[] = []
      for (const ofPlan of counts.values()) {
        for (const count of ofPlan.values()) {
          if (count.count > 0) taken.push({ ...count })
          count.count = 0
          count.degraded = 0
        }
      }
      if (rest.count > 0) taken.push({ ...rest })
      rest.count = 0
      rest.degraded = 0
      return taken
    },
  }
}
