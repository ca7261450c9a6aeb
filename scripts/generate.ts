/**
 * Writes every generated file, or with --check says which are stale. Each is made from its one source: the tables from
 * the migrations, the OpenAPI document from the contract, the CLI reference from its help.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { contract } from '../src/api/contract/contract.ts'
import { openApiDocument } from '../src/api/http/openapi.ts'
import { packageVersion } from '../src/start/folder.ts'
import { cliReference } from './cli-reference.ts'
import { databaseTypes } from './database-types.ts'

const ROOT = join(import.meta.dirname, '..')

const FILES: Readonly<Record<string, () => string | Promise<string>>> = {
  'src/platform/database/tables.generated.ts': databaseTypes,
  'openapi.json': () => `${JSON.stringify(openApiDocument(contract, packageVersion()), null, 2)}\n`,
  'docs/reference/cli.md': cliReference,
}

const isCheck = process.argv.includes('--check')
const stale: string[] = []
for (const [file, produce] of Object.entries(FILES)) {
  const path = join(ROOT, file)
  const text = await produce()
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  stale.push(file)
  if (isCheck) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
if (stale.length > 0) console.log(`${isCheck ? 'Stale' : 'Wrote'}: ${stale.join(', ')}`)
if (isCheck && stale.length > 0) {
  console.error('Run "npm run generate" and commit the result.')
  process.exitCode = 1
}
