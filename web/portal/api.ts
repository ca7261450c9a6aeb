import { createClient } from '../../src/client/client.ts'
import { createAuthClient } from '../ui/auth/auth-client.ts'
import { modeOfTab } from './mode.ts'

const listeners = new Set<() => void>()

const mode = modeOfTab(location, sessionStorage)

/** Everything the portal asks goes through these; `queries.ts` lists what it asks. */
export const client = createClient({
  baseUrl: '',
  ...(mode !== undefined && { mode }),
  async fetch(input, init) {
    const response = await window.fetch(input, init)
    if (response.status === 401) for (const notify of listeners) notify()
    return response
  },
})

export const auth = createAuthClient({
  surface: 'portal',
  addresses: {
    home: '/portal/',
    signIn: '/portal/sign-in',
    resetPassword: '/portal/reset-password',
  },
})

/** Told whenever the API says that nobody is signed in, be it to a read or to a write. */
export function onUnauthorized(listener: () => void): void {
  listeners.add(listener)
}
