/**
 * Derives the simulator's knowledge of Stripe's wire from an OpenAPI document of the Stripe API:
 *
 *     node scripts/derive-stripe-tables.ts path/to/spec3.json
 *
 * It writes `src/simulator/wire/stripe-tables.generated.ts` (operations, parameter and answer shapes, event types; read
 * at run time) and `src/simulator/stripe.generated.ts` (the same shapes as types). What the simulator answers is listed
 * in `stripe-operations.ts`; only what those operations reach is derived.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPERATIONS } from './stripe-operations.ts'
import {
  dereference,
  isKnownResource,
  isResource,
  loadSpecification,
  nameOf,
  type Schema,
} from './stripe-specification.ts'
import { createShapes, type Shape } from './stripe-shapes.ts'

const specificationPath = process.argv[2]
if (specificationPath === undefined) {
  throw new Error('Name the specification: node scripts/derive-stripe-tables.ts path/to/spec3.json')
}
const specification = loadSpecification(readFileSync(specificationPath, 'utf8'))
const shapes = createShapes(specification)
const outputFolder = join(import.meta.dirname, '..', 'src', 'simulator')

const operations = OPERATIONS.map((key) => {
  const [method = '', path = ''] = key.split(' ')
  const source = specification.paths[path]?.[method.toLowerCase()]
  if (source === undefined) throw new Error(`The specification has no operation ${key}`)
  const body = Object.values(source.requestBody?.content ?? {})[0]?.schema
  const parameters = body ?? source['x-query-schema']
  const answer = Object.values(source.responses[200]?.content ?? {})[0]?.schema
  return {
    key,
    id: source.operationId,
    parameters: withPage(
      key,
      parameters === undefined ? { fields: {} } : shapes.of(parameters, 'parameter'),
    ),
    answer: answer === undefined ? 'any' : shapes.of(answer, 'answer'),
  }
})
/** Lists of the second version hand out addresses of their next page, with a parameter that is documented nowhere. */
function withPage(key: string, parameters: Shape): Shape {
  const isList = key.startsWith('GET /v2/') && !key.endsWith('}')
  if (!isList || typeof parameters !== 'object' || !('ref' in parameters)) return parameters
  const structure = shapes.named().get(parameters.ref)
  if (typeof structure !== 'object' || !('fields' in structure)) return parameters
  return { fields: { ...structure.fields, 'page?': 'string' } }
}

// Reached by no operation: what errors and events carry.
for (const name of [
  'error',
  'billing.alert_triggered',
  'entitlements.active_entitlement_summary',
  'v2.core.event:V1BillingMeterErrorReportTriggeredEvent',
  'v2.core.event:V1BillingMeterNoMeterFoundEvent',
]) {
  shapes.need(name, 'answer')
}

const named = shapes.named()

const events = Object.keys(specification['x-event-schemas']).flatMap((type) => {
  const envelope = specification.components.schemas[`event:${type}`]
  const data = dereference(specification, envelope?.properties?.['data'] ?? {})
  const carried = resourcesIn(data.properties?.['object'] ?? {})
  const isOurs = carried.length > 0 && carried.every((name) => named.has(name))
  return isOurs ? [[type, carried.join('|')] as const] : []
})

function resourcesIn(schema: Schema): string[] {
  const name = nameOf(schema)
  if (name !== undefined && isResource(name)) return [name]
  if (name !== undefined) return resourcesIn(dereference(specification, schema))
  return (schema.anyOf ?? schema.oneOf ?? []).flatMap(resourcesIn).filter(isKnownResource)
}

const quote = (value: unknown): string =>
  `'${JSON.stringify(value)
    .replaceAll('\\', '\\\\')
    .replaceAll("'", String.raw`\'`)}'`
const pascal = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

/** `Customers:Customer.InvoiceSettings` → `CustomerInvoiceSettings`, `checkout.session` → `CheckoutSession`. */
const typeNames = new Map<string, string>()
for (const name of [...named.keys()].toSorted(
  (a, b) => Number(isResource(b)) - Number(isResource(a)),
)) {
  const short = pascal(name.slice(name.indexOf(':') + 1))
  const isTaken = [...typeNames.values()].includes(short)
  typeNames.set(name, isTaken ? pascal(name) : short)
}

function typeOf(shape: Shape): string {
  switch (shape) {
    case 'string':
    case 'decimal':
      return 'string'
    case 'text':
      return 'Text'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'any':
      return 'unknown'
  }
  if ('ref' in shape) return typeNames.get(shape.ref) ?? 'unknown'
  if ('nullable' in shape) return `${typeOf(shape.nullable)} | null`
  if ('expandable' in shape) return 'string'
  if ('anyOf' in shape) return [...new Set(shape.anyOf.map(typeOf))].join(' | ')
  if ('enum' in shape) return shape.enum.map((value) => JSON.stringify(value)).join(' | ')
  if ('list' in shape) return `readonly (${typeOf(shape.list)})[]`
  if ('map' in shape) return `{ readonly [key: string]: ${typeOf(shape.map)} }`
  if ('page' in shape) return `List<${typeOf(shape.page)}>`
  const fields = Object.entries(shape.fields)
    .filter(([key, value]) => value !== 'any' || !key.endsWith('?'))
    .map(([key, value]) => {
      const isOptional = key.endsWith('?')
      const name = isOptional ? key.slice(0, -1) : key
      const property = /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name)
      return isOptional
        ? `  readonly ${property}?: ${typeOf(value)} | undefined`
        : `  readonly ${property}: ${typeOf(value)}`
    })
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${fields.join('\n')}\n}`
}

const banner = `// Generated by scripts/derive-stripe-tables.ts from Stripe's API ${specification.info.version}; do not edit.
// The facts come from the type declarations of stripe-node: Copyright (c) Stripe, Inc., MIT licence.
`

writeFileSync(
  join(outputFolder, 'wire', 'stripe-tables.generated.ts'),
  `${banner}
export const API_VERSION = ${JSON.stringify(specification.info.version)}

/** Method and path → operation id, shape of the parameters, shape of the answer. */
export const OPERATIONS = {
${operations.map(({ key, id, parameters, answer }) => `  '${key}': ['${id}', ${quote(parameters)}, ${quote(answer)}],`).join('\n')}
} as const satisfies Readonly<Record<string, readonly [string, string, string]>>

/** Named shapes as JSON texts, so that only what is used is ever parsed. */
export const SHAPES: Readonly<Record<string, string>> = {
${[...named].map(([name, shape]) => `  ${JSON.stringify(name)}: ${quote(shape)},`).join('\n')}
}

/** Event type → the objects it may carry. */
export const EVENT_OBJECTS: Readonly<Record<string, string>> = {
${events.map(([type, carried]) => `  '${type}': '${carried}',`).join('\n')}
}
`,
)

writeFileSync(
  join(outputFolder, 'stripe.generated.ts'),
  `${banner}
/** Free text: '' on the wire arrives as null and unsets. */
export type Text = string | null

export interface List<T> {
  readonly object: 'list'
  readonly data: readonly T[]
  readonly has_more: boolean
  readonly url: string
}

/** The parameters of each operation after parsing. */
export interface Parameters {
${operations.map(({ key, parameters }) => `  '${key}': ${typeOf(parameters)}`).join('\n')}
}

${[...named]
  .map(([name, shape]) => {
    const type = typeOf(shape)
    return type.startsWith('{\n')
      ? `export interface ${typeNames.get(name)} ${type}`
      : `export type ${typeNames.get(name)} = ${type}`
  })
  .join('\n\n')}
`,
)
