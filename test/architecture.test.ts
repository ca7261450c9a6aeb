import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Where everything meets: the only code that knows all parts. */
const COMPOSITION = [
  'src/kit',
  'src/errors.ts',
  'src/config.ts',
  'src/platform',
  'src/stripe',
  'src/domain',
  'src/gateway',
  'src/api',
  'src/api/contract',
  'src/simulator',
]

/**
 * The law of the tree: a layer imports itself and the layers listed, nothing else. A layer is the longest matching
 * prefix of a file's path. What is not listed here (tests, scripts, benchmarks) may import anything.
 */
const LAYERS: Record<string, readonly string[]> = {
  'src/kit': [],
  'src/errors.ts': [],
  'src/platform': ['src/kit', 'src/errors.ts'],
  'src/stripe': ['src/kit', 'src/errors.ts', 'src/platform'],
  'src/domain': ['src/kit', 'src/errors.ts', 'src/platform', 'src/stripe'],
  'src/gateway': ['src/kit', 'src/errors.ts', 'src/platform', 'src/domain'],
  'src/api/contract': ['src/kit', 'src/errors.ts'],
  'src/api': ['src/kit', 'src/errors.ts', 'src/platform', 'src/domain', 'src/api/contract'],
  'src/client': ['src/kit', 'src/api/contract'],
  'src/simulator': ['src/kit'],
  'src/config.ts': ['src/kit', 'src/errors.ts'],
  'src/start': COMPOSITION,
  'src/main.ts': [...COMPOSITION, 'src/start'],
  'src/cli': [
    'src/kit',
    'src/errors.ts',
    'src/client',
    'src/config.ts',
    'src/main.ts',
    'src/start',
    'src/simulator',
  ],
  web: ['src/kit', 'src/client', 'src/api/contract'],
}

/** Layers that may be imported for their types only: they leave no trace at run time. */
const TYPES_ONLY: Record<string, readonly string[]> = {
  'src/client': ['src/api/contract'],
  web: ['src/api/contract'],
}

/** Packages that only one layer may import. */
const PACKAGE_OWNERS: Record<string, readonly string[]> = {
  stripe: ['src/stripe'],
  kysely: ['src/platform', 'src/domain'],
  pg: ['src/platform'],
  ioredis: ['src/platform'],
  '@electric-sql/pglite': ['src/platform'],
  pino: ['src/platform'],
  nodemailer: ['src/platform'],
  'better-auth': ['src/domain'],
  hono: ['src/api'],
  '@hono/node-server': ['src/start'],
  undici: ['src/gateway'],
  commander: ['src/cli'],
  react: ['web'],
}

interface Import {
  readonly from: string
  readonly target: string
  readonly isTypeOnly: boolean
}

const sources = globSync(['src/**/*.ts', 'web/**/*.{ts,tsx}'], { cwd: ROOT })
  .map((file) => normalize(file))
  .filter((file) => !file.endsWith('.test.ts') && !file.includes('node_modules'))

function layerOf(file: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((layer) => file === layer || file.startsWith(`${layer}/`))
    .toSorted((a, b) => b.length - a.length)[0]
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'/g
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match[2] ?? match[3] ?? ''
    const isRelative = specifier.startsWith('.')
    return {
      from: file,
      target: isRelative ? normalize(join(dirname(file), specifier)) : specifier,
      isTypeOnly: match[1] !== undefined,
    }
  })
}

