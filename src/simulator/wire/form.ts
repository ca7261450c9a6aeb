import { invalidRequest } from './errors.ts'

/**
 * A parsed request before anything is known about its meaning. Forms have strings and hashes only; a list is a hash with
 * the keys 0, 1, 2 until a shape says otherwise. JSON bodies bring the other kinds.
 */
export type Raw = string | number | boolean | null | readonly Raw[] | RawHash
export interface RawHash {
  readonly [key: string]: Raw
}
type MutableHash = { [key: string]: string | MutableHash }

const MAX_DEPTH = 12
const MAX_PAIRS = 5_000

/**
 * Reads `application/x-www-form-urlencoded` with Stripe's brackets: `items[0][price]=…`, `expand[]=…`, raw or encoded.
 * `a[][b]=1&a[][c]=2&a[][b]=3` starts a new element whenever a key repeats, as curl users expect.
 */
export function parseForm(text: string): RawHash {
  const root = newHash()
  if (text === '') return root
  const pairs = text.split('&')
  if (pairs.length > MAX_PAIRS) {
    throw invalidRequest({ message: `A request may have at most ${MAX_PAIRS} parameters.` })
  }
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
    assign(root, splitName(name), value)
  }
  return root
}

function newHash(): MutableHash {
  return Object.create(null) as MutableHash
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidRequest({ message: 'The request is not properly percent-encoded.' })
  }
}

function splitName(name: string): readonly string[] {
  const bracket = name.indexOf('[')
  if (bracket <= 0) return [name]
  const segments = [name.slice(0, bracket)]
  for (const match of name.slice(bracket).matchAll(/\[([^\]]*)\]/g)) segments.push(match[1] ?? '')
  if (segments.length > MAX_DEPTH) {
    throw invalidRequest({ message: `Parameters may be nested at most ${MAX_DEPTH} deep.` })
  }
  return segments
}

function assign(root: MutableHash, segments: readonly string[], value: string): void {
  let hash = root
  for (const [index, segment] of segments.entries()) {
    const rest = segments.slice(index + 1)
    const key = segment === '' ? appendedKey(hash, rest) : segment
    if (rest.length === 0) {
      hash[key] = value
      return
    }
    const child = hash[key]
    if (typeof child === 'string') {
      const param = segments[0] ?? ''
      throw invalidRequest({ message: `Invalid ${param}: both a value and a hash.`, param })
    }
    const next = child ?? newHash()
    hash[key] = next
    hash = next
  }
}

function appendedKey(hash: MutableHash, rest: readonly string[]): string {
  const count = Object.keys(hash).length
  const last = hash[String(count - 1)]
  const continues = rest.length > 0 && typeof last === 'object' && !isSet(last, rest)
  return String(continues ? count - 1 : count)
}

function isSet(hash: MutableHash, path: readonly string[]): boolean {
  let value: string | MutableHash | undefined = hash
  for (const segment of path) {
    if (typeof value !== 'object' || segment === '') return false
    value = value[segment]
  }
  return value !== undefined
}
