import { OPERATIONS, SHAPES } from './stripe-tables.generated.ts'

/**
 * What a value on the wire looks like, in the notation of the derived tables. A field whose key ends in `?` may be
 * missing. `text` is a string parameter that '' unsets; `page` is Stripe's list envelope; `expandable` is an id that
 * `expand` replaces by one of the named objects.
 */
export type Shape =
  | 'string'
  | 'text'
  | 'decimal'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'any'
  | { readonly ref: string }
  | { readonly nullable: Shape }
  | { readonly expandable: readonly string[] }
  | { readonly anyOf: readonly Shape[] }
  | { readonly enum: readonly (string | number | boolean)[]; readonly open?: 1 }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly page: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> }

export type OperationKey = keyof typeof OPERATIONS

interface Operation {
  readonly id: string
  readonly parameters: Shape
  readonly answer: Shape
}

const parsedShapes = new Map<string, Shape>()
const parsedOperations = new Map<OperationKey, Operation>()

/** Shapes are parsed when first used, so that starting costs nothing. */
export function namedShape(name: string): Shape | undefined {
  const known = parsedShapes.get(name)
  if (known !== undefined) return known
  const text = SHAPES[name]
  if (text === undefined) return undefined
  const shape = JSON.parse(text) as Shape
  parsedShapes.set(name, shape)
  return shape
}

export function operationShapes(key: OperationKey): Operation {
  const known = parsedOperations.get(key)
  if (known !== undefined) return known
  const [id, parameters, answer] = OPERATIONS[key]
  const operation = {
    id,
    parameters: JSON.parse(parameters) as Shape,
    answer: JSON.parse(answer) as Shape,
  }
  parsedOperations.set(key, operation)
  return operation
}

/** Follows references and drops nullability: the structure itself. */
export function resolved(shape: Shape): Exclude<Shape, { ref: string } | { nullable: Shape }> {
  if (typeof shape === 'object' && 'ref' in shape) return resolved(namedShape(shape.ref) ?? 'any')
  if (typeof shape === 'object' && 'nullable' in shape) return resolved(shape.nullable)
  return shape
}

export function fieldOf(
  fields: Readonly<Record<string, Shape>>,
  name: string,
): { readonly shape: Shape; readonly isOptional: boolean } | undefined {
  const required = fields[name]
  if (required !== undefined) return { shape: required, isOptional: false }
  const optional = fields[`${name}?`]
  return optional === undefined ? undefined : { shape: optional, isOptional: true }
}
