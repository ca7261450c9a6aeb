/**
 * The one reading of a path. Gateways and upstreams that read the same path differently are how a request is priced as
 * one thing and served as another, so whatever has two readings is refused instead of guessed.
 */
const UNRESERVED = /^[A-Za-z0-9\-._~]$/
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?=\/|$)/

/**
 * The canonical form, equal to the path itself for nearly all: percent-encoded letters, digits and `-._~` are decoded,
 * other escapes get upper-case digits (RFC 3986, 6.2.2). Undefined when the path is ambiguous: dot segments, empty
 * segments, backslashes, encoded NUL or broken escapes.
 */
export function canonicalPath(path: string): string | undefined {
  if (!path.startsWith('/')) return undefined
  const canonical = path.includes('%') ? normalizeEscapes(path) : path
  if (canonical === undefined || canonical.includes('//') || canonical.includes('\\')) {
    return undefined
  }
  return canonical.includes('/.') && DOT_SEGMENT.test(canonical) ? undefined : canonical
}

function normalizeEscapes(path: string): string | undefined {
  let result = ''
  for (let i = 0; i < path.length; i++) {
    if (path[i] !== '%') {
      result += path[i]
      continue
    }
    const digits = path.slice(i + 1, i + 3)
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined
    const code = Number.parseInt(digits, 16)
    if (code === 0 || code === 0x5c) return undefined
    const character = String.fromCharCode(code)
    result += UNRESERVED.test(character) ? character : `%${digits.toUpperCase()}`
    i += 2
  }
  return result
}
