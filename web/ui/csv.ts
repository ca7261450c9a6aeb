/** A table as comma-separated text (RFC 4180), safe to open in a spreadsheet. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** Spreadsheets run what begins like a formula, unless it is a plain number; the apostrophe makes it text. */
function cell(value: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(value)
  const text = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
