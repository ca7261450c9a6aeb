/**
 * A small writer of PDF 1.4: lines of text in the two faces every reader has (Helvetica, plain and bold), rules and links.
 * Lengths are points, a 72nd of an inch; places are measured from the upper left corner.
 */
export interface PdfPage {
  text(text: string, place: TextPlace): void
  /** A horizontal hairline. */
  rule(x: number, y: number, width: number): void
  /** Makes a rectangle lead to an address. */
  link(url: string, x: number, y: number, width: number, height: number): void
}

export interface TextPlace {
  readonly x: number
  /** The baseline. */
  readonly y: number
  readonly size?: number
  readonly isBold?: boolean
  /** 0 is black, 1 white. */
  readonly gray?: number
  /** `end` puts the text's right end at x. */
  readonly align?: 'start' | 'end'
}

export interface PdfDocument {
  readonly pageCount: number
  addPage(): PdfPage
  /** The page with the given number, from 0. */
  page(index: number): PdfPage
  toBuffer(): Buffer
}

/** US Letter. */
export const PAGE = { width: 612, height: 792, margin: 54 } as const

export function createPdf(info: { readonly title: string; readonly author: string }): PdfDocument {
  const pages: { readonly content: string[]; readonly links: string[]; readonly page: PdfPage }[] =
    []

  function addPage(): PdfPage {
    const content: string[] = []
    const links: string[] = []
    const page: PdfPage = {
      text(text, { x, y, size = 10, isBold = false, gray = 0.1, align = 'start' }) {
        const start = align === 'end' ? x - widthOf(text, size, isBold) : x
        const font = isBold ? 'F2' : 'F1'
        content.push(
          `BT /${font} ${size} Tf ${gray} g ${point(start)} ${point(PAGE.height - y)} Td ${literal(text)} Tj ET`,
        )
      },
      rule(x, y, width) {
        const height = point(PAGE.height - y)
        content.push(`0.85 G 0.7 w ${point(x)} ${height} m ${point(x + width)} ${height} l S`)
      },
      link(url, x, y, width, height) {
        const bottom = PAGE.height - y
        const box = [x, bottom, x + width, bottom + height].map(point).join(' ')
        links.push(
          `<< /Type /Annot /Subtype /Link /Rect [${box}] /Border [0 0 0] /A << /S /URI /URI ${literal(url)} >> >>`,
        )
      },
    }
    pages.push({ content, links, page })
    return page
  }

  return {
    get pageCount() {
      return pages.length
    },
    addPage,
    page(index) {
      const found = pages[index]
      if (found === undefined) throw new RangeError(`There is no page ${index}`)
      return found.page
    },
    toBuffer() {
      const first = FIRST_PAGE_OBJECT
      const kids = pages.map((_page, index) => `${first + 2 * index} 0 R`).join(' ')
      const font = (name: string): string =>
        `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`
      const objects = [
        '<< /Type /Catalog /Pages 2 0 R /Lang (en-US) >>',
        `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
        font('Helvetica'),
        font('Helvetica-Bold'),
        `<< /Title ${literal(info.title)} /Author ${literal(info.author)} >>`,
        ...pages.flatMap(({ content, links }, index) => {
          const stream = content.join('\n')
          return [
            `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE.width} ${PAGE.height}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${first + 2 * index + 1} 0 R /Annots [${links.join(' ')}] >>`,
            `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
          ]
        }),
      ]
      return assemble(objects)
    },
  }
}

/** Catalog, page tree, two fonts and the document's facts stand before the pages. */
const FIRST_PAGE_OBJECT = 6

/** Objects one after the other, and the table that says at which byte each begins. All is one byte a character. */
function assemble(objects: readonly string[]): Buffer {
  let text = '%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  text += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${text.length}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

function point(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** A string as PDF writes it, in the fonts' encoding. */
function literal(text: string): string {
  const encoded = encode(text).replaceAll(/[\\()]/g, (character) => `\\${character}`)
  return `(${encoded})`
}

/** Windows-1252 beyond Latin-1. */
const EXTRA: Readonly<Record<string, number>> = {
  '€': 0x80,
  '…': 0x85,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '•': 0x95,
  '–': 0x96,
  '—': 0x97,
  '™': 0x99,
}

/** Signs the fonts do not have, in words they have. */
const SPELLED: Readonly<Record<string, string>> = {
  '−': '-',
  '₩': 'KRW ',
  '₹': 'INR ',
  '₫': 'VND ',
  '₪': 'ILS ',
  '₱': 'PHP ',
  '₺': 'TRY ',
  '\u202f': ' ',
}

/** One byte a character: the fonts' own, an accent less where they lack one, a question mark for other scripts. */
function encode(text: string): string {
  let encoded = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const extra = EXTRA[character]
    if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff)) encoded += character
    else if (extra !== undefined) encoded += String.fromCodePoint(extra)
    else encoded += SPELLED[character] ?? baseOf(character)
  }
  return encoded
}

function baseOf(character: string): string {
  const [base = ''] = character.normalize('NFD')
  return /^[\u0020-\u007e]$/.test(base) ? base : '?'
}

/** Widths of the characters 32 to 126 in thousandths of the size; from the metrics Adobe publishes for the faces. */
const PLAIN_WIDTHS = widths(`278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278
  556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556
  1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611
  278 278 278 469 556 333
  556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500
  334 260 334 584`)
const BOLD_WIDTHS = widths(`278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278
  556 556 556 556 556 556 556 556 556 556 333 333 584 584 584 611
  975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611
  333 278 333 584 556 333
  556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500
  389 280 389 584`)

function widths(table: string): readonly number[] {
  return table.trim().split(/\s+/).map(Number)
}

const DEFAULT_WIDTH = 556
const DASH_WIDTH = 1_000
const BULLET_WIDTH = 350

/** How wide a text is. */
export function widthOf(text: string, size: number, isBold: boolean): number {
  const table = isBold ? BOLD_WIDTHS : PLAIN_WIDTHS
  let sum = 0
  for (const character of encode(text)) {
    const [base = character] = character.normalize('NFD')
    const code = base.codePointAt(0) ?? 0
    if (code === 0x95) sum += BULLET_WIDTH
    else if (code === 0x97 || code === 0x85) sum += DASH_WIDTH
    else sum += table[code - 32] ?? DEFAULT_WIDTH
  }
  return (sum * size) / 1_000
}

/** Breaks a text at spaces into lines of at most the width; a word that is wider is cut. */
export function wrap(text: string, width: number, size: number, isBold = false): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer, size, isBold) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line, size, isBold) > width && line.length > 1) {
      let end = line.length - 1
      while (end > 1 && widthOf(line.slice(0, end), size, isBold) > width) end--
      lines.push(line.slice(0, end))
      line = line.slice(end)
    }
  }
  return line === '' ? lines : [...lines, line]
}
