import { fieldOf, namedShape, type Shape } from './shapes.ts'

const MAX_PROBLEMS = 20

/**
 * What an answer has against its derived shape, as `path: problem`. Empty means it agrees. Run over everything the simulator
 * sends when `checksShapes` is on, as it is in our tests.
 */
export function findShapeProblems(value: unknown, shape: Shape, path = '$'): readonly string[] {
  const problems: string[] = []
  check(value, shape, path, problems)
  return problems
}

function check(value: unknown, shape: Shape, path: string, problems: string[]): void {
  if (problems.length >= MAX_PROBLEMS) return
  const complain = (expected: string) =>
    void problems.push(`${path}: expected ${expected}, got ${summarize(value)}`)
  switch (shape) {
    case 'any':
      return
    case 'string':
    case 'text':
    case 'decimal':
      if (typeof value !== 'string') complain(shape)
      return
    case 'integer':
      if (!Number.isSafeInteger(value)) complain(shape)
      return
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) complain(shape)
      return
    case 'boolean':
      if (typeof value !== 'boolean') complain(shape)
      return
  }
  if ('nullable' in shape) {
    if (value !== null) check(value, shape.nullable, path, problems)
  } else if ('ref' in shape) {
    check(value, namedShape(shape.ref) ?? 'any', path, problems)
  } else if ('enum' in shape) {
    const isListed = shape.enum.some((entry) => entry === value)
    if (!isListed && !(shape.open === 1 && typeof value === 'string'))
      complain(shape.enum.join('|'))
  } else if ('list' in shape) {
    if (!Array.isArray(value)) complain('a list')
    else value.forEach((entry, index) => check(entry, shape.list, `${path}[${index}]`, problems))
  } else if ('map' in shape) {
    if (!isHash(value)) complain('a hash')
    else
      for (const [key, entry] of Object.entries(value))
        check(entry, shape.map, `${path}.${key}`, problems)
  } else if ('expandable' in shape) {
    if (typeof value === 'string') return
    const object = isHash(value) ? value['object'] : undefined
    const isDeleted = isHash(value) && value['deleted'] === true
    const name = isDeleted ? `deleted_${String(object)}` : String(object)
    if (!shape.expandable.includes(name)) complain(`an id or ${shape.expandable.join('|')}`)
    else check(value, namedShape(name) ?? 'any', path, problems)
  } else if ('page' in shape) {
    checkFields(value, PAGE_FIELDS, path, problems)
    if (isHash(value)) check(value['data'], { list: shape.page }, `${path}.data`, problems)
  } else if ('anyOf' in shape) {
    const attempts = shape.anyOf.map((branch) => findShapeProblems(value, branch, path))
    if (attempts.some((attempt) => attempt.length === 0)) return
    const closest = attempts.toSorted((a, b) => a.length - b.length)[0] ?? []
    problems.push(...closest)
  } else {
    checkFields(value, shape.fields, path, problems)
  }
}

const PAGE_FIELDS: Readonly<Record<string, Shape>> = {
  object: { enum: ['list', 'search_result'] },
  data: 'any',
  has_more: 'boolean',
  url: 'string',
  'next_page?': { nullable: 'string' },
  'total_count?': 'integer',
}

function checkFields(
  value: unknown,
  fields: Readonly<Record<string, Shape>>,
  path: string,
  problems: string[],
): void {
  if (!isHash(value)) {
    problems.push(`${path}: expected a hash, got ${summarize(value)}`)
    return
  }
  for (const [key, entry] of Object.entries(value)) {
    if (entry === undefined) continue
    const field = fieldOf(fields, key)
    if (field === undefined) problems.push(`${path}.${key}: not in the specification`)
    else check(entry, field.shape, `${path}.${key}`, problems)
  }
  for (const key of Object.keys(fields)) {
    if (!key.endsWith('?') && value[key] === undefined) problems.push(`${path}.${key}: missing`)
  }
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function summarize(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
