import type pg from 'pg'
import {
  type Parameter,
  type Prepared,
  Statement,
  type StatementResult,
  toParameter,
} from './statement.ts'

/** Statements one connection keeps prepared: about all we have. */
const MAX_PREPARED = 400
/** Longer ones are made for what they are given, such as rows to insert, and hardly come again. */
const MAX_PREPARED_LENGTH = 6_000
/** The columns of a table changed under a statement, or the server no longer knows it. */
const OUTDATED = new Set(['0A000', '26000'])

export interface Session {
  query(text: string, values: readonly unknown[]): Promise<StatementResult>
}

/**
 * A connection that prepares what it is asked: the text of a statement is sent and planned once. A transaction begins
 * with its first statement; one that says nothing costs nothing.
 */
export function createSession(client: pg.PoolClient, rename: (column: string) => string): Session {
  const known = new Map<string, Prepared>()
  const forgotten: string[] = []
  let named = 0
  let isBeginDue = false

  function prepare(text: string, parameters: readonly Parameter[]): Prepared {
    if (parameters.length === 0 || text.length > MAX_PREPARED_LENGTH) return unnamed(text)
    const prepared = known.get(text) ?? { ...unnamed(text), name: `s${++named}` }
    // Put at the end: the first is the one not used for longest.
    known.delete(text)
    known.set(text, prepared)
    if (known.size > MAX_PREPARED) {
      const [oldest] = known.values()
      if (oldest !== undefined) forget(oldest)
    }
    return prepared
  }

  function forget({ text, name }: Prepared): void {
    if (name === '' || !known.delete(text)) return
    forgotten.push(name)
  }

  function execute(
    prepared: Prepared,
    parameters: readonly Parameter[],
    begins: boolean,
  ): Promise<StatementResult> {
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>()
    // What is sent without parameters has no place for more.
    const old = parameters.length === 0 ? [] : forgotten.splice(0)
    client.query(
      new Statement({ prepared, parameters, begins, forgotten: old, rename }, (error, result) => {
        if (result === undefined) reject(error)
        else resolve(result)
      }),
    )
    return promise
  }

  async function run(text: string, values: readonly unknown[]): Promise<StatementResult> {
    const parameters = values.map(toParameter)
    const prepared = prepare(text, parameters)
    const wasParsed = prepared.isParsed
    const begins = isBeginDue
    isBeginDue = false
    try {
      return await execute(prepared, parameters, begins)
    } catch (error) {
      // Whether the server has read one that failed the first time is not known.
      if (wasParsed && !isOutdated(error)) throw error
      // With one the others may be outdated, too.
      for (const other of wasParsed ? [...known.values()] : [prepared]) forget(other)
      // Alone it has done nothing, and nothing depends on it; in a transaction everything before it is undone, too.
      if (!wasParsed || client.getTransactionStatus() !== 'I') throw error
      return execute(prepare(text, parameters), parameters, false)
    }
  }

  return {
    query(text, values) {
      if (text === 'begin') {
        isBeginDue = true
        return Promise.resolve(done('BEGIN'))
      }
      if (isBeginDue && (text === 'commit' || text === 'rollback')) {
        isBeginDue = false
        return Promise.resolve(done(text.toUpperCase()))
      }
      return run(text, values)
    },
  }
}

function unnamed(text: string): Prepared {
  return { name: '', text, isParsed: false, shape: undefined }
}

function isOutdated(error: unknown): boolean {
  return error instanceof Error && 'code' in error && OUTDATED.has(String(error.code))
}

function done(command: string): StatementResult {
  return { command, rowCount: 0, rows: [] }
}
