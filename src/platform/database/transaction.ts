import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type KyselyPlugin,
  type PostgresDialect,
  type QueryResult,
  Transaction,
} from 'kysely'
import type pg from 'pg'
import type { Db } from './database.ts'
import { sessionOf } from './dialect.ts'
import type { Session } from './session.ts'
import { PassedOver, type StatementResult } from './statement.ts'
import type { Tables } from './tables.generated.ts'

/** Writes what a transaction has gathered, just before it is committed. */
export type CommitWork<Item> = (tx: Db, items: readonly Item[]) => Promise<void>

/** PostgreSQL's code for it. */
const IN_FAILED_TRANSACTION = '25P02'

interface Gathered {
  /** The piece that had the first of them. */
  readonly tx: Db
  readonly items: unknown[]
}

/** What the pieces of one transaction have in common. */
interface Shared {
  readonly gathered: Map<CommitWork<never>, Gathered>
  readonly held: Map<string, Piece>
}

type Props = ConstructorParameters<typeof Transaction<Tables>>[0]

/** A transaction, or a piece of one. Plugins leave it what it is. */
class Piece extends Transaction<Tables> {
  readonly shared: Shared
  readonly #props: Props

  constructor(props: Props, shared: Shared) {
    super(props)
    this.#props = props
    this.shared = shared
  }

  fork(): Piece {
    return new Piece(this.#props, this.shared)
  }

  override withPlugin(plugin: KyselyPlugin): Piece {
    const executor = this.#props.executor.withPlugin(plugin)
    return new Piece({ ...this.#props, executor }, this.shared)
  }
}

export type Transact = <T>(work: (tx: Db) => Promise<T>) => Promise<T>

/**
 * Transactions, each on a connection. Kysely has its own, which let one statement wait for another; here those that are asked for
 * at once travel at once.
 */
export function createTransactions(
  dialect: PostgresDialect,
  connect: () => Promise<pg.PoolClient>,
): Transact {
  const compiler = dialect.createQueryCompiler()
  const adapter = dialect.createAdapter()
  const driver = dialect.createDriver()

  function begin(session: Session, isOver: () => boolean): Piece {
    const executor = new SessionExecutor(compiler, adapter, session, isOver)
    const props = { config: { dialect }, dialect, driver, executor }
    return new Piece(props, { gathered: new Map(), held: new Map() })
  }

  async function run<T>(session: Session, work: (tx: Db) => Promise<T>): Promise<T> {
    let isOver = false
    const tx = begin(session, () => isOver)
    await session.query('begin', [])
    try {
      const result = await work(tx)
      await writeGathered(tx)
      isOver = true
      const { command } = await session.query('commit', [])
      // That is how PostgreSQL answers when a statement failed and nobody said so.
      if (command === 'ROLLBACK') throw new Error('A statement of the transaction had failed')
      return result
    } finally {
      isOver = true
    }
  }

  return async (work) => {
    const client = await connect()
    const session = sessionOf(client)
    let isBroken = false
    try {
      return await run(session, work)
    } catch (error) {
      // After a commit that failed there is nothing left to undo, which does no harm.
      await session.query('rollback', []).catch(() => (isBroken = true))
      throw error
    } finally {
      client.release(isBroken)
    }
  }
}

/**
 * The same transaction with a memory of its own for what it reads: for pieces of work that go on side by side in one
 * transaction, each of which knows only what it has read itself.
 */
export function fork(tx: Db): Db {
  if (!(tx instanceof Piece)) throw new Error('Only a transaction has several pieces of work')
  return tx.fork()
}

/**
 * What a lock does between transactions, between the pieces of work of one: the database gives each of them any lock that
 * one of them has. Whoever locks what is not of one customer alone says so here, and nobody waits: the second one fails.
 */
export function holdAlone(tx: Db, name: string): void {
  if (!(tx instanceof Piece)) return
  const { held } = tx.shared
  const holder = held.get(name) ?? tx
  if (holder !== tx) throw new Error(`Two pieces of work in one transaction hold ${name}`)
  held.set(name, tx)
}

/** Whether a statement failed only because another one of its transaction had. */
export function isConsequence(error: unknown): boolean {
  if (error instanceof PassedOver) return true
  return error instanceof Error && 'code' in error && error.code === IN_FAILED_TRANSACTION
}

/** Gathers what is written at the end of a transaction, all of a kind at once. Outside of one it is written now. */
export async function atCommit<Item>(tx: Db, work: CommitWork<Item>, item: Item): Promise<void> {
  if (!(tx instanceof Piece)) {
    await work(tx, [item])
    return
  }
  const { gathered } = tx.shared
  const others = gathered.get(work)
  if (others === undefined) gathered.set(work, { tx, items: [item] })
  else others.items.push(item)
}

async function writeGathered({ shared: { gathered } }: Piece): Promise<void> {
  while (gathered.size > 0) {
    const works = [...gathered]
    gathered.clear()
    await Promise.all(
      works.map(([work, { tx, items }]) => (work as CommitWork<unknown>)(tx, items)),
    )
  }
}

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

class SessionExecutor extends DefaultQueryExecutor {
  readonly #session: Session
  readonly #isOver: () => boolean

  constructor(
    compiler: ConstructorParameters<typeof DefaultQueryExecutor>[0],
    adapter: ConstructorParameters<typeof DefaultQueryExecutor>[1],
    session: Session,
    isOver: () => boolean,
  ) {
    const connection: DatabaseConnection = {
      executeQuery: (query) => this.executeQuery(query) as Promise<QueryResult<never>>,
      streamQuery() {
        throw new Error('Rows are not streamed')
      },
    }
    super(compiler, adapter, { provideConnection: (consumer) => consumer(connection) })
    this.#session = session
    this.#isOver = isOver
  }

  override async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#isOver()) throw new Error('The transaction is over')
    return toQueryResult(await this.#session.query(sql, parameters))
  }
}

function toQueryResult<Row>({ command, rowCount, rows }: StatementResult): QueryResult<Row> {
  const result = { rows: rows as Row[] }
  return WRITES.has(command) ? { ...result, numAffectedRows: BigInt(rowCount) } : result
}
