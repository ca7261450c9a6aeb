import { toMajorString } from './money.ts'

/** A table as comma-separated text (RFC 4180), safe to open in a spreadsheet. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** Objects as a table: parts of parts become columns of their own, money is in major units. */
export function csvOf(objects: readonly object[]): string {
  const rows = objects.map((object) => new Map(cellsOf('', object)))
  if (rows.length === 0) return ''
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  return toCsv([columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? ''))])
}

function cellsOf(name: string, value: unknown): [string, string][] {
  if (value === null || value === undefined) return [[name, '']]
  if (typeof value !== 'object')
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
  if (isMoney(value)) {
    const { amountMinor, currency } = value
    return [[name, toMajorString({ amountMinor: BigInt(amountMinor), currency })]]
  }
  return Object.entries(value).flatMap(([key, part]) =>
    cellsOf(name === '' ? key : `${name}.${key}`, part),
  )
}

function isMoney(value: object): value is { amountMinor: number; currency: string } {
  const { length } = Object.keys(value)
  return length === 2 && 'amountMinor' in value && 'currency' in value
}

/** Spreadsheets run what begins like a formula, unless it is a plain number; the apostrophe makes it text. */
function cell(value: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(value)
  const text = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
