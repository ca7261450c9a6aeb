import { createClient } from '../../src/client/client.ts'
import { createAuthClient } from '../ui/auth/auth-client.ts'
import { basePathOf, modeOf } from './mode.ts'

/** The address decides the mode before anything is asked; `main.tsx` leads there from addresses without one. */
export const mode = modeOf(location.pathname) ?? 'test'

/** Everything the admin center asks goes through these; `queries.ts` lists what it asks. */
export const client = createClient({ baseUrl: '', mode })

/** For the one question about the other world: whether it is set up. */
export const liveClient = createClient({ baseUrl: '', mode: 'live' })

export const auth = createAuthClient({
  surface: 'admin',
  addresses: {
    home: basePathOf(mode),
    signIn: `${basePathOf(mode)}/sign-in`,
    resetPassword: `${basePathOf(mode)}/reset-password`,
  },
})
