import type { Kind } from '../store/documents.ts'
import { INDEXED_FIELDS } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from './errors.ts'
import { fieldOf, namedShape, resolved, type Shape } from './shapes.ts'

type Hash = Readonly<Record<string, unknown>>

/** Fields Stripe leaves out unless they are asked for: by object type, what to put there. */
export type Includables = Readonly<
  Record<string, Readonly<Record<string, (tx: Transaction, object: Hash) => unknown>>>
>

const MAX_DEPTH = 4

export interface ExpandContext {
  readonly tx: Transaction
  readonly includables: Includables
}

/**
 * Replaces the ids that were asked for by their objects, and adds fields that are only shown on request. The answer shares
 * its parts with stored documents, so everything on a path is copied before it is changed.
 */
export function expandAnswer(
  context: ExpandContext,
  answer: unknown,
  shape: Shape,
  paths: readonly string[],
): unknown {
  let result = answer
  for (const path of paths) {
    const segments = path.split('.')
    const depth = segments.filter((segment) => segment !== 'data').length
    if (depth > MAX_DEPTH) {
      throw invalidRequest({
        message: `You cannot expand more than ${MAX_DEPTH} levels of a property. Property: ${path}`,
        param: 'expand',
      })
    }
    result = expandPath(context, result, shape, segments, path)
  }
  return result
}

function expandPath(
  context: ExpandContext,
  value: unknown,
  shape: Shape,
  segments: readonly string[],
  path: string,
): unknown {
  const [segment, ...rest] = segments
  if (segment === undefined || value === null || value === undefined) return value
  if (Array.isArray(value)) {
    const structure = resolved(shape)
    const element = typeof structure === 'object' && 'list' in structure ? structure.list : 'any'
    return value.map((entry: unknown) => expandPath(context, entry, element, segments, path))
  }
  if (!isHash(value)) throw notExpandable(path)

  const structure = resolved(shapeOfObject(value) ?? shape)
  if (typeof structure === 'object' && 'page' in structure) {
    if (segment !== 'data') throw notExpandable(path)
    return {
      ...value,
      data: expandPath(context, value['data'], { list: structure.page }, rest, path),
    }
  }
  if (segment === 'data' && (value['object'] === 'list' || value['object'] === 'search_result')) {
    const data = value['data'] as readonly unknown[]
    return { ...value, data: data.map((entry) => expandPath(context, entry, 'any', rest, path)) }
  }
  const field = fieldIn(structure, segment)
  if (field === undefined) throw notExpandable(path)
  const filled = fill(context, value, segment, field, rest.length === 0, path)
  const child = expandPath(context, filled, field, rest, path)
  return child === value[segment] ? value : { ...value, [segment]: child }
}

/** The value of one field with its id replaced or, if it is left out by default, added. */
function fill(
  context: ExpandContext,
  object: Hash,
  name: string,
  shape: Shape,
  isLast: boolean,
  path: string,
): unknown {
  const value = object[name]
  const structure = resolved(shape)
  const include = context.includables[String(object['object'])]?.[name]
  if (value === undefined && include !== undefined) return include(context.tx, object)
  if (typeof structure === 'object' && 'expandable' in structure) {
    return typeof value === 'string' ? lookUp(context.tx, value, structure.expandable) : value
  }
  if (typeof structure === 'object' && 'list' in structure && Array.isArray(value)) {
    const element = resolved(structure.list)
    if (typeof element === 'object' && 'expandable' in element) {
      return value.map((entry: unknown) =>
        typeof entry === 'string' ? lookUp(context.tx, entry, element.expandable) : entry,
      )
    }
  }
  if (isLast && include === undefined && isAlwaysShown(structure)) throw notExpandable(path)
  return value
}

/** Naming a field that is there anyway is a mistake Stripe reports; naming one that happens to be missing is not. */
function isAlwaysShown(structure: Exclude<Shape, { ref: string } | { nullable: Shape }>): boolean {
  return typeof structure === 'string' || 'enum' in structure || 'map' in structure
}

function lookUp(tx: Transaction, id: string, resources: readonly string[]): unknown {
  for (const resource of resources) {
    if (resource in INDEXED_FIELDS && tx.find(resource as Kind, id) !== undefined) {
      return tx.present(resource as Kind, id)
    }
  }
  return id
}

function fieldIn(
  structure: Exclude<Shape, { ref: string } | { nullable: Shape }>,
  name: string,
): Shape | undefined {
  if (typeof structure !== 'object') return undefined
  if ('fields' in structure) return fieldOf(structure.fields, name)?.shape
  if ('map' in structure) return structure.map
  if ('anyOf' in structure) {
    for (const branch of structure.anyOf) {
      const field = fieldIn(resolved(branch), name)
      if (field !== undefined) return field
    }
  }
  return undefined
}

function shapeOfObject(value: Hash): Shape | undefined {
  const name = value['object']
  if (typeof name !== 'string' || name === 'list' || name === 'search_result') return undefined
  // What may be asked for does not depend on whether the object was deleted meanwhile: it is not there, then.
  return namedShape(name)
}

function isHash(value: unknown): value is Hash {
  return typeof value === 'object' && value !== null
}

function notExpandable(path: string) {
  return invalidRequest({
    message: `This property cannot be expanded (${path}).`,
    param: 'expand',
  })
}
