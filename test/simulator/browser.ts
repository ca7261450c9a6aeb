import { expect } from 'vitest'

export interface Page {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly html: string
  /** Tags taken away and spaces joined: what a person reads. */
  readonly text: string
}

export interface PageForm {
  readonly action: string
  readonly method: string
  readonly fields: Readonly<Record<string, string>>
}

/** Reads pages and sends their forms as a browser without scripts does. */
export async function visit(address: string, init: RequestInit = {}): Promise<Page> {
  const response = await fetch(address, init)
  const html = await response.text()
  return {
    status: response.status,
    url: response.url,
    headers: response.headers,
    html,
    text: textOf(html),
  }
}

function textOf(html: string): string {
  return decode(
    html
      .replaceAll(/<style>.*?<\/style>/gs, '')
      .replaceAll(/<\/?(?:a|b|code|small|span|strong)\b[^>]*>/g, '')
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  ).trim()
}

function decode(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&amp;': '&',
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
  }
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity)
}

/** The form of the page that is sent to an address ending so, with what it is filled in with. */
export function formOf(page: Page, ending: string): PageForm {
  for (const [form = ''] of page.html.matchAll(/<form.*?<\/form>/gs)) {
    const action = decode(/action="([^"]*)"/.exec(form)?.[1] ?? '')
    if (!action.endsWith(ending)) continue
    return { action, method: /method="(\w+)"/.exec(form)?.[1] ?? 'get', fields: fieldsOf(form) }
  }
  throw new Error(`${page.url} has no form for …${ending}`)
}

function fieldsOf(form: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [tag = ''] of form.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1]
    if (name === undefined || /type="(?:checkbox|radio)"/.test(tag)) continue
    fields[name] = decode(/value="([^"]*)"/.exec(tag)?.[1] ?? '')
  }
  for (const [select = '', name = ''] of form.matchAll(
    /<select[^>]*name="([^"]*)".*?<\/select>/gs,
  )) {
    const options = [...select.matchAll(/<option([^>]*)>([^<]*)/g)]
    const chosen = options.find(([, attributes]) => attributes?.includes('selected')) ?? options[0]
    fields[name] = decode(
      /value="([^"]*)"/.exec(chosen?.[1] ?? '')?.[1] ?? chosen?.[2]?.trim() ?? '',
    )
  }
  return fields
}

/** Sends the form and follows where it leads. */
export async function send(
  page: Page,
  ending: string,
  entered: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const { action, fields } = formOf(page, ending)
  return visit(new URL(action, page.url).href, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ ...fields, ...entered }).toString(),
  })
}

/** Follows the link with this text. */
export async function follow(page: Page, text: string): Promise<Page> {
  for (const [, attributes = '', inner = ''] of page.html.matchAll(/<a\s([^>]*)>(.*?)<\/a\s*>/gs)) {
    if (textOf(inner) !== text) continue
    return visit(new URL(decode(/href="([^"]*)"/.exec(attributes)?.[1] ?? ''), page.url).href)
  }
  throw new Error(`${page.url} has no link "${text}"`)
}

/** Fails for a page that needs anything but itself, or that could run a script. */
export function expectStrict(page: Page): void {
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("form-action 'self'")
  expect(policy).not.toContain('unsafe')
  const foreign = page.html.match(
    /<(?:script|img|link|iframe|object|embed)\b|<\w+\s[^>]*?\s(?:on\w+|style|src)\s*=/gi,
  )
  expect(foreign).toBeNull()
}
