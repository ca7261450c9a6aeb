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

interface Execution {
  readonly prepared: Prepared
  readonly parameters: readonly Parameter[]
  /** Sent before it, in the same packet. */
  readonly begins: boolean
  /** Statements the server no longer has to keep. */
  readonly forgotten: readonly string[]
  /** A column's name, as the rows are to have it. */
  readonly rename: (column: string) => string
}

interface Column {
  readonly name: string
  readonly dataTypeID: number
}

// How `pg` writes parameters; it exports this, and its types leave it out.
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): Parameter } })
  .utils

/**
 * One execution of a statement, in the form that `pg` has for queries of one's own. Of a statement sent before, only the
 * parameters travel: the server has its plan, and what its rows look like is known.
 */
export class Statement implements pg.Submittable {
  readonly #execution: Execution
  readonly #settle: (error: unknown, result?: StatementResult) => void
  #shape: RowShape | undefined
  #rows: unknown[] = []
  #command = ''
  #rowCount = 0
  #failure: unknown

  constructor(execution: Execution, settle: (error: unknown, result?: StatementResult) => void) {
    this.#execution = execution
    this.#settle = settle
    this.#shape = execution.prepared.shape
  }

  submit(connection: pg.Connection): void {
    const { prepared, begins, parameters } = this.#execution
    connection.stream.cork()
    try {
      // Without parameters it may be several statements, which only the simple protocol takes.
      if (parameters.length === 0)
        connection.query(begins ? `begin;${prepared.text}` : prepared.text)
      else this.#submitExtended(connection)
    } finally {
      connection.stream.uncork()
    }
  }

  #submitExtended(connection: pg.Connection): void {
    const { prepared, begins, parameters, forgotten } = this.#execution
    const { name, text } = prepared
    for (const old of forgotten) connection.close({ type: 'S', name: old }, true)
    if (begins) {
      connection.parse({ name: '', text: 'begin', types: [] }, true)
      connection.bind({}, true)
      connection.execute({}, true)
    }
    if (!prepared.isParsed) connection.parse({ name, text, types: [] }, true)
    connection.bind({ statement: name, values: [...parameters] }, true)
    if (prepared.shape === undefined) connection.describe({ type: 'P', name: '' }, true)
    connection.execute({}, true)
    connection.sync()
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    const columns = fields.map(({ name }) => this.#execution.rename(name))
    this.#shape = {
      columns,
      parsers: fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, 'text')),
      empty: Object.fromEntries(columns.map((column) => [column, null])),
    }
    this.#rows = []
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const { columns, parsers, empty } = this.#shape ?? NO_COLUMNS
    const row: Record<string, unknown> = { ...empty }
    try {
      for (let at = 0; at < columns.length; at++) {
        const text = fields[at]
        if (text !== null && text !== undefined) row[columns[at] ?? ''] = parsers[at]?.(text)
      }
    } catch (error) {
      this.#failure ??= error
    }
    this.#rows.push(row)
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const words = text.split(' ')
    this.#command = words[0] ?? ''
    this.#rowCount = Number(words.at(-1)) || 0
  }

  handleEmptyQuery(): void {
    // There is nothing to remember about it.
  }

  handlePortalSuspended(): void {
    // All rows are asked for at once.
  }

  handleCopyInResponse(connection: pg.Connection & { sendCopyFail(why: string): void }): void {
    connection.sendCopyFail('Nothing is copied')
  }

  handleError(error: unknown): void {
    this.#settle(error)
  }

  handleReadyForQuery(): void {
    if (this.#failure !== undefined) {
      this.#settle(this.#failure)
      return
    }
    const { prepared } = this.#execution
    prepared.isParsed = true
    prepared.shape = this.#shape ?? NO_COLUMNS
    this.#settle(undefined, {
      command: this.#command,
      rowCount: this.#rowCount,
      rows: this.#rows,
    })
  }
}

const NO_COLUMNS: RowShape = { columns: [], parsers: [], empty: {} }

export function toParameter(value: unknown): Parameter {
  return prepareValue(value)
}
