import {
  isKnownResource,
  isResource,
  nameOf,
  FOREIGN_PAYMENT_TYPES,
  type Schema,
  type Specification,
} from './stripe-specification.ts'

/** The compact notation of `src/simulator/wire/shapes.ts`; a field whose key ends in `?` may be missing. */
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

export type Side = 'parameter' | 'answer'

/** Text parameters that name an object or a fixed choice: unlike free text they cannot be unset with ''. */
const REFERENCES = new Set(
  `customer customer_account payment_method price product subscription subscription_item invoice invoice_item currency coupon
  promotion_code discount charge payment_intent setup_intent meter feature entitlement_feature test_clock source
  configuration credit_note refund dispute event_name from_subscription schedule tax_rate type id url mode interval
  starting_after ending_before expand code success_url query page`
    .trim()
    .split(/\s+/),
)

export interface Shapes {
  of(schema: Schema, side: Side): Shape
  need(name: string, side: Side): string
  /** Every named shape reached so far, in the order of first use. */
  named(): ReadonlyMap<string, Shape>
}

/**
 * The specification repeats many structures under different names (every address, every list of tax ids). A named
 * structure equal to an earlier one is written under the earlier name.
 */
export function createShapes(specification: Specification): Shapes {
  const named = new Map<string, Shape>()
  const canonical = new Map<string, string>()
  const firstWith = new Map<string, string>()

  function need(name: string, side: Side): string {
    const known = canonical.get(name)
    if (known !== undefined) return known
    canonical.set(name, name)
    const schema = specification.components.schemas[name]
    if (schema === undefined) throw new Error(`The specification has no schema ${name}`)
    named.set(name, 'any')
    const shape = of(schema, side)
    const text = JSON.stringify([shape, side])
    const first = isResource(name) ? undefined : firstWith.get(text)
    if (first !== undefined) {
      named.delete(name)
      canonical.set(name, first)
      return first
    }
    if (!isResource(name)) firstWith.set(text, name)
    named.set(name, shape)
    return name
  }

  function of(schema: Schema, side: Side, field = ''): Shape {
    const bare = bareShape(schema, side, field)
    const isNullable = typeof bare === 'object' && 'nullable' in bare
    return schema.nullable === true && !isNullable ? { nullable: bare } : bare
  }

  function bareShape(schema: Schema, side: Side, field: string): Shape {
    const name = nameOf(schema)
    if (name !== undefined) return isKnownResource(name) ? { ref: need(name, side) } : 'any'
    const expansion = schema['x-expansionResources']
    if (expansion !== undefined && side === 'answer') {
      const resources = expansion.oneOf.map((entry) => nameOf(entry) ?? '').filter(isKnownResource)
      return { expandable: resources.map((resource) => need(resource, side)) }
    }
    if (schema.anyOf !== undefined || schema.oneOf !== undefined)
      return unionShape(schema, side, field)
    if (schema.enum !== undefined) return enumShape(schema, side)
    switch (schema.type) {
      case 'array':
        return { list: asElement(of(schema.items ?? {}, side, field)) }
      case 'object':
        return objectShape(schema, side)
      case 'string':
        if (schema.format === 'decimal') return 'decimal'
        return side === 'parameter' && !REFERENCES.has(field) ? 'text' : 'string'
      case 'integer':
      case 'number':
      case 'boolean':
        return schema.type
      default:
        return 'any'
    }
  }

  function unionShape(schema: Schema, side: Side, field: string): Shape {
    const branches = schema.anyOf ?? schema.oneOf ?? []
    const isUnset = (branch: Schema) => branch.enum?.length === 1 && branch.enum[0] === ''
    const kept = branches
      .filter((branch) => !isUnset(branch) && isKnownResource(nameOf(branch) ?? 'inline'))
      .map((branch) => of(branch, side, field))
    const distinct = [...new Map(kept.map((shape) => [JSON.stringify(shape), shape])).values()]
    const [only] = distinct
    const shape = only === undefined ? 'any' : distinct.length === 1 ? only : { anyOf: distinct }
    return branches.some(isUnset) ? { nullable: shape } : shape
  }

  function enumShape(schema: Schema, side: Side): Shape {
    const values = (schema.enum ?? []).filter((value) => value !== '')
    if (values.length === 0) return { nullable: 'any' }
    const isOpen = schema['x-open-enum'] === true && side === 'answer'
    const shape = isOpen ? ({ enum: values, open: 1 } as const) : { enum: values }
    return values.length === schema.enum?.length ? shape : { nullable: shape }
  }

  function objectShape(schema: Schema, side: Side): Shape {
    if (schema.properties === undefined) {
      const values = schema.additionalProperties
      // A hash of parameters without any is closed all the same.
      if (values === undefined && side === 'parameter') return { fields: {} }
      const value = typeof values === 'object' ? of(values, side) : 'any'
      return { map: asElement(value) }
    }
    const data = schema.properties['data']
    if (data?.type === 'array' && schema.properties['has_more'] !== undefined) {
      return { page: of(data.items ?? {}, side) }
    }
    const required = new Set(schema.required)
    const fields: Record<string, Shape> = {}
    for (const [key, value] of Object.entries(schema.properties)) {
      if (value['x-absent'] === true) continue
      const shape = FOREIGN_PAYMENT_TYPES.has(key) ? 'any' : of(value, side, key)
      if (required.has(key)) fields[key] = shape === 'text' ? 'string' : shape
      else fields[`${key}?`] = shape
    }
    return { fields }
  }

  /** An element of a list cannot be unset, and within a map '' has a meaning of its own: in metadata it deletes the key. */
  function asElement(shape: Shape): Shape {
    return shape === 'text' ? 'string' : shape
  }

  return { of, need, named: () => named }
}
