import { ProblemError } from '../../../src/client/problem-error.ts'
import { authProblem } from './auth-problem.ts'
import { readSessions, type SignedInSession } from './sessions.ts'
import type { Credentials } from './sign-in.tsx'
import type { Registration } from './sign-up.tsx'

const TIMEOUT_MS = 15_000

interface AuthClientOptions {
  /** Portal users and operators are two populations with cookies of their own. */
  readonly surface: 'portal' | 'admin'
  /** The app's addresses a mail leads back to. */
  readonly addresses: {
    readonly home: string
    readonly signIn: string
    readonly resetPassword: string
  }
}

/** Signing in and out. The session itself is a cookie no script can read; who is signed in, the API tells. */
export function createAuthClient({ surface, addresses }: AuthClientOptions) {
  async function ask(path: string, init: RequestInit): Promise<unknown> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(`/api/v1/auth/${surface}${path}`, { ...init, signal })
    const answer: unknown = await response.json().catch(() => null)
    if (response.ok) return answer
    const requestId = response.headers.get('x-request-id') ?? ''
    throw new ProblemError(authProblem(response.status, answer, requestId))
  }

  async function post(path: string, body: object): Promise<void> {
    await ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  return {
    signIn: ({ email, password }: Credentials) => post('/sign-in/email', { email, password }),
    signUp: ({ name, email, password }: Registration) =>
      post('/sign-up/email', { name, email, password, callbackURL: addresses.home }),
    sendSignInLink: (email: string) =>
      post('/sign-in/magic-link', {
        email,
        callbackURL: addresses.home,
        errorCallbackURL: addresses.signIn,
      }),
    sendPasswordLink: (email: string) =>
      post('/request-password-reset', { email, redirectTo: addresses.resetPassword }),
    resetPassword: (newPassword: string, token: string) =>
      post('/reset-password', { newPassword, token }),
    signOut: () => post('/sign-out', {}),

    /** Where this person is signed in, the session of this browser first. */
    async listSessions(): Promise<SignedInSession[]> {
      const [all, current] = await Promise.all([ask('/list-sessions', {}), ask('/get-session', {})])
      return readSessions(all, current)
    },
    /** Ends every session, this one too. */
    signOutEverywhere: () => post('/revoke-sessions', {}),
    rename: (name: string) => post('/update-user', { name }),
    /** Ends all other sessions: who changes a password may have lost it. */
    changePassword: (currentPassword: string, newPassword: string) =>
      post('/change-password', { currentPassword, newPassword, revokeOtherSessions: true }),
  }
}
