import { styleText } from 'node:util'
import type { CliContext } from './context.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  readonly isNumeric?: boolean
}

/** Prints rows as JSON when asked for, as an aligned table on a terminal, tab-separated in a pipe. */
export function printRows<Row>(
  context: CliContext,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  whenEmpty: string,
): void {
  if (context.options().json === true) {
    printJson(context, { data: rows })
    return
  }
  if (rows.length === 0) {
    context.talk(whenEmpty)
    return
  }
  const cells = rows.map((row) => columns.map(({ value }) => value(row)))
  const { stdout } = context.process
  context.print(
    stdout.isTTY === true ? align(columns, cells, widthOf(stdout)) : tabbed(columns, cells),
  )
}

export function printJson(context: CliContext, value: unknown): void {
  context.print(JSON.stringify(value, null, 2))
}

/** One thing as `name  value` lines, or as JSON. */
export function printRecord(
  context: CliContext,
  value: object,
  fields: readonly (readonly [string, string | null])[],
): void {
  if (context.options().json === true) {
    printJson(context, value)
    return
  }
  const width = Math.max(...fields.map(([name]) => name.length))
  context.print(
    fields.map(([name, text]) => `${dim(context, name.padEnd(width))}  ${text ?? '–'}`).join('\n'),
  )
}

/** Recorders and containers have terminals that do not know how wide they are, and say 0. */
function widthOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns > 0 ? columns : 120
}

function tabbed<Row>(columns: readonly Column<Row>[], cells: readonly string[][]): string {
  return [columns.map(({ title }) => title), ...cells].map((line) => line.join('\t')).join('\n')
}

function align<Row>(
  columns: readonly Column<Row>[],
  cells: readonly string[][],
  width: number,
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  )
  const format = (line: readonly string[], style?: (text: string) => string): string => {
    const padded = line.map((text, index) => {
      const isNumeric = columns[index]?.isNumeric === true
      return isNumeric ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0)
    })
    const text = padded.join('  ').trimEnd()
    const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text
    return style === undefined ? cut : style(cut)
  }
  const head = format(
    columns.map(({ title }) => title),
    (text) => styleText('dim', text),
  )
  return [head, ...cells.map((line) => format(line))].join('\n')
}

function dim(context: CliContext, text: string): string {
  return context.process.stdout.isTTY === true ? styleText('dim', text) : text
}
