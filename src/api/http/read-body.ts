import { AppError } from '../../errors.ts'

export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text()
  if (text === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new AppError('malformed_body', {}, { cause: error })
  }
}

/**
 * A CloudEvent in any of its modes: structured and batched are the JSON itself; in binary mode each attribute is a header
 * `ce-…`, percent-encoded where it has to be, and the body is the data alone.
 */
export async function readCloudEvent(request: Request): Promise<unknown> {
  const { headers } = request
  const body = await readJson(request)
  const contentType = headers.get('content-type') ?? ''
  if (!headers.has('ce-specversion') || /^application\/cloudevents\b/i.test(contentType))
    return body
  const attributes = [...headers]
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice('ce-'.length), decode(value)])
  return { ...Object.fromEntries(attributes), datacontenttype: contentType || null, data: body }
}

/** What is not encoded as it should be is taken as it stands. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
