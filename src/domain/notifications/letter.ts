/**
 * A mail before it is mail: what it says, once. The text and the HTML twin are both made from it, so that they cannot say
 * different things.
 */
export interface Letter {
  readonly subject: string
  /** Each a paragraph of plain sentences. */
  readonly paragraphs: readonly string[]
  readonly facts?: readonly Fact[]
  readonly action?: { readonly label: string; readonly url: string }
  /** Smaller, at the end. */
  readonly note?: string
}

export interface Fact {
  readonly label: string
  readonly value: string
}

export interface LetterFrame {
  readonly productName: string
  /** Somebody plays with test data; the mail says so. */
  readonly isTest: boolean
  readonly preferencesUrl: string
}

export interface RenderedLetter {
  readonly subject: string
  readonly text: string
  readonly html: string
}

export function renderLetter(letter: Letter, frame: LetterFrame): RenderedLetter {
  const subject = frame.isTest ? `[Test] ${letter.subject}` : letter.subject
  return { subject, text: toText(letter, frame), html: toHtml(letter, frame) }
}

function toText(letter: Letter, { productName, preferencesUrl }: LetterFrame): string {
  const { paragraphs, facts = [], action, note } = letter
  const width = Math.max(0, ...facts.map(({ label }) => label.length))
  const table = facts.map(({ label, value }) => `${label.padEnd(width)}  ${value}`)
  const blocks = [
    ...paragraphs,
    ...(table.length > 0 ? [table.join('\n')] : []),
    ...(action === undefined ? [] : [`${action.label}: ${action.url}`]),
    ...(note === undefined ? [] : [note]),
    `${productName}\nWhich mails you get: ${preferencesUrl}`,
  ]
  return `${blocks.join('\n\n')}\n`
}

function toHtml(letter: Letter, { productName, preferencesUrl }: LetterFrame): string {
  const { paragraphs, facts = [], action, note } = letter
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><th style="text-align:left;font-weight:normal;padding:2px 16px 2px 0;color:#555">${escape(label)}</th><td style="padding:2px 0">${escape(value)}</td></tr>`,
  )
  const blocks = [
    ...paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`),
    ...(rows.length > 0
      ? [`<table style="border-collapse:collapse">${rows.join('')}</table>`]
      : []),
    ...(action === undefined
      ? []
      : [
          `<p><a href="${escape(action.url)}" style="display:inline-block;padding:10px 16px;background:#1a1a1a;color:#fff;text-decoration:none;border-radius:6px">${escape(action.label)}</a></p>`,
        ]),
    ...(note === undefined ? [] : [`<p style="color:#555">${escape(note)}</p>`]),
    `<p style="color:#777;font-size:13px">${escape(productName)} · <a href="${escape(preferencesUrl)}" style="color:#777">Which mails you get</a></p>`,
  ]
  return `<!doctype html><html lang="en"><body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif;color:#1a1a1a"><div style="max-width:560px">${blocks.join('')}</div></body></html>`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
