import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { planDefinition } from '../src/api/contract/plan-definition.ts'
import { farebox } from './support/cli.ts'

const ROOT = join(import.meta.dirname, '..')
const documents = [
  ...globSync(
    ['*.md', 'docs/**/*.md', 'src/**/*.md', 'web/**/*.md', 'examples/**/*.md', 'test/**/*.md'],
    {
      cwd: ROOT,
    },
  ),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
const readme = documents.find(({ path }) => path === 'README.md')?.text ?? ''

test('every link between documents leads to a file that is there', () => {
  const broken = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/(?:\]\(|(?:src|srcset|href)=")(?!https?:|mailto:|#)([^)"#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('every npm script a document names can be run', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const unknown = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)]
      .map(([, script = '']) => script)
      .filter((script) => !(script in scripts))
      .map((script) => `${path}: npm run ${script}`),
  )
  expect(unknown).toEqual([])
})

test('every command line a document shows is one the program understands', async () => {
  const lines = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/npx farebox ([a-z][^`\n#]*)/g)].map(([, line = '']) => ({ path, line })),
  )
  expect(lines.length).toBeGreaterThan(3)
  const refused: string[] = []
  for (const { path, line } of lines) {
    const { code, out, err } = await farebox(
      undefined,
      `${line.trim().replaceAll(/ +/g, ' ')} --help`,
    )
    // The help of a group or of the whole program means that the command itself is not there.
    if (code !== 0 || /^Usage: .*\[command\]/m.test(out)) refused.push(`${path}: ${line}: ${err}`)
  }
  expect(refused).toEqual([])
})

test('every setting from the environment that the README names is read', () => {
  const config = readFileSync(join(ROOT, 'src/config.ts'), 'utf8')
  const names = [...readme.matchAll(/\b(?:FAREBOX|STRIPE|DATABASE)_[A-Z_]+\b/g)].map(
    ([name]) => name,
  )
  expect(names.length).toBeGreaterThan(3)
  expect(names.filter((name) => !config.includes(name))).toEqual([])
})

test('the plan of the README is one that can be published', () => {
  const [, text = ''] = /```yaml\n(key: [\s\S]*?)```/.exec(readme) ?? []
  const { key, ...definition } = parse(text) as { key: string }
  expect(key).toBe('pro')
  expect(planDefinition.safeParse(definition).error?.issues ?? []).toEqual([])
})
