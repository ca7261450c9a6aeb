import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The pages a problem document's `type` points to, served where the problem comes from. */
export interface ErrorPages {
  find(code: string): string | undefined
}

/** Reads `docs/errors/*.md` once; they use headings, paragraphs, `code`, **strong** and *emphasis*, and nothing else. */
export function loadErrorPages(folder: string): ErrorPages {
  const pages = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.md'))
      .map((file) => [
        file.slice(0, -'.md'.length),
        toPage(readFileSync(join(folder, file), 'utf8')),
      ]),
  )
  return { find: (code) => pages.get(code) }
}

function toPage(markdown: string): string {
  const blocks = markdown.trim().split(/\n{2,}/)
  const title = (blocks[0] ?? '').replaceAll(/[#`]/g, '').trim()
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)} – Farebox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/portal/reference.css"></head>
<body><main>${blocks.map(toBlock).join('\n')}</main></body></html>`
}

function toBlock(block: string): string {
  const heading = /^(#{1,3}) (.*)$/.exec(block)
  if (heading !== null)
    return `<h${heading[1]?.length}>${inline(heading[2] ?? '')}</h${heading[1]?.length}>`
  return `<p>${inline(block.replaceAll('\n', ' '))}</p>`
}

function inline(text: string): string {
  return escape(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\*([^*]+)\*/g, '<em>$1</em>')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
