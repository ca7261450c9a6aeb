import { ProblemError } from '../../src/client/problem-error.ts'

/** What one field of a request has against it; `path` is the field's name in a form, `rateCards[0].price.amount`. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** Why something failed, as the screens show it. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly requestId: string | null
  readonly errors: readonly FieldProblem[]
}

/** Status 0 stands for "no answer": nobody knows whether the request took effect. */
const NO_ANSWER: Problem = {
  status: 0,
  code: 'no_answer',
  title: 'No answer from the server',
  detail: 'Check your connection and try again.',
  requestId: null,
  errors: [],
}

/** A mistake of ours in the browser: no request went wrong, so there is no id to quote. */
const BROKEN_PAGE: Problem = {
  status: 0,
  code: 'page_broken',
  title: 'This page has stopped working',
  detail: 'Reload it. If it happens again, please tell us what you did.',
  requestId: null,
  errors: [],
}

/** Makes something presentable of whatever was thrown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) {
    const { status, code, title, detail, requestId, errors = [] } = error.problem
    return { status, code, title, detail, requestId: requestId === '' ? null : requestId, errors }
  }
  // fetch() rejects with a TypeError when there is no connection, with a DOMException when it timed out.
  const isNetwork =
    (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) ||
    (error instanceof DOMException && ['AbortError', 'TimeoutError'].includes(error.name))
  return isNetwork ? NO_ANSWER : BROKEN_PAGE
}

/** Whether the API refused with this status: 401 signs out, 404 is not found. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ProblemError && error.status === status
}

/**
 * Whether the request may have taken effect although we saw it fail. Such a request is repeated with the same
 * idempotency key; a refused one is a new request.
 */
export function isOutcomeUnknown({ status }: Pick<Problem, 'status'>): boolean {
  return status === 0 || status === 408 || status >= 500
}

/** Splits a refusal into messages for the fields a form has, and what must be said above it. */
export function assignErrors(
  problem: Problem,
  hasField: (name: string) => boolean,
): { readonly fields: Readonly<Record<string, string>>; readonly rest: readonly FieldProblem[] } {
  const fields: Record<string, string> = {}
  const rest: FieldProblem[] = []
  for (const error of problem.errors) {
    if (!hasField(error.path)) rest.push(error)
    else fields[error.path] = [fields[error.path], error.message].filter(Boolean).join(' ')
  }
  return { fields, rest }
}
