import { type ProblemDocument, ProblemError } from '../../../src/client/problem-error.ts'

/** The refusals of the sign-in endpoints, which speak a dialect of their own, as problems the forms understand. */
interface Refusal {
  readonly code?: unknown
  readonly message?: unknown
}

interface Wording {
  readonly title: string
  readonly detail: string
  /** The field it belongs to, where there is one. */
  readonly path?: string
}

const EXPIRED: Wording = {
  title: 'This link no longer works',
  detail: 'It has been used or is too old. Ask for a new one.',
}

/** Nobody learns here whether an address has an account: the same words answer "taken" and "could not". */
const WORDINGS: Record<string, Wording> = {
  INVALID_EMAIL_OR_PASSWORD: {
    title: 'Email or password is wrong',
    detail: 'Check both, or have a sign-in link sent to you.',
  },
  INVALID_PASSWORD: { title: 'The password is wrong', detail: 'Try again.', path: 'password' },
  INVALID_EMAIL: {
    title: 'The address is wrong',
    detail: 'Enter an address like name@example.com.',
    path: 'email',
  },
  PASSWORD_TOO_SHORT: {
    title: 'The password is too short',
    detail: 'Use at least 10 characters.',
    path: 'password',
  },
  PASSWORD_TOO_LONG: {
    title: 'The password is too long',
    detail: 'Use at most 128 characters.',
    path: 'password',
  },
  USER_ALREADY_EXISTS: cannotCreate(),
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: cannotCreate(),
  INVALID_TOKEN: EXPIRED,
  EXPIRED_TOKEN: EXPIRED,
}

const BY_STATUS: Record<number, Wording> = {
  429: { title: 'Too many attempts', detail: 'Wait a minute, then try again.' },
}

export function authProblem(status: number, body: unknown, requestId: string): ProblemDocument {
  const { code, message }: Refusal = typeof body === 'object' && body !== null ? body : {}
  const known = typeof code === 'string' ? WORDINGS[code] : undefined
  const wording = BY_STATUS[status] ?? known ?? fallback(message)
  const { title, detail, path } = wording
  return {
    status,
    code: typeof code === 'string' ? code.toLowerCase() : 'sign_in_refused',
    title,
    detail,
    requestId,
    errors: path === undefined ? [] : [{ path, message: detail }],
  }
}

/** A link that failed brings its reason back in the address. */
export function linkProblem(code: string): ProblemError {
  return new ProblemError(authProblem(400, { code: code.toUpperCase() }, ''))
}

function cannotCreate(): Wording {
  return {
    title: 'The account could not be created',
    detail: 'If you already have one with this address, sign in or choose a new password.',
  }
}

function fallback(message: unknown): Wording {
  const detail = typeof message === 'string' ? message : 'Try again in a moment.'
  return { title: 'That did not work', detail }
}
