import { betterAuth } from 'better-auth'
import { magicLink } from 'better-auth/plugins/magic-link'
import { CamelCasePlugin } from 'kysely'
import { AppError } from '../../errors.ts'
import { hmacSha256Hex } from '../../kit/crypto.ts'
import { newId } from '../../kit/id.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Mailer } from '../../platform/mail/mail.ts'
import { createAttempts } from './attempts.ts'
import { type SignInMail, signInMail } from './mails.ts'

/**
 * Who may sign in where. Operators and portal users are two populations in separate tables, with separate cookies, so
 * that one browser can be both and nobody becomes an operator by signing up.
 */
export type Surface = 'portal' | 'admin'

export interface SignedIn {
  readonly userId: string
  readonly sessionId: string
  readonly name: string
  readonly email: string
  readonly isEmailVerified: boolean
}

interface SignInDeps {
  readonly database: Database
  readonly mailer: Mailer
  readonly log: Log
  /** What session cookies are signed with, derived per surface. */
  readonly secret: string
  /** The console's address as people type it. */
  readonly publicUrl: string
  readonly productName: () => Promise<string>
}

const LINK_LIFETIME_SECONDS = (15 * MINUTE_MS) / SECOND_MS
const ADDRESS_HEADER = 'x-farebox-address'
const MIN_PASSWORD_LENGTH = 10
const SESSION_LIFETIME_MS: Record<Surface, number> = { portal: 14 * DAY_MS, admin: 12 * HOUR_MS }

const TABLES = {
  portal: {
    user: 'users',
    session: 'userSessions',
    account: 'userAccounts',
    verification: 'userVerifications',
  },
  admin: {
    user: 'operators',
    session: 'operatorSessions',
    account: 'operatorAccounts',
    verification: 'operatorVerifications',
  },
} as const

export type SignIn = ReturnType<typeof createSignIn>

export function createSignIn(deps: SignInDeps) {
  const surfaces = { portal: createSurface('portal', deps), admin: createSurface('admin', deps) }

  return {
    /** Answers the sign-in endpoints of a surface: `/api/v1/auth/<surface>/…`. */
    handle(surface: Surface, request: Request, address: string | null): Promise<Response> {
      refuseOtherSites(request, deps.publicUrl)
      const headers = new Headers(request.headers)
      // Attempts are limited by the address we see, not by one the client claims.
      headers.set(ADDRESS_HEADER, address ?? '0.0.0.0')
      return surfaces[surface].handler(new Request(request, { headers }))
    },

    /** Who sent this request, if the cookie belongs to a session that is still valid. */
    async session(surface: Surface, headers: Headers): Promise<SignedIn | undefined> {
      const found = await surfaces[surface].api.getSession({ headers })
      if (found === null) return undefined
      const { user, session } = found
      return {
        userId: user.id,
        sessionId: session.id,
        name: user.name,
        email: user.email,
        isEmailVerified: user.emailVerified,
      }
    },

    /** Creates an account from the inside: the first operator, seeded portal users. */
    async createAccount(
      surface: Surface,
      input: { readonly name: string; readonly email: string; readonly password: string },
    ): Promise<string> {
      const context = await surfaces[surface].$context
      const email = input.email.toLowerCase()
      if ((await context.internalAdapter.findUserByEmail(email)) !== null) {
        throw new AppError('key_taken', { what: 'account', key: email })
      }
      const user = await context.internalAdapter.createUser(
        { name: input.name, email, emailVerified: true },
        { method: 'email-password' },
      )
      await context.internalAdapter.linkAccount({
        userId: user.id,
        accountId: user.id,
        providerId: 'credential',
        password: await context.password.hash(input.password),
      })
      return user.id
    },

    async setPassword(surface: Surface, userId: string, password: string): Promise<void> {
      const context = await surfaces[surface].$context
      await context.internalAdapter.updatePassword(userId, await context.password.hash(password))
      await context.internalAdapter.deleteUserSessions(userId)
    },
  }
}

function createSurface(surface: Surface, deps: SignInDeps) {
  const { database, mailer, log, publicUrl, productName } = deps
  const tables = TABLES[surface]

  /** Sent without waiting: how long an answer takes must not tell whether an address has an account. */
  function mail(to: string, kind: SignInMail, url: string): void {
    void productName()
      .then((product) => mailer.send({ to, ...signInMail(kind, product, url) }))
      .catch((error: unknown) => log.error('mail.failed', { kind, error }))
  }

  return betterAuth({
    appName: 'Farebox',
    baseURL: publicUrl,
    basePath: `/api/v1/auth/${surface}`,
    secret: hmacSha256Hex(deps.secret, `sign-in:${surface}`),
    trustedOrigins: originsOf(publicUrl),
    // The plugin does for the library's look at the tables what our dialect does for every statement.
    database: { db: database.db.withPlugin(new CamelCasePlugin()), type: 'postgres' },
    user: { modelName: tables.user },
    session: {
      modelName: tables.session,
      expiresIn: SESSION_LIFETIME_MS[surface] / SECOND_MS,
      updateAge: (10 * MINUTE_MS) / SECOND_MS,
    },
    account: { modelName: tables.account },
    verification: { modelName: tables.verification },
    emailAndPassword: {
      enabled: true,
      disableSignUp: surface === 'admin',
      minPasswordLength: MIN_PASSWORD_LENGTH,
      autoSignIn: true,
      // With mail that leaves, an address is confirmed first; then a taken one answers exactly like a new one.
      requireEmailVerification: mailer.kind === 'smtp',
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, url }) => mail(user.email, 'reset_password', url),
    },
    emailVerification: {
      sendOnSignUp: true,
      sendVerificationEmail: async ({ user, url }) => mail(user.email, 'verify_email', url),
    },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 60,
      customStorage: createAttempts(() => performance.now()),
      // Sign-in keeps the library's own 3 in 10 s. A team behind one address signs up together more often than that.
      customRules: { '/get-session': false, '/sign-up/email': { window: 60, max: 20 } },
    },
    advanced: {
      cookiePrefix: `farebox_${surface}`,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: {
        generateId: ({ model }) => newId(model.endsWith('s') ? model.slice(0, -1) : model),
      },
    },
    logger: { disabled: true },
    telemetry: { enabled: false },
    plugins: [
      magicLink({
        expiresIn: LINK_LIFETIME_SECONDS,
        disableSignUp: surface === 'admin',
        storeToken: 'hashed',
        sendMagicLink: ({ email, url }) => mail(email, 'sign_in', url),
      }),
    ],
  })
}

/** A browser says where a request that changes something comes from; other sites have no business here. */
function refuseOtherSites({ method, headers }: Request, publicUrl: string): void {
  const origin = headers.get('origin')
  if (method === 'GET' || origin === null || originsOf(publicUrl).includes(origin)) return
  throw new AppError('cross_site_request', {})
}

/** On this machine people type localhost as often as 127.0.0.1. */
export function originsOf(publicUrl: string): string[] {
  const { origin, hostname, port, protocol } = new URL(publicUrl)
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return [origin]
  return ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${protocol}//${host}:${port}`)
}
