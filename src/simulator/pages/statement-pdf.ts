import { createPdf, PAGE, type PdfDocument, type PdfPage, widthOf, wrap } from './pdf.ts'
import type { Row, Statement, StatementLine } from './statement.ts'

const { margin } = PAGE
const RIGHT = PAGE.width - margin
const BOTTOM = PAGE.height - 72
/** Where the columns of the table end; the description has what is left. */
const COLUMNS = { quantity: 372, unit: 462, amount: RIGHT } as const
const DESCRIPTION_WIDTH = 260
const SUMS_LEFT = 330

/** The statement on paper: as many pages as its lines need. */
export function renderStatement(statement: Statement): Buffer {
  const pdf = createPdf({
    title: `${statement.kind} ${statement.number}`,
    author: statement.business,
  })
  let page = pdf.addPage()
  let y = drawHead(page, statement)
  y = drawTableHead(page, y)
  const breakBefore = (height: number, hasTable: boolean): void => {
    if (y + height <= BOTTOM) return
    page = pdf.addPage()
    y = margin + 10
    if (hasTable) y = drawTableHead(page, y)
  }
  for (const line of statement.lines) {
    const description = wrap(line.description, DESCRIPTION_WIDTH, 10)
    breakBefore(description.length * 13 + 22, true)
    y = drawLine(page, y, line, description)
  }
  const rows = [...statement.sums, statement.result]
  breakBefore(rows.length * 18 + 24, false)
  y = drawSums(page, y + 8, rows)
  for (const text of notesOf(statement)) {
    breakBefore(text.height, false)
    y = drawNote(page, y + 20, text.lines)
  }
  drawFeet(pdf, statement)
  return pdf.toBuffer()
}

function drawHead(page: PdfPage, statement: Statement): number {
  page.text(statement.kind, { x: margin, y: margin + 14, size: 22, isBold: true })
  page.text(statement.business, {
    x: RIGHT,
    y: margin + 12,
    size: 13,
    isBold: true,
    align: 'end',
    gray: 0.35,
  })
  let y = margin + 46
  for (const [label, value] of statement.facts) {
    page.text(label, { x: margin, y, gray: 0.4 })
    page.text(value, { x: margin + 120, y })
    y += 15
  }
  y += 18
  page.text('From', { x: margin, y, isBold: true })
  page.text(statement.kind === 'Invoice' ? 'Bill to' : 'Credit to', { x: 330, y, isBold: true })
  page.text(statement.business, { x: margin, y: y + 15 })
  const billTo = statement.billTo.flatMap((text) => wrap(text, RIGHT - 330, 10))
  for (const [index, text] of billTo.entries()) page.text(text, { x: 330, y: y + 15 * (index + 1) })
  y += 15 * Math.max(1, billTo.length) + 44
  page.text(statement.headline, { x: margin, y, size: 16, isBold: true })
  if (statement.payUrl !== null) {
    const text = 'Pay online'
    y += 20
    page.text(text, { x: margin, y, isBold: true, gray: 0.3 })
    page.link(statement.payUrl, margin, y + 3, widthOf(text, 10, true), 13)
  }
  if (statement.memo !== null) {
    y += 6
    for (const text of wrap(statement.memo, RIGHT - margin, 10)) {
      y += 14
      page.text(text, { x: margin, y, gray: 0.3 })
    }
  }
  return y + 36
}

function drawTableHead(page: PdfPage, y: number): number {
  const style = { y, size: 8.5, gray: 0.4 }
  page.text('Description', { ...style, x: margin })
  page.text('Qty', { ...style, x: COLUMNS.quantity, align: 'end' })
  page.text('Unit price', { ...style, x: COLUMNS.unit, align: 'end' })
  page.text('Amount', { ...style, x: COLUMNS.amount, align: 'end' })
  page.rule(margin, y + 7, RIGHT - margin)
  return y + 24
}

function drawLine(
  page: PdfPage,
  top: number,
  line: StatementLine,
  description: readonly string[],
): number {
  page.text(line.quantity, { x: COLUMNS.quantity, y: top, align: 'end' })
  page.text(line.unit, { x: COLUMNS.unit, y: top, align: 'end' })
  page.text(line.amount, { x: COLUMNS.amount, y: top, align: 'end' })
  let y = top
  for (const text of description) {
    page.text(text, { x: margin, y })
    y += 13
  }
  if (line.detail !== null) {
    page.text(line.detail, { x: margin, y, size: 8.5, gray: 0.4 })
    y += 13
  }
  return y + 8
}

function drawSums(page: PdfPage, top: number, rows: readonly Row[]): number {
  let y = top
  for (const [index, [label, value]] of rows.entries()) {
    const isBold = index === rows.length - 1
    page.rule(SUMS_LEFT, y - 12, RIGHT - SUMS_LEFT)
    page.text(label, { x: SUMS_LEFT, y, isBold })
    page.text(value, { x: RIGHT, y, isBold, align: 'end' })
    y += 18
  }
  return y
}

function notesOf(statement: Statement) {
  return [statement.footer]
    .filter((text) => text !== null)
    .map((text) => {
      const lines = wrap(text, RIGHT - margin, 9)
      return { lines, height: lines.length * 12 + 20 }
    })
}

function drawNote(page: PdfPage, top: number, lines: readonly string[]): number {
  let y = top
  for (const text of lines) {
    page.text(text, { x: margin, y, size: 9, gray: 0.35 })
    y += 12
  }
  return y
}

function drawFeet(pdf: PdfDocument, statement: Statement): void {
  for (let index = 0; index < pdf.pageCount; index++) {
    const page = pdf.page(index)
    const style = { y: PAGE.height - 36, size: 8.5, gray: 0.45 }
    page.text(`${statement.number} · Simulated Stripe, not a demand for real money`, {
      ...style,
      x: margin,
    })
    page.text(`Page ${index + 1} of ${pdf.pageCount}`, { ...style, x: RIGHT, align: 'end' })
  }
}
