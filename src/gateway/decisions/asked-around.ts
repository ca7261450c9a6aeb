import type { DecisionExplanation, Decisions } from '../../domain/entitlements/decision.ts'
import { newId } from '../../kit/id.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'

/** A gateway's decisions, and the explanations of all that share its database. */
export interface AskedAroundDecisions extends Decisions {
  close(): void
}

interface Question {
  readonly questionId: string
  readonly requestId: string
}

interface Answer {
  readonly questionId: string
  readonly explanation: DecisionExplanation
}

const REQUEST_PREFIX = 'req_'
const QUESTIONS = 'farebox_decision_questions'
const ANSWERS = 'farebox_decision_answers'
/** Who has not answered by then does not remember. */
const ANSWER_DUE_MS = 1_000
const MAX_OPEN = 200
/** PostgreSQL takes no longer notifications. */
const LONGEST_PAYLOAD_BYTES = 7_900

/**
 * Each process remembers its own last requests; one it does not know is asked for on every machine, when somebody wants to
 * know. Remembering costs a request nothing more, and nothing is stored for requests nobody asks about.
 */
export function createAskedAroundDecisions(deps: {
  readonly own: Decisions
  readonly database: Pick<Database, 'transaction' | 'publish' | 'subscribe'>
  readonly log: Log
}): AskedAroundDecisions {
  const { own, database, log } = deps
  const open = new Map<string, (explanation: DecisionExplanation) => void>()

  const say = (channel: string, payload: string): Promise<void> =>
    database.transaction((tx) => database.publish(tx, channel, payload))

  async function answer({ questionId, requestId }: Question): Promise<void> {
    // Whoever asks knows already that it does not remember.
    if (open.has(questionId)) return
    const explanation = await own.explain(requestId)
    if (explanation !== undefined) await say(ANSWERS, toPayload({ questionId, explanation }))
  }

  const stops = [
    database.subscribe(QUESTIONS, (payload) => {
      answer(JSON.parse(payload) as Question).catch((error: unknown) =>
        log.warn('gateway.explanation_failed', { error }),
      )
    }),
    database.subscribe(ANSWERS, (payload) => {
      const { questionId, explanation } = JSON.parse(payload) as Answer
      open.get(questionId)?.(explanation)
    }),
  ]

  async function askAround(requestId: string): Promise<DecisionExplanation | undefined> {
    if (open.size >= MAX_OPEN || !requestId.startsWith(REQUEST_PREFIX)) return undefined
    const questionId = newId('question')
    const answered = new Promise<DecisionExplanation | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ANSWER_DUE_MS)
      open.set(questionId, (explanation) => {
        clearTimeout(timer)
        resolve(explanation)
      })
    })
    try {
      await say(QUESTIONS, JSON.stringify({ questionId, requestId } satisfies Question))
      return await answered
    } finally {
      open.delete(questionId)
    }
  }

  return {
    decide: (ask) => own.decide(ask),
    explain: async (requestId) => (await own.explain(requestId)) ?? askAround(requestId),
    close() {
      for (const stop of stops) stop()
    },
  }
}

/** What is long is the limit's detail; the code and what was billed say more. */
function toPayload(answer: Answer): string {
  const whole = JSON.stringify(answer)
  if (Buffer.byteLength(whole) <= LONGEST_PAYLOAD_BYTES) return whole
  const { questionId, explanation } = answer
  return JSON.stringify({ questionId, explanation: { ...explanation, refusal: null, usage: [] } })
}
