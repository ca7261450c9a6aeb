import { z } from 'zod'
import type { RouteDefinition } from '../contract/route.ts'
import { problem } from '../contract/values.ts'

type Json = Record<string, unknown>
type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Json

/** The contract as an OpenAPI 3.1 document: the schemas are the ones that validate. */
export function openApiDocument(
  contract: Readonly<Record<string, RouteDefinition>>,
  version: string,
): Json {
  const schemas = createSchemas()
  const paths: Record<string, Json> = {}
  for (const [name, definition] of Object.entries(contract)) {
    paths[definition.path] = {
      ...paths[definition.path],
      [definition.method]: operationOf(name, definition, schemas.schemaOf),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Farebox',
      version,
      description:
        'Plans, customers, subscriptions, usage and billing. Operators authenticate with an API token; the portal with a session.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(Object.values(contract).map(({ tag }) => tag))].map((tag) => ({ name: tag })),
    paths,
    components: {
      securitySchemes: {
        operatorToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'An operator API token: fb_op_…',
        },
        session: { type: 'apiKey', in: 'cookie', name: 'farebox_portal.session_token' },
      },
      schemas: schemas.components,
      parameters: {
        Mode: {
          name: 'Farebox-Mode',
          in: 'header',
          description: 'test or live; operators work in test mode unless they say otherwise',
          schema: { type: 'string', enum: ['test', 'live'] },
        },
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          description:
            'Sent again with the same key, the request has no second effect and gets the first answer',
          schema: { type: 'string', maxLength: 255 },
        },
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          description:
            'The version you have seen: when it is another by now, nothing happens (409)',
          schema: { type: 'string', examples: ['"7"'] },
        },
      },
    },
  }
}

function operationOf(name: string, definition: RouteDefinition, schemaOf: SchemaOf): Json {
  const { access, method, params, query, body, response, status = 200 } = definition
  return {
    operationId: name,
    summary: definition.summary,
    tags: [definition.tag],
    ...(access.kind === 'operator' && { 'x-permission': access.permission }),
    ...(access.kind === 'member' && { 'x-roles': access.roles }),
    security: securityOf(definition),
    parameters: [
      ...parametersOf(params, 'path', schemaOf),
      ...parametersOf(query, 'query', schemaOf),
      { $ref: '#/components/parameters/Mode' },
      ...(method === 'get' ? [] : [{ $ref: '#/components/parameters/IdempotencyKey' }]),
      ...(definition.isVersioned === true ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(body, 'input') } },
      },
    }),
    responses: {
      [String(status)]: {
        description: 'Done',
        content: {
          'application/json': { schema: schemaOf(response, 'output') },
          ...(definition.answersCsv === true && { 'text/csv': { schema: { type: 'string' } } }),
        },
      },
      default: {
        description: 'A problem document; `code` says which',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
  }
}

function securityOf({ access }: RouteDefinition): Json[] {
  switch (access.kind) {
    case 'public':
      return []
    case 'operator':
      return [{ operatorToken: [] }]
    case 'member':
    case 'user':
      return [{ session: [] }]
  }
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  schemaOf: SchemaOf,
): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, unknown>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

/**
 * A schema as JSON Schema. Named parts move to the document's components, under two names where what may be left out of
 * the input is always there in the output.
 */
function createSchemas() {
  const components: Record<string, unknown> = { Problem: bare(z.toJSONSchema(problem)) }

  function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $defs = {}, ...rest } = bare(
      z.toJSONSchema(schema, { io, unrepresentable: 'any' }),
    ) as Json & {
      $defs?: Record<string, unknown>
    }
    const suffix = io === 'input' ? 'Input' : ''
    const rename = (value: unknown): Json =>
      JSON.parse(
        JSON.stringify(value).replaceAll(
          /"#\/\$defs\/(\w+)"/g,
          (_, name: string) => `"#/components/schemas/${name}${suffix}"`,
        ),
      ) as Json
    for (const [name, definition] of Object.entries($defs)) {
      components[name + suffix] = rename(definition)
    }
    return rename(rest)
  }

  return { components, schemaOf }
}

function bare({ $schema: _schema, id: _id, ...rest }: Json): Json {
  return rest
}
