import type { Answer } from '../wire/http.ts'
import { html, type Html } from './html.ts'

const STYLE = `
:root { color-scheme: light; --ink: #1a1f36; --soft: #697386; --line: #e0e6eb; --accent: #0a66c2; --bad: #c0123c; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #f6f8fa; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.25rem; display: grid; gap: 3rem; }
@media (min-width: 48rem) { main.split { grid-template-columns: 1fr 1fr; } }
h1 { font-size: 1.1rem; font-weight: 600; color: var(--soft); margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .75rem; }
.amount { font-size: 2.25rem; font-weight: 700; margin: 0 0 1.5rem; }
.lines { list-style: none; padding: 0; margin: 0; }
.lines li { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.soft { color: var(--soft); font-size: .9rem; }
form { display: grid; gap: .9rem; }
label { display: grid; gap: .3rem; font-weight: 500; font-size: .9rem; }
label.check { display: flex; align-items: start; gap: .5rem; font-weight: 400; }
input[type=text], input[type=email] { font: inherit; padding: .6rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: #fff; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #9ec9f5; outline-offset: 1px; }
.row { display: grid; grid-template-columns: 1fr 1fr; gap: .9rem; }
button { font: inherit; font-weight: 600; padding: .7rem 1rem; border: 0; border-radius: .4rem; background: var(--accent); color: #fff; cursor: pointer; }
button.plain { background: #fff; color: var(--ink); border: 1px solid var(--line); }
.problem { border: 1px solid var(--bad); color: var(--bad); background: #fff5f7; border-radius: .4rem; padding: .7rem .9rem; }
.card { background: #fff; border: 1px solid var(--line); border-radius: .6rem; padding: 1.5rem; }
.test { display: inline-block; font-size: .75rem; font-weight: 600; background: #ffde92; color: #664600; border-radius: .3rem; padding: .1rem .4rem; }
a { color: var(--accent); }
`

/** A whole page. Everything is in it: no scripts, no fonts, nothing from elsewhere. */
export function page(title: string, body: Html, status = 200): Answer {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${{ html: STYLE }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
      'X-Content-Type-Options': 'nosniff',
    },
    body: document.html,
  }
}

export function redirect(url: string): Answer {
  return { status: 303, headers: { Location: url, 'Cache-Control': 'no-store' }, body: '' }
}

export function message(
  title: string,
  text: string,
  link?: { href: string; text: string },
): Answer {
  return page(
    title,
    html`<main>
      <div class="card">
        <h1>${title}</h1>
        <p>${text}</p>
        ${link === undefined ? '' : html`<p><a href="${link.href}">${link.text}</a></p>`}
      </div>
    </main>`,
  )
}
