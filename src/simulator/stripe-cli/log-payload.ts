import type { LoggedCall } from '../wire/api.ts'
import { toJson } from '../wire/http.ts'

interface ErrorBody {
  readonly error?: Readonly<Record<string, unknown>>
}

/** One API call as `stripe logs tail` reads it. */
export function toLogPayload(call: LoggedCall, isLive: boolean): string {
  return toJson({
    created_at: Math.floor(call.at / 1_000),
    livemode: isLive,
    method: call.method,
    request_id: call.id,
    status: call.status,
    url: call.path,
    error: call.status < 400 ? {} : errorOf(call.answer),
  })
}

const ERROR_FIELDS = ['type', 'code', 'decline_code', 'message', 'param', 'charge']

function errorOf(answer: string): Readonly<Record<string, unknown>> {
  const { error = {} } = JSON.parse(answer) as ErrorBody
  return Object.fromEntries(ERROR_FIELDS.map((name) => [name, error[name] ?? '']))
}
