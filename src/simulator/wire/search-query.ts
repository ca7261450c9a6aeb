import { invalidRequest } from './errors.ts'

type Hash = Readonly<Record<string, unknown>>

/** What kind of comparison a field takes: text and tokens match, numbers also order. */
export type FieldType = 'text' | 'number' | 'boolean'

/** The fields of a resource that can be searched, each with a way to read it. `metadata` always can. */
export type SearchFields = Readonly<
  Record<string, { readonly type: FieldType; readonly read: (object: Hash) => unknown }>
>

interface Clause {
  readonly isNegated: boolean
  readonly operator: ':' | '~' | '>' | '<' | '>=' | '<='
  readonly type: FieldType
  readonly read: (object: Hash) => unknown
  /** Null asks whether the field is missing. */
  readonly value: string | null
}

const MAX_CLAUSES = 10
const MIN_SUBSTRING_LENGTH = 3
const TOKEN =
  /\s*(?:(AND|OR)\b|(-)?([a-zA-Z_][\w.]*)(?:\[\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\])?\s*(:|~|>=|<=|>|<)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"']+))/gy

/**
 * Compiles Stripe's search language: `email:"a@b.c" AND metadata["plan"]:"pro"`, `-status:"canceled"`, `created>1700000000`,
 * `name~"acme"`. AND and OR cannot be mixed and there are no parentheses.
 */
export function compileSearch(query: string, fields: SearchFields): (object: Hash) => boolean {
  const { clauses, isAny } = parse(query, fields)
  return (object) =>
    isAny
      ? clauses.some((clause) => matches(clause, object))
      : clauses.every((clause) => matches(clause, object))
}

function parse(
  query: string,
  fields: SearchFields,
): { readonly clauses: readonly Clause[]; readonly isAny: boolean } {
  const clauses: Clause[] = []
  const connectives = new Set<string>()
  const text = query.trim()
  let position = 0
  while (position < text.length) {
    TOKEN.lastIndex = position
    const match = TOKEN.exec(text)
    if (match === null) throw unreadable(text.slice(position).trim())
    position = TOKEN.lastIndex
    const [, connective, minus, field = '', key, operator = ':', value = ''] = match
    if (connective === undefined) {
      clauses.push(toClause(fields, minus === '-', field, key, operator, value))
    } else {
      connectives.add(connective)
    }
  }
  if (clauses.length === 0) throw unreadable(text)
  if (clauses.length > MAX_CLAUSES) {
    throw invalidRequest({
      message: `A search query can have at most ${MAX_CLAUSES} clauses.`,
      param: 'query',
    })
  }
  if (connectives.size > 1) {
    throw invalidRequest({
      message: 'You cannot combine AND and OR in the same search query.',
      param: 'query',
    })
  }
  return { clauses, isAny: connectives.has('OR') }
}

function toClause(
  fields: SearchFields,
  isNegated: boolean,
  name: string,
  key: string | undefined,
  operator: string,
  value: string,
): Clause {
  const isMetadata = name === 'metadata' && key !== undefined
  const field = isMetadata
    ? { type: 'text' as const, read: readMetadata(unquote(key)) }
    : fields[name]
  if (field === undefined || (key !== undefined && !isMetadata)) {
    throw invalidRequest({
      message: `Field \`${name}\` is an unsupported search field for this resource.`,
      param: 'query',
    })
  }
  const isOrdering = operator !== ':' && operator !== '~'
  if ((isOrdering && field.type !== 'number') || (operator === '~' && field.type !== 'text')) {
    throw invalidRequest({
      message: `Field \`${name}\` cannot be searched with the operator \`${operator}\`.`,
      param: 'query',
    })
  }
  const text = value === 'null' ? null : unquote(value)
  if (operator === '~' && (text?.length ?? 0) < MIN_SUBSTRING_LENGTH) {
    throw invalidRequest({
      message: `Substring searches need at least ${MIN_SUBSTRING_LENGTH} characters.`,
      param: 'query',
    })
  }
  return {
    isNegated,
    operator: operator as Clause['operator'],
    type: field.type,
    read: field.read,
    value: text,
  }
}

function readMetadata(key: string): (object: Hash) => unknown {
  return (object) => (object['metadata'] as Hash | null | undefined)?.[key]
}

function unquote(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text
}

function matches(clause: Clause, object: Hash): boolean {
  return holds(clause, clause.read(object)) !== clause.isNegated
}

function holds({ operator, type, value }: Clause, actual: unknown): boolean {
  if (value === null) return actual === null || actual === undefined
  if (actual === null || actual === undefined) return false
  if (type === 'number') {
    const [left, right] = [Number(actual), Number(value)]
    switch (operator) {
      case '>':
        return left > right
      case '<':
        return left < right
      case '>=':
        return left >= right
      case '<=':
        return left <= right
      default:
        return left === right
    }
  }
  const left = typeof actual === 'string' ? actual.toLowerCase() : JSON.stringify(actual)
  const right = value.toLowerCase()
  return operator === '~' ? left.includes(right) : left === right
}

function unreadable(rest: string) {
  return invalidRequest({
    message: `We were unable to parse your search query near \`${rest}\`. Try using the format \`metadata["key"]:"value"\` to query for metadata or key:"value" to query for other fields.`,
    param: 'query',
  })
}
