import { parseDecimal } from '../../kit/decimal.ts'
import { invalidRequest, missingParameter, StripeError } from './errors.ts'
import type { Raw, RawHash } from './form.ts'
import { fieldOf, resolved, type Shape } from './shapes.ts'

/**
 * Reads a request against the derived shape of its parameters, as strictly as Stripe: unknown, missing, mistyped and
 * empty parameters are refused. Whoever gets the result need not check again.
 */
export function readParameters(raw: RawHash, shape: Shape): Readonly<Record<string, unknown>> {
  const structure = resolved(shape)
  if (typeof structure !== 'object' || !('fields' in structure)) return raw
  return readFields(raw, structure.fields, '')
}

function readFields(
  raw: RawHash,
  fields: Readonly<Record<string, Shape>>,
  path: string,
): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(raw).filter((key) => fieldOf(fields, key) === undefined)
  if (path === '' && unknown.includes('payment_method_types')) throw methodTypesRemoved()
  if (unknown.length > 0) throw unknownParameters(unknown.map((key) => join(path, key)))
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(raw)) {
    const field = fieldOf(fields, key)
    if (field !== undefined) result[key] = readValue(value, field.shape, join(path, key))
  }
  for (const key of Object.keys(fields)) {
    if (!key.endsWith('?') && raw[key] === undefined) throw missingParameter(join(path, key))
  }
  return result
}

function readValue(raw: Raw, shape: Shape, path: string): unknown {
  if (typeof shape === 'object' && 'nullable' in shape) {
    return raw === '' || raw === null ? null : readValue(raw, shape.nullable, path)
  }
  if (shape === 'text') return raw === '' || raw === null ? null : readText(raw, path)
  if (raw === '' && shape !== 'any') throw emptyParameter(path)
  const structure = resolved(shape)
  switch (structure) {
    case 'any':
      return raw
    case 'string':
    case 'text':
      return readText(raw, path)
    case 'decimal':
      return readDecimal(raw, path)
    case 'integer':
      return readInteger(raw, path)
    case 'number':
      return readNumber(raw, path)
    case 'boolean':
      return readBoolean(raw, path)
  }
  if ('enum' in structure) return readEnum(raw, structure.enum, path)
  if ('anyOf' in structure) return readUnion(raw, structure.anyOf, path)
  if ('list' in structure) {
    return toList(raw, path).map((element, index) =>
      readValue(element, structure.list, join(path, String(index))),
    )
  }
  if ('map' in structure) return readMap(raw, structure.map, path)
  if ('fields' in structure) return readFields(toHash(raw, path), structure.fields, path)
  return readText(raw, path)
}

function readUnion(raw: Raw, branches: readonly Shape[], path: string): unknown {
  let problem: StripeError | undefined
  for (const branch of branches) {
    try {
      return readValue(raw, branch, path)
    } catch (error) {
      if (!(error instanceof StripeError)) throw error
      // The branch of the right kind has the telling message: of a hash, what is wrong inside it.
      const isHash = typeof raw === 'object' && typeof resolved(branch) === 'object'
      if (problem === undefined || isHash) problem = error
    }
  }
  throw problem ?? invalidRequest({ message: `Invalid ${path}`, param: path })
}

function readMap(raw: Raw, shape: Shape, path: string): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(toHash(raw, path))) {
    // '' stays: in metadata it deletes the key.
    result[key] = value === '' ? '' : readValue(value, shape, join(path, key))
  }
  return result
}

function readText(raw: Raw, path: string): string {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  throw invalidRequest({ message: `Invalid string: ${describe(raw)}`, param: path })
}

function readInteger(raw: Raw, path: string): number {
  const value = typeof raw === 'string' && /^[+-]?\d{1,16}$/.test(raw) ? Number(raw) : raw
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw invalidRequest({
    code: 'parameter_invalid_integer',
    message: `Invalid integer: ${describe(raw)}`,
    param: path,
  })
}

function readNumber(raw: Raw, path: string): number {
  const value = typeof raw === 'string' && /^-?\d+(\.\d+)?$/.test(raw) ? Number(raw) : raw
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidRequest({ message: `Invalid decimal: ${describe(raw)}`, param: path })
}

function readDecimal(raw: Raw, path: string): string {
  const text = typeof raw === 'number' ? String(raw) : raw
  if (typeof text === 'string' && parseDecimal(text) !== undefined) return text
  throw invalidRequest({
    message: `Invalid decimal: ${describe(raw)}; must contain at maximum 12 decimal places.`,
    param: path,
  })
}

function readBoolean(raw: Raw, path: string): boolean {
  if (raw === true || raw === 'true') return true
  if (raw === false || raw === 'false') return false
  throw invalidRequest({ message: `Invalid boolean: ${describe(raw)}`, param: path })
}

function readEnum(
  raw: Raw,
  values: readonly (string | number | boolean)[],
  path: string,
): string | number | boolean {
  const found = values.find((value) => value === raw || String(value) === raw)
  if (found !== undefined) return found
  const choices = values.map(String)
  const wording =
    choices.length === 1
      ? `must be ${choices.join('')}`
      : `must be one of ${choices.slice(0, -1).join(', ')}${choices.length > 2 ? ',' : ''} or ${choices.at(-1)}`
  throw invalidRequest({ message: `Invalid ${path}: ${wording}`, param: path })
}

function toHash(raw: Raw, path: string): RawHash {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw as RawHash
  throw invalidRequest({ message: `Invalid object: ${describe(raw)}`, param: path })
}

function toList(raw: Raw, path: string): readonly Raw[] {
  if (Array.isArray(raw)) return raw as readonly Raw[]
  if (typeof raw === 'object' && raw !== null) {
    const entries = Object.entries(raw as RawHash)
    if (entries.every(([key]) => /^\d{1,6}$/.test(key))) {
      return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value)
    }
  }
  throw invalidRequest({ message: `Invalid array: ${describe(raw)}`, param: path })
}

function describe(raw: Raw): string {
  return typeof raw === 'object' ? JSON.stringify(raw) : String(raw)
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}[${key}]`
}

function emptyParameter(param: string): StripeError {
  return invalidRequest({
    code: 'parameter_invalid_empty',
    message: `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
    param,
  })
}

function methodTypesRemoved(): StripeError {
  return invalidRequest({
    code: 'payment_method_types_no_longer_supported',
    message:
      'The parameter `payment_method_types` is no longer supported as of API version 2026-09-30.endive. Use `allowed_payment_method_types` to restrict the payment methods offered.',
    param: 'payment_method_types',
  })
}

function unknownParameters(params: readonly string[]): StripeError {
  return invalidRequest({
    code: 'parameter_unknown',
    message: `Received unknown parameter${params.length === 1 ? '' : 's'}: ${params.join(', ')}`,
    param: params[0],
  })
}
