/** A page as somebody without JavaScript has it: its text, its forms, its links. */
export interface OpenPage {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly html: string
  /** Sends the form that has the given button, filled in as the page showed it and then by the fields. */
  send(fields: Readonly<Record<string, string>>): Promise<Response>
}

/** Opens a page, and follows redirects within the simulator. */
export async function openPage(url: string): Promise<OpenPage> {
  const response = await fetch(url)
  return readPage(response, response.url)
}

/** The page a form was answered with. */
export async function readPage(response: Response, url: string): Promise<OpenPage> {
  const html = await response.text()
  return {
    url,
    status: response.status,
    headers: response.headers,
    html,
    send: (fields) => sendForm(html, url, fields),
  }
}

/** Opens the page, fills in its form and sends it, as a browser does. */
export async function submit(
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  return (await openPage(url)).send(fields)
}

async function sendForm(
  html: string,
  pageUrl: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  const form = formFor(html, fields)
  const action = attributeOf(/<form[^>]*>/.exec(form)?.[0] ?? '', 'action')
  return fetch(new URL(action ?? pageUrl, pageUrl), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...valuesOf(form), ...fields }).toString(),
  })
}

/** The form whose button is pressed: the one that has it, or whose `form` it names. */
function formFor(html: string, fields: Readonly<Record<string, string>>): string {
  const forms = html.match(/<form[\s\S]*?<\/form>/g) ?? []
  const names = Object.keys(fields)
  const best = forms
    .map((form) => ({
      form,
      fit: names.filter((name) => hasField(form, name, fields[name] ?? '')).length,
    }))
    .toSorted((a, b) => b.fit - a.fit)[0]
  if (best === undefined) throw new Error(`No form for ${names.join(', ')} on the page: ${html}`)
  return best.form
}

function hasField(form: string, name: string, value: string): boolean {
  const tags = form.match(/<(?:input|select|textarea|button)[^>]*>/g) ?? []
  return tags.some(
    (tag) =>
      attributeOf(tag, 'name') === name &&
      (!tag.startsWith('<button') || attributeOf(tag, 'value') === value),
  )
}

/** What a browser would send of a form nobody has touched, without its buttons. */
function valuesOf(form: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const name = attributeOf(tag, 'name')
    const type = attributeOf(tag, 'type')
    if (name === undefined) continue
    if ((type === 'checkbox' || type === 'radio') && !/\schecked(?=[\s/>])/.test(tag)) continue
    values[name] = attributeOf(tag, 'value') ?? 'on'
  }
  for (const [select, tag = ''] of form.matchAll(/(<select[^>]*>)[\s\S]*?<\/select>/g)) {
    const options = select.match(/<option[^>]*>/g) ?? []
    const chosen = options.find((option) => /\sselected(?=[\s/>])/.test(option)) ?? options[0] ?? ''
    values[attributeOf(tag, 'name') ?? ''] = attributeOf(chosen, 'value') ?? ''
  }
  return values
}

function attributeOf(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value?.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'")
}
