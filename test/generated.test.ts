import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contract } from '../src/api/contract/contract.ts'
import { openApiDocument } from '../src/api/http/openapi.ts'
import { packageVersion } from '../src/start/folder.ts'

const text = readFileSync(join(import.meta.dirname, '../openapi.json'), 'utf8')

test('openapi.json is the contract as it stands', () => {
  const document: unknown = JSON.parse(JSON.stringify(openApiDocument(contract, packageVersion())))
  expect(JSON.parse(text)).toEqual(document)
})

test('every reference inside openapi.json leads to a schema that is there', () => {
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } }
  const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)
  expect(names.filter((name) => name === undefined || !(name in components.schemas))).toEqual([])
})
