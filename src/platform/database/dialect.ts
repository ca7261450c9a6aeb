import {
  Kysely,
  PostgresDialect,
  PostgresIntrospector,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
  PostgresQueryCompiler,
} from 'kysely'
import type pg from 'pg'
import { createSession, type Session } from './session.ts'

/**
 * PostgreSQL for Kysely, with camelCase names in and out. Kysely has a plugin for that, which copies every query and every
 * row; here names are exchanged where they are written and read anyhow, each only once.
 */
export function createDialect(pool: Connecting): PostgresDialect {
  return new CamelCaseDialect(pool)
}

/** Where connections come from. */
export interface Connecting {
  connect(): Promise<pg.PoolClient>
  end(): Promise<void>
  readonly options: object
}

class CamelCaseDialect extends PostgresDialect {
  readonly #pool: Connecting

  constructor(pool: Connecting) {
    super({ pool: preparing(pool) })
    this.#pool = pool
  }

  override createQueryCompiler(): PostgresQueryCompiler {
    return new SnakeCaseCompiler()
  }

  /** It reads the catalog under the names that are there. */
  override createIntrospector(): PostgresIntrospector {
    return new PostgresIntrospector(
      new Kysely({ dialect: new PostgresDialect({ pool: this.#pool }) }),
    )
  }
}

class SnakeCaseCompiler extends PostgresQueryCompiler {
  protected override sanitizeIdentifier(identifier: string): string {
    return super.sanitizeIdentifier(toSnakeCase(identifier))
  }
}

function preparing(pool: Connecting): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? withSession(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
    options: pool.options,
  }
}

function withSession(client: pg.PoolClient): PostgresPoolClient {
  const session = sessionOf(client)
  return {
    query: ((text: string, values: readonly unknown[]) =>
      session.query(text, values) as Promise<
        PostgresQueryResult<unknown>
      >) as PostgresPoolClient['query'],
    release: (isBroken) => client.release(isBroken),
  }
}

const sessions = new WeakMap<pg.PoolClient, Session>()

/** A connection has one: it knows what is prepared there. */
export function sessionOf(client: pg.PoolClient): Session {
  const session = sessions.get(client) ?? createSession(client, toCamelCase)
  sessions.set(client, session)
  return session
}

export const toSnakeCase = remembering((name) =>
  name.replaceAll(/(?<=[^A-Z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
)

export const toCamelCase = remembering((name) =>
  name.replaceAll(/_([^_])/g, (_, letter: string) => letter.toUpperCase()),
)

/** For names, of which a program has only so many. */
function remembering(translate: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>()
  return (name) => {
    const translated = known.get(name) ?? translate(name)
    if (known.size < MAX_NAMES) known.set(name, translated)
    return translated
  }
}

const MAX_NAMES = 10_000
