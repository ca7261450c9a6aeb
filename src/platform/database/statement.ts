import pg from 'pg'

/** What is known of a statement that one connection has been sent before. */
export interface Prepared {
  /** The server's name for it; empty when it is not kept there. */
  readonly name: string
  readonly text: string
  /** Whether the server has read it. */
  isParsed: boolean
  /** How its rows become objects; undefined until the server has described them. */
  shape: RowShape | undefined
}

interface RowShape {
  readonly columns: readonly string[]
  readonly parsers: readonly ((text: string) => unknown)[]
  /** Copied for each row, so that all rows of a statement are objects of one shape. */
  readonly empty: Readonly<Record<string, unknown>>
}

export interface StatementResult {
  readonly command: string
  readonly rowCount: number
  readonly rows: readonly unknown[]
}

/** A value as it travels. */
export type Parameter = string | Buffer | null

/** One sending of a statement. */
export interface Execution {
  readonly prepared: Prepared
  readonly parameters: readonly Parameter[]
  settle(error: unknown, result?: StatementResult): void
}

interface Packing {
  /** Sent before them, in the same packet. */
  readonly begins: boolean
  /** Statements the server no longer has to keep. */
  readonly forgotten: readonly string[]
  /** A column's name, as the rows are to have it. */
  readonly rename: (column: string) => string
  /** The server has answered, or will answer nothing more about them. */
  readonly onEnd: () => void
}

interface Answer {
  rows: unknown[]
  command: string
  rowCount: number
  failure: unknown
}

interface Column {
  readonly name: string
  readonly dataTypeID: number
}

// How `pg` writes parameters; it exports this, and its types leave it out.
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): Parameter } })
  .utils

/** What a statement fails with that the server passed over, because one sent before it failed. */
export class PassedOver extends Error {}

/**
 * Executions of statements that travel in one packet, in the form that `pg` has for queries of one's own. The server works
 * on them in their order and answers all at once; after one that fails it passes over the rest. Of a statement sent
 * before, only the parameters travel: the server has its plan, and what its rows look like is known.
 */
export class Pack implements pg.Submittable {
  readonly #executions: readonly Execution[]
  readonly #packing: Packing
  readonly #answers: Answer[] = []
  /** What has no parameters may be several statements, which only the simple protocol takes; and it travels alone. */
  readonly #isSimple: boolean
  #isBeginning: boolean
  #answer: Answer = nothing()

  constructor(executions: readonly Execution[], packing: Packing) {
    this.#executions = executions
    this.#packing = packing
    this.#isSimple = executions[0]?.parameters.length === 0
    this.#isBeginning = packing.begins && !this.#isSimple
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork()
    try {
      if (this.#isSimple) this.#submitSimple(connection)
      else this.#submitExtended(connection)
    } finally {
      connection.stream.uncork()
    }
  }

  #submitSimple(connection: pg.Connection): void {
    const text = this.#executions[0]?.prepared.text ?? ''
    connection.query(this.#packing.begins ? `begin;${text}` : text)
  }

  #submitExtended(connection: pg.Connection): void {
    const { begins, forgotten } = this.#packing
    for (const old of forgotten) connection.close({ type: 'S', name: old }, true)
    if (begins) {
      connection.parse({ name: '', text: 'begin', types: [] }, true)
      connection.bind({}, true)
      connection.execute({}, true)
    }
    const sent = new Set<Prepared>()
    for (const { prepared, parameters } of this.#executions) {
      const { name, text, isParsed, shape } = prepared
      const isFirst = !sent.has(prepared)
      sent.add(prepared)
      if (!isParsed && isFirst) connection.parse({ name, text, types: [] }, true)
      connection.bind({ statement: name, values: [...parameters] }, true)
      if (shape === undefined && isFirst) connection.describe({ type: 'P', name: '' }, true)
      connection.execute({}, true)
    }
    connection.sync()
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    const prepared = this.#current()
    if (prepared === undefined) return
    const columns = fields.map(({ name }) => this.#packing.rename(name))
    prepared.shape = {
      columns,
      parsers: fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, 'text')),
      empty: Object.fromEntries(columns.map((column) => [column, null])),
    }
    this.#answer.rows = []
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const { columns, parsers, empty } = this.#current()?.shape ?? NO_COLUMNS
    const row: Record<string, unknown> = { ...empty }
    try {
      for (let at = 0; at < columns.length; at++) {
        const text = fields[at]
        if (text !== null && text !== undefined) row[columns[at] ?? ''] = parsers[at]?.(text)
      }
    } catch (error) {
      this.#answer.failure ??= error
    }
    this.#answer.rows.push(row)
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    if (this.#isBeginning) {
      this.#isBeginning = false
      return
    }
    const words = text.split(' ')
    this.#answer.command = words[0] ?? ''
    this.#answer.rowCount = Number(words.at(-1)) || 0
    if (!this.#isSimple) this.#next()
  }

  handleEmptyQuery(): void {
    if (!this.#isSimple) this.#next()
  }

  handlePortalSuspended(): void {
    // All rows are asked for at once.
  }

  handleCopyInResponse(connection: pg.Connection & { sendCopyFail(why: string): void }): void {
    connection.sendCopyFail('Nothing is copied')
  }

  handleError(error: unknown): void {
    const [failed, ...passedOver] = this.#executions.slice(this.#answers.length)
    this.#settleAnswered()
    failed?.settle(error)
    for (const { settle } of passedOver) {
      settle(new PassedOver('Another statement of the transaction failed', { cause: error }))
    }
    this.#packing.onEnd()
  }

  handleReadyForQuery(): void {
    if (this.#isSimple) this.#next()
    this.#settleAnswered()
    this.#packing.onEnd()
  }

  #current(): Prepared | undefined {
    return this.#executions[this.#answers.length]?.prepared
  }

  /** The current one is answered; what comes now is about the one after it. */
  #next(): void {
    const prepared = this.#current()
    if (prepared !== undefined) {
      prepared.isParsed = true
      prepared.shape ??= NO_COLUMNS
    }
    this.#answers.push(this.#answer)
    this.#answer = nothing()
  }

  #settleAnswered(): void {
    for (const [at, { failure, ...result }] of this.#answers.entries()) {
      if (failure === undefined) this.#executions[at]?.settle(undefined, result)
      else this.#executions[at]?.settle(failure)
    }
  }
}

function nothing(): Answer {
  return { rows: [], command: '', rowCount: 0, failure: undefined }
}

const NO_COLUMNS: RowShape = { columns: [], parsers: [], empty: {} }

export function toParameter(value: unknown): Parameter {
  return prepareValue(value)
}
