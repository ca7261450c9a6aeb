import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { Kysely, sql } from 'kysely'
import pg from 'pg'
import { AppError } from '../../errors.ts'
import { type Connecting, createDialect } from './dialect.ts'
import { type EmbeddedDatabase, type EmbeddedStorage, openEmbedded } from './embedded.ts'
import type { Tables } from './tables.generated.ts'
import { atCommit, createTransactions } from './transaction.ts'

/** A connection to ask, inside a transaction or outside. */
export type Db = Kysely<Tables>

export interface Database {
  readonly kind: 'embedded' | 'server'
  /** For statements of their own. Inside a transaction it throws: use the transaction's `tx`. */
  readonly db: Db
  /**
   * Runs `work` in one transaction. No network calls inside: on the embedded database nobody else gets a turn
   * meanwhile. Nested calls are refused.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** Tells listeners on all processes, once the surrounding transaction is committed. At most 7,000 bytes. */
  publish(tx: Db, channel: string, payload: string): Promise<void>
  /** Hears what is published from now on. A lost connection is restored; what was said meanwhile is lost. */
  subscribe(channel: string, listener: (payload: string) => void): () => void
  close(): Promise<void>
}

interface ServerOptions {
  readonly url: string
  readonly maxConnections?: number | undefined
}

export type DatabaseOptions =
  | ServerOptions
  | { readonly embedded: EmbeddedDatabase }
  | {
      readonly storage: EmbeddedStorage
      /** The embedded database died under us: stop the process. */
      readonly onFailure: (error: Error) => void
    }

const EMBEDDED_SESSIONS = 4
const SERVER_CONNECTIONS = 10
const STATEMENT_TIMEOUT_MS = 30_000
const RECONNECT_MS = 1_000

// bigint columns hold money and counts; as numbers they would silently lose digits.
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt)

interface TransactionScope {
  readonly afterCommit: (() => void)[]
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  if ('url' in options) return assemble('server', serverPool(options))
  const embedded =
    'embedded' in options
      ? options.embedded
      : await openEmbedded(options.storage, options.onFailure)
  return assemble('embedded', embeddedPool(embedded), () => embedded.close())
}

function assemble(
  kind: Database['kind'],
  pool: pg.Pool,
  closeBackend?: () => Promise<void>,
): Database {
  const scope = new AsyncLocalStorage<TransactionScope>()
  pool.on('error', () => {
    // An idle connection broke; the pool replaces it. Statements in flight report their own error.
  })
  // One that breaks between two statements of a transaction says so here, and would end the process unheard.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const connecting = refuseInside(scope, pool)
  const dialect = createDialect(connecting)
  const db: Db = new Kysely<Tables>({ dialect })
  const transact = createTransactions(dialect, () => connecting.connect())
  const channels = kind === 'server' ? listenOnServer(pool) : listenInProcess(scope)

  return {
    kind,
    db,
    async transaction(work) {
      const transaction: TransactionScope = { afterCommit: [] }
      const result = await transact((tx) => scope.run(transaction, () => work(tx)))
      for (const tell of transaction.afterCommit) tell()
      return result
    },
    publish: channels.publish,
    subscribe: channels.subscribe,
    async close() {
      await channels.close()
      await db.destroy()
      await closeBackend?.()
    },
  }
}

function serverPool({ url, maxConnections = SERVER_CONNECTIONS }: ServerOptions): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: '-c timezone=UTC',
  })
}

function embeddedPool(embedded: EmbeddedDatabase): pg.Pool {
  return new pg.Pool({
    user: 'postgres',
    database: 'postgres',
    max: EMBEDDED_SESSIONS,
    // They cost nothing, and what they have prepared is kept for them.
    idleTimeoutMillis: 0,
    stream: () => embedded.connect(),
  })
}

/**
 * Inside a transaction a statement through the pool would wait for a second connection: a deadlock on a pool of one
 * and, on a busy server, the same once in a while. Caught here the first time it is written.
 */
function refuseInside(scope: AsyncLocalStorage<TransactionScope>, pool: pg.Pool): Connecting {
  return {
    connect() {
      if (scope.getStore() !== undefined) {
        throw new Error('A statement went past its transaction; pass `tx` along')
      }
      return pool.connect()
    },
    end: () => pool.end(),
    options: pool.options,
  }
}

type Channels = Pick<Database, 'publish' | 'subscribe' | 'close'>

/** The embedded database has one process, so its notifications need no wire. */
function listenInProcess(scope: AsyncLocalStorage<TransactionScope>): Channels {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    publish(_tx, channel, payload) {
      const tell = (): void => void emitter.emit(channel, payload)
      const transaction = scope.getStore()
      if (transaction === undefined) tell()
      else transaction.afterCommit.push(tell)
      return Promise.resolve()
    },
    subscribe(channel, listener) {
      emitter.on(channel, listener)
      return () => emitter.off(channel, listener)
    },
    close: () => Promise.resolve(),
  }
}

interface Listening {
  readonly connection: pg.PoolClient
  lose(): void
}

interface Notice {
  readonly channel: string
  readonly payload: string
}

/** Told at the end of a transaction; the same twice is told once, as PostgreSQL does anyhow. */
async function notify(tx: Db, notices: readonly Notice[]): Promise<void> {
  const told = new Map(notices.map((notice) => [`${notice.channel} ${notice.payload}`, notice]))
  const channels = [...told.values()].map(({ channel }) => channel)
  const payloads = [...told.values()].map(({ payload }) => payload)
  await sql`
    select pg_notify(channel, payload) from unnest(${channels}::text[], ${payloads}::text[])
      as told (channel, payload)`.execute(tx)
}

/** PostgreSQL's LISTEN on a connection of its own, opened with the first subscription and kept alive. */
function listenOnServer(pool: pg.Pool): Channels {
  const emitter = new EventEmitter().setMaxListeners(0)
  let client: Promise<Listening> | undefined
  let isClosed = false

  function connect(): Promise<Listening> {
    return pool.connect().then((connection) => {
      let isLost = false
      /** Gives the broken connection back: the pool would count it as taken forever, and never end. */
      const lose = (): void => {
        if (isClosed || isLost) return
        isLost = true
        connection.release(true)
        reconnect()
      }
      connection.on('notification', ({ channel, payload }) => emitter.emit(channel, payload ?? ''))
      connection.on('error', lose)
      connection.on('end', lose)
      return { connection, lose }
    })
  }

  function reconnect(): void {
    if (isClosed || client === undefined) return
    client = undefined
    setTimeout(() => {
      for (const channel of emitter.eventNames()) void listen(String(channel))
    }, RECONNECT_MS).unref()
  }

  async function listen(channel: string): Promise<void> {
    client ??= connect()
    const current = client
    try {
      await (await current).connection.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch {
      const listening = await current.catch(() => undefined)
      if (listening === undefined) reconnect()
      else listening.lose()
    }
  }

  return {
    publish: (tx, channel, payload) => atCommit(tx, notify, { channel, payload }),
    subscribe(channel, listener) {
      const isFirst = emitter.listenerCount(channel) === 0
      emitter.on(channel, listener)
      if (isFirst) void listen(channel)
      return () => emitter.off(channel, listener)
    },
    async close() {
      isClosed = true
      const listening = await client?.catch(() => undefined)
      listening?.connection.release(true)
    },
  }
}

/** Whether the database answers, for readiness checks. */
export async function isReachable(db: Db): Promise<boolean> {
  try {
    await sql`select 1`.execute(db)
    return true
  } catch (error) {
    if (error instanceof AppError) throw error
    return false
  }
}