const imports = sources.flatMap(importsOf)
const internal = imports.filter((entry) => /^(?:src|web)\//.test(entry.target))

test('every source file belongs to a layer', () => {
  expect(sources.filter((file) => layerOf(file) === undefined)).toEqual([])
})

test('nothing imports against the arrows', () => {
  const violations = internal.filter(({ from, target }) => {
    const layer = layerOf(from)
    const other = layerOf(target)
    return layer !== other && !(layer && other && LAYERS[layer]?.includes(other))
  })
  expect(violations.map(({ from, target }) => `${from} -> ${target}`)).toEqual([])
})

test('the client and the web know the contract by its types only', () => {
  const violations = internal.filter(({ from, target, isTypeOnly }) => {
    const typesOnly = TYPES_ONLY[layerOf(from) ?? ''] ?? []
    return !isTypeOnly && typesOnly.includes(layerOf(target) ?? '')
  })
  expect(violations.map(({ from, target }) => `${from} -> ${target}`)).toEqual([])
})

test('relative imports name a file that exists, with its ending', () => {
  const broken = imports.filter(
    ({ target, from }) =>
      (target.startsWith('src/') || target.startsWith('web/')) &&
      !existsSync(join(ROOT, target)) &&
      !from.endsWith('.generated.ts'),
  )
  expect(broken.map(({ from, target }) => `${from} -> ${target}`)).toEqual([])
})

test('a package is imported only where it belongs', () => {
  const violations = imports.filter(({ from, target }) => {
    const name = target.startsWith('@')
      ? target.split('/').slice(0, 2).join('/')
      : target.split('/')[0]
    const owners = PACKAGE_OWNERS[name ?? '']
    return (
      owners !== undefined &&
      !owners.some((owner) => from === owner || from.startsWith(`${owner}/`))
    )
  })
  expect(violations.map(({ from, target }) => `${from} -> ${target}`)).toEqual([])
})

test('domain rules are pure: only services, stores and jobs touch the platform or Stripe', () => {
  const doesIo = /(?:^|\/)(?:service|store|jobs)\.ts$|\.service\.ts$/
  const violations = internal.filter(
    ({ from, target, isTypeOnly }) =>
      from.startsWith('src/domain/') &&
      !doesIo.test(from) &&
      !isTypeOnly &&
      /^src\/(?:platform|stripe)\//.test(target),
  )
  expect(violations.map(({ from, target }) => `${from} -> ${target}`)).toEqual([])
})

test('a store is private to its folder', () => {
  const violations = internal.filter(
    ({ from, target, isTypeOnly }) =>
      target.endsWith('/store.ts') && !isTypeOnly && dirname(from) !== dirname(target),
  )
  expect(violations.map(({ from, target }) => `${from} -> ${target}`)).toEqual([])
})

interface Write {
  readonly table: string
  readonly file: string
  /** The function that writes, up to where it does. */
  readonly before: string
}

function writesIn(file: string): Write[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const written = text.matchAll(
    /(?:insertInto|updateTable|deleteFrom)\(\s*'(\w+)|(?:insert into|delete from|\bupdate)\s+(\w+)\s+(?:as\s+\w+\s+)?(?:\(|set\b|where\b|using\b|select\b)/g,
  )
  return [...written].map(({ 1: named, 2: inSql = '', index }) => {
    const table = named ?? inSql.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
    const before = text.slice(0, index)
    return { table, file, before: before.slice(before.lastIndexOf('\n}') + 1) }
  })
}

const writes = sources.flatMap(writesIn)

test('a table is written by one folder only', () => {
  const byTable = Map.groupBy(writes, ({ table }) => table)
  const folders = [...byTable].map(
    ([table, own]) => [table, new Set(own.map(({ file }) => dirname(file)))] as const,
  )
  const shared = folders.filter(([, own]) => own.size > 1)
  expect(shared.map(([table, own]) => `${table}: ${[...own].join(', ')}`)).toEqual([])
})

test('who writes to a table that transactions read once forgets what was read of it', () => {
  const readers = sources.flatMap((file) => [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(/readOnce\(\w+, '(\w+)'/g),
  ])
  const tables = new Set(readers.map(([, table]) => table))
  const forgetful = writes.filter(
    ({ table, before }) =>
      tables.has(table) && !new RegExp(`forgetReads\\(\\w+, '${table}'\\)`).test(before),
  )

  expect(tables.size).toBeGreaterThan(3)
  expect(forgetful.map(({ table, file }) => `${file} writes to ${table}`)).toEqual([])
})

test('the environment is read in the configuration and nowhere else', () => {
  const readers = sources.filter((file) => {
    const isAllowed = ['src/config.ts', 'src/main.ts'].includes(file)
    return !isAllowed && /process\.env\b/.test(readFileSync(join(ROOT, file), 'utf8'))
  })
  expect(readers).toEqual([])
})

test('time is read from a clock: Date.now() and new Date() stay out of the domain', () => {
  const readers = sources.filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    return file.startsWith('src/domain/') && /Date\.now\(\)|new Date\(\)/.test(text)
  })
  expect(readers).toEqual([])
})

test('there are no barrels and no drawers', () => {
  const drawers = sources.filter((file) =>
    /(?:^|\/)(?:index\.tsx?$|utils?\/|helpers?\/|common\/|shared\/|misc\/)/.test(file),
  )
  expect(drawers).toEqual([])
})

test('there are no import cycles', () => {
  const graph = new Map<string, string[]>()
  for (const { from, target, isTypeOnly } of internal) {
    if (!isTypeOnly) graph.set(from, [...(graph.get(from) ?? []), target])
  }
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file, [])
  expect(cycles).toEqual([])
})

test('every folder of src and every noun of the domain says in a README what it owns', () => {
  const folders = new Set(
    sources
      .filter((file) => file.startsWith('src/'))
      .map((file) => file.split('/').slice(0, file.startsWith('src/domain/') ? 3 : 2))
      .filter((parts) => !parts.at(-1)?.endsWith('.ts'))
      .map((parts) => parts.join('/')),
  )
  const silent = [...folders].filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))
  expect(silent).toEqual([])
})

test('files stay short enough to read in one sitting', () => {
  const long = [...sources, ...globSync('test/**/*.ts', { cwd: ROOT })]
    // The registry of errors is a table: it is looked up, not read.
    .filter((file) => !file.endsWith('.generated.ts') && file !== 'src/errors.ts')
    .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 450)
  expect(long.map(({ file, lines }) => `${relative('.', file)}: ${lines}`)).toEqual([])
})
