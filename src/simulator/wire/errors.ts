/** Stripe's errors as it words them. Whatever stops a request is thrown as a `StripeError`. */

export type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

export interface ErrorBody {
  readonly type: ErrorType
  readonly message: string
  readonly code?: string | undefined
  readonly param?: string | undefined
  readonly decline_code?: string | undefined
  readonly advice_code?: string | undefined
  readonly network_decline_code?: string | undefined
  readonly charge?: string | undefined
  readonly payment_intent?: unknown
  readonly payment_method?: unknown
  readonly setup_intent?: unknown
}

interface ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** A declined payment leaves its traces behind: the failed charge, the intent's new state and their events. */
  readonly isCommitted?: boolean
}

export class StripeError extends Error {
  readonly status: number
  readonly body: ErrorBody
  readonly headers: Readonly<Record<string, string>>
  readonly isCommitted: boolean

  constructor(status: number, body: ErrorBody, options: ErrorOptions = {}) {
    super(body.message)
    this.name = 'StripeError'
    this.status = status
    this.body = body
    this.headers = options.headers ?? {}
    this.isCommitted = options.isCommitted ?? false
  }
}

interface InvalidRequest {
  readonly message: string
  readonly param?: string | undefined
  readonly code?: string | undefined
}

export function invalidRequest(problem: InvalidRequest): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', ...problem })
}

/** An id in the path that names nothing: 404. In a parameter it is a 400, see `missingReference`. */
export function missingResource(label: string, id: string): StripeError {
  return new StripeError(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${label}: '${id}'`,
    param: 'id',
  })
}

export function missingReference(label: string, id: string, param: string): StripeError {
  return new StripeError(400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${label}: '${id}'`,
    param,
  })
}

export function missingParameter(param: string): StripeError {
  return invalidRequest({
    code: 'parameter_missing',
    message: `Missing required param: ${param}.`,
    param,
  })
}

export function exclusiveParameters(first: string, second: string): StripeError {
  return invalidRequest({
    code: 'parameters_exclusive',
    message: `You may only specify one of these parameters: ${first}, ${second}.`,
    param: first,
  })
}

export function unrecognizedUrl(method: string, path: string): StripeError {
  return new StripeError(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  })
}

export function internalError(): StripeError {
  return new StripeError(500, {
    type: 'api_error',
    message: 'Something went wrong inside the simulator. Its request log has the details.',
  })
}

/** The body sent: `error` with the links Stripe adds to it. */
export function toErrorEnvelope(
  body: ErrorBody,
  requestLogUrl: string,
): { readonly error: Readonly<Record<string, unknown>> } {
  const { type, message, code, ...rest } = body
  const present = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  )
  return {
    error: {
      ...(code === undefined
        ? {}
        : { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` }),
      message,
      ...present,
      request_log_url: requestLogUrl,
      type,
    },
  }
}
