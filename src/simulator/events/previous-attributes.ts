type Hash = Readonly<Record<string, unknown>>

/**
 * What an `*.updated` event says of the past: the old values of the keys that changed. Hashes are reduced to their changed
 * keys, lists are given whole, a key that was not there before is null. Undefined when nothing changed.
 */
export function previousAttributes(before: Hash, after: Hash): Hash | undefined {
  const previous: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[key]
    const current = after[key]
    if (isSame(old, current)) continue
    previous[key] =
      isHash(old) && isHash(current) ? previousAttributes(old, current) : (old ?? null)
  }
  return Object.keys(previous).length === 0 ? undefined : previous
}

/** Equal as JSON: undefined and a missing key are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => isSame(value, b[index]))
  }
  if (!isHash(a) || !isHash(b)) return false
  for (const key of Object.keys(a)) if (!isSame(a[key], b[key])) return false
  for (const key of Object.keys(b)) if (a[key] === undefined && b[key] !== undefined) return false
  return true
}

function isHash(value: unknown): value is Hash {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
