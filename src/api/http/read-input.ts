import type { z } from 'zod'
import { type FieldError, invalidRequest } from '../../errors.ts'
import { findUnstorable } from '../../kit/storable.ts'
import type { RouteDefinition } from '../contract/route.ts'
import { readCloudEvent, readJson } from './read-body.ts'

export const MAX_BODY_BYTES = 512 * 1024

/** Checks parameters, query and body, and reports everything that is wrong with all three at once. */
export async function readInput(
  { params, query, body, takesCloudEvents }: RouteDefinition,
  raw: { readonly params: unknown; readonly query: unknown; readonly request: Request },
): Promise<unknown> {
  const errors: FieldError[] = []
  const take = (schema: z.ZodType | undefined, value: unknown, prefix: string): unknown => {
    if (schema === undefined) return undefined
    const unstorable = findUnstorable(value)
    if (unstorable !== undefined && !(takesCloudEvents === true && schema === body)) {
      errors.push({ path: pathOf(unstorable.path, prefix), message: unstorable.message })
      return undefined
    }
    const result = schema.safeParse(value)
    if (result.success) return result.data
    errors.push(...result.error.issues.flatMap((issue) => fieldErrors(issue, prefix)))
    return undefined
  }
  const readBody = takesCloudEvents === true ? readCloudEvent : readJson
  const input = {
    params: take(params, raw.params, ''),
    query: take(query, raw.query, ''),
    body: body === undefined ? undefined : take(body, await readBody(raw.request), ''),
  }
  if (errors.length > 0) throw invalidRequest(errors)
  return input
}

/** `If-Match: "7"`, with or without quotes. `*` is any version. */
export function readIfMatch(headers: Headers): number | null {
  const text = headers.get('if-match')
  if (text === null || text === '*') return null
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(text)?.[1]
  if (version !== undefined) return Number(version)
  throw invalidRequest([{ path: 'If-Match', message: 'must be a version such as "7"' }])
}

/** What a schema has to say, as paths and sentences. */
export function fieldErrors(issue: z.core.$ZodIssue, prefix: string): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key], prefix),
      message: 'is not known here',
    }))
  }
  return [{ path: pathOf(issue.path, prefix), message: lowerFirst(issue.message) }]
}

/** `rateCards[0].prices.usd` */
function pathOf(path: readonly PropertyKey[], prefix: string): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${part}]`
        : text === ''
          ? String(part)
          : `${text}.${String(part)}`,
    prefix,
  )
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** Whether a request asks for a table; browsers that accept everything do not. */
export function wantsCsv({ headers }: Request): boolean {
  return (headers.get('accept') ?? '').split(',').some((type) => type.trim() === 'text/csv')
}
