import { type Answer, toJson } from '../wire/http.ts'

/** A request to the control API that cannot be carried out; the message says what to do. */
export class ControlError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.name = 'ControlError'
    this.status = status
  }
}

export function json(value: unknown, status = 200): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${toJson(value)}\n` }
}
