/** JSON can say what PostgreSQL cannot keep: NUL, halves of surrogate pairs, and nesting without an end. */
export interface Unstorable {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Deeper than any document people write, shallower than any stack. */
const MOST_LEVELS = 128

/** The first place of a JSON value that could not be stored. */
export function findUnstorable(
  value: unknown,
  path: readonly PropertyKey[] = [],
): Unstorable | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return { path, message: 'must not contain the character NUL' }
    return value.isWellFormed() ? undefined : { path, message: 'must be well-formed Unicode' }
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (path.length === MOST_LEVELS) return { path: [], message: 'is nested too deeply' }
  for (const [name, member] of Object.entries(value)) {
    const key = Array.isArray(value) ? Number(name) : name
    const found = findUnstorable(name, path) ?? findUnstorable(member, [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}

/** The nearest value that can be stored, for what is only kept to be looked at. */
export function toStorable(value: unknown, level = 0): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD')
  if (typeof value !== 'object' || value === null) return value
  if (level === MOST_LEVELS) return null
  if (Array.isArray(value)) return value.map((member) => toStorable(member, level + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      toStorable(name),
      toStorable(member, level + 1),
    ]),
  )
}
