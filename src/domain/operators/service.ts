import { notFound } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { randomToken, sha256Hex } from '../../kit/crypto.ts'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { SignIn } from '../sign-in/service.ts'
import type { Operator, OperatorToken, Role } from './operator.ts'
import * as store from './store.ts'

const FINANCE: ReadonlySet<Role> = new Set(['super_admin', 'finance_admin'])
const TOKEN_LENGTH = 40
const TOKEN_PREFIX = 'fb_op_'

/** An operator at work, through a session or a token. */
export interface ActingOperator {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly roles: readonly Role[]
}

interface OperatorsDeps {
  readonly database: Database
  readonly clock: Clock
  readonly signIn: SignIn
}

export type Operators = ReturnType<typeof createOperators>

export function createOperators({ database, clock, signIn }: OperatorsDeps) {
  return {
    list: (): Promise<Operator[]> => store.list(database.db),

    /** Who is written to about refunds, disputes and fraud. */
    async financeEmails(db: Db): Promise<string[]> {
      const all = await store.list(db)
      return all
        .filter(({ roles }) => roles.some((role) => FINANCE.has(role)))
        .map(({ email }) => email)
    },

    async create(input: {
      readonly name: string
      readonly email: string
      readonly password: string
      readonly role: Role
    }): Promise<string> {
      const id = await signIn.createAccount('admin', input)
      await store.grant(database.db, id, input.role, null, clock.now())
      return id
    },

    async bySession(headers: Headers): Promise<ActingOperator | undefined> {
      const session = await signIn.session('admin', headers)
      if (session === undefined) return undefined
      const roles = await store.rolesOf(database.db, session.userId)
      return { id: session.userId, name: session.name, email: session.email, roles }
    },

    async byToken(secret: string): Promise<ActingOperator | undefined> {
      if (!secret.startsWith(TOKEN_PREFIX)) return undefined
      const token = await store.findToken(database.db, sha256Hex(secret))
      if (token === undefined) return undefined
      if (token.expiresAt !== null && token.expiresAt <= clock.now()) return undefined
      const roles = await store.rolesOf(database.db, token.operatorId)
      return { id: token.operatorId, name: token.name, email: token.email, roles }
    },

    tokens: (operatorId: string): Promise<OperatorToken[]> =>
      store.listTokens(database.db, operatorId),

    /** A new token; its secret is shown once. */
    async issueToken(
      operatorId: string,
      name: string,
      expiresAt: Instant | null,
    ): Promise<{ token: OperatorToken; secret: string }> {
      const secret = TOKEN_PREFIX + randomToken(TOKEN_LENGTH)
      const token: OperatorToken = {
        id: newId('token', clock.now()),
        operatorId,
        name,
        start: secret.slice(0, TOKEN_PREFIX.length + 4),
        createdAt: clock.now(),
        expiresAt,
        lastUsedAt: null,
      }
      await store.insertToken(database.db, { ...token, hash: sha256Hex(secret) })
      return { token, secret }
    },

    async revokeToken(operatorId: string, id: string): Promise<void> {
      const wasThere = await store.revokeToken(database.db, operatorId, id, clock.now())
      if (!wasThere) throw notFound('token')
    },
  }
}
