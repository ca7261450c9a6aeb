import type { LoggedCall } from '../wire/api.ts'

/** One API call as it is kept: long bodies and answers are cut. */
export interface KeptCall {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
  readonly status: number
  readonly answer: string
  readonly idempotencyKey: string | null
  /** Real time, in milliseconds. */
  readonly at: number
  readonly durationMs: number
}

/** The latest API calls of one account and mode, for those who look for what went wrong. */
export interface RequestLog {
  add(call: LoggedCall): void
  /** Newest first. */
  list(): readonly KeptCall[]
  find(id: string): KeptCall | undefined
  clear(): void
}

const MAX_CALLS = 500
const MAX_TEXT = 16_384

export function createRequestLog(): RequestLog {
  const calls: KeptCall[] = []
  return {
    add({ realm: _realm, cause: _cause, ...call }) {
      calls.push({
        ...call,
        body: call.body.slice(0, MAX_TEXT),
        answer: call.answer.slice(0, MAX_TEXT),
      })
      if (calls.length > MAX_CALLS) calls.shift()
    },
    list: () => calls.toReversed(),
    find: (id) => calls.findLast((call) => call.id === id),
    clear() {
      calls.length = 0
    },
  }
}
