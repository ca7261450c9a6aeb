import type pg from 'pg'
import {
  type Execution,
  Pack,
  type Parameter,
  PassedOver,
  type Prepared,
  type StatementResult,
  toParameter,
} from './statement.ts'

/** Statements one connection keeps prepared: about all we have. */
const MAX_PREPARED = 400
/** Longer ones are made for what they are given, such as rows to insert, and hardly come again. */
const MAX_PREPARED_LENGTH = 6_000
const MAX_PACKED = 200
/** The columns of a table changed under a statement, or the server no longer knows it. */
const OUTDATED = new Set(['0A000', '26000'])

export interface Session {
  query(text: string, values: readonly unknown[]): Promise<StatementResult>
}

/**
 * A connection that prepares what it is asked: the text of a statement is sent and planned once. A transaction begins
 * with its first statement; one that says nothing costs nothing.
 *
 * Statements asked for while others are under way wait, and then travel together. They run in the order in which they
 * were asked for, each sees what those before it did, and each gets its own answer. Only a transaction packs them: there
 * one that fails undoes the others anyhow. Outside of one, each stands for itself and travels alone.
 */
export function createSession(client: pg.PoolClient, rename: (column: string) => string): Session {
  const known = new Map<string, Prepared>()
  const forgotten: string[] = []
  const waiting: Execution[] = []
  let named = 0
  let isBeginDue = false
  let isUnderWay = false
  let isSendingDue = false

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

  function execute(prepared: Prepared, parameters: readonly Parameter[]): Promise<StatementResult> {
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>()
    const settle: Execution['settle'] = (error, result) => {
      if (result === undefined) reject(error)
      else resolve(result)
    }
    waiting.push({ prepared, parameters, settle })
    sendSoon()
    return promise
  }

  /** Not at once: whoever else has just been answered may ask for something, too. */
  function sendSoon(): void {
    if (isUnderWay || isSendingDue || waiting.length === 0) return
    isSendingDue = true
    process.nextTick(send)
  }

  function send(): void {
    isSendingDue = false
    const begins = isBeginDue
    isBeginDue = false
    const packed = waiting.splice(0, countPacked(begins))
    isUnderWay = true
    client.query(
      new Pack(packed, {
        begins,
        // What is sent without parameters has no place for more.
        forgotten: isSimple(packed[0]) ? [] : forgotten.splice(0),
        rename,
        onEnd() {
          isUnderWay = false
          sendSoon()
        },
      }),
    )
  }

  function countPacked(begins: boolean): number {
    const isInTransaction = begins || client.getTransactionStatus() === 'T'
    if (!isInTransaction || isSimple(waiting[0])) return 1
    const end = waiting.findIndex(isSimple)
    return Math.min(end === -1 ? waiting.length : end, MAX_PACKED)
  }

  async function run(text: string, values: readonly unknown[]): Promise<StatementResult> {
    const parameters = values.map(toParameter)
    const prepared = prepare(text, parameters)
    const wasParsed = prepared.isParsed
    try {
      return await execute(prepared, parameters)
    } catch (error) {
      // The server has not even read it.
      if (error instanceof PassedOver) throw error
      // Whether the server has read one that failed the first time is not known.
      if (wasParsed && !isOutdated(error)) throw error
      // With one the others may be outdated, too.
      for (const other of wasParsed ? [...known.values()] : [prepared]) forget(other)
      // Alone it has done nothing, and nothing depends on it; in a transaction everything before it is undone, too.
      if (!wasParsed || client.getTransactionStatus() !== 'I') throw error
      return execute(prepare(text, parameters), parameters)
    }
  }

  return {
    query(text, values) {
      if (text === 'begin') {
        isBeginDue = true
        return Promise.resolve(done('BEGIN'))
      }
      const isOver = text === 'commit' || text === 'rollback'
      if (isOver && isBeginDue && waiting.length === 0) {
        isBeginDue = false
        return Promise.resolve(done(text.toUpperCase()))
      }
      return run(text, values)
    },
  }
}

function isSimple(execution: Execution | undefined): boolean {
  return execution?.parameters.length === 0
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
