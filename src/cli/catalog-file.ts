import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { type CliContext, CliError } from './context.ts'

/** The part of a file that is the catalog; what else stands in it is configuration, or somebody's own. */
const SECTIONS = ['meters', 'features', 'plans', 'creditPacks', 'coupons'] as const
type Section = (typeof SECTIONS)[number]

export type CatalogDocument = Readonly<Record<Section, readonly unknown[]>>

const DEFAULT_FILE = 'farebox.yaml'
const LINE_WIDTH = 120

export interface CatalogFile {
  readonly path: string
  readonly document: Document
  /** As it is handed to the API. */
  readonly catalog: Record<string, unknown>
}

/** Where the catalog stands: the file that was named, or the configuration file. */
export function catalogPath(context: CliContext, file: string | undefined): string {
  return resolve(context.process.cwd(), file ?? context.options().config ?? DEFAULT_FILE)
}

/** Reads the file; an invalid one says where. */
export function readCatalogFile(
  path: string,
  { isCatalogNeeded = true }: { readonly isCatalogNeeded?: boolean } = {},
): CatalogFile {
  if (!existsSync(path)) {
    throw new CliError(`${path} does not exist.`, 'Write one with "farebox plans pull".')
  }
  const document = parseDocument(readFileSync(path, 'utf8'))
  const [error] = document.errors
  if (error !== undefined) throw new CliError(`${path} is not valid YAML.`, error.message)
  const content = document.toJS() as unknown
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content)
  const catalog = Object.fromEntries(
    SECTIONS.flatMap((section) => {
      const entries = isObject ? (content as Record<string, unknown>)[section] : undefined
      return entries === undefined || entries === null ? [] : [[section, entries]]
    }),
  )
  if (isCatalogNeeded && Object.keys(catalog).length === 0) {
    throw new CliError(
      `${path} has no catalog: none of ${SECTIONS.join(', ')}.`,
      'Name another file with --file, or write one with "farebox plans pull".',
    )
  }
  return { path, document, catalog }
}

/** A catalog as a text for people: what is flat and short stands on one line. */
export function catalogText(catalog: CatalogDocument): string {
  return mergedText(new Document({}), catalog, () => false)
}

/**
 * Writes the catalog into a document that has one already. What is the same keeps its place, its comments and its form;
 * what stands beside the catalog stays as it is.
 */
export function mergedText(
  document: Document,
  catalog: CatalogDocument,
  isSame: (section: Section, key: string) => boolean,
): string {
  for (const section of SECTIONS) {
    const wanted = catalog[section]
    const known = document.get(section)
    if (wanted.length === 0 && !isSeq(known)) continue
    const nodes = new Map(
      (isSeq(known) ? known.items : []).filter(isMap).map((node) => [keyOf(node), node]),
    )
    const items = wanted.map((entry) => {
      const key = (entry as { key: string }).key
      const node = nodes.get(key)
      return node !== undefined && isSame(section, key) ? node : createNode(document, entry)
    })
    if (isSeq(known)) {
      const ordered = section === 'plans' ? items : inPlace(known.items, items)
      known.items = ordered
    } else {
      document.set(section, document.createNode(items))
    }
  }
  return document.toString({ lineWidth: LINE_WIDTH, flowCollectionPadding: true })
}

export function writeCatalogFile(path: string, text: string): void {
  writeFileSync(path, text)
}

/** The order of what is no order of plans is the writer's; what is new comes last. */
function inPlace(known: readonly unknown[], wanted: readonly unknown[]): unknown[] {
  const places = known.map((node) => (isMap(node) ? keyOf(node) : ''))
  const place = (node: unknown): number => {
    const at = isMap(node) ? places.indexOf(keyOf(node)) : -1
    return at === -1 ? places.length : at
  }
  return wanted.toSorted((a, b) => place(a) - place(b))
}

function keyOf(node: YAMLMap): string {
  const key = node.get('key', true)
  return isScalar(key) ? String(key.value) : ''
}

function createNode(document: Document, entry: unknown): YAMLMap {
  const node = document.createNode(entry) as YAMLMap
  flow(node)
  return node
}

/** Short maps and lists of plain values read better on one line: `{ type: unit, amount: "0.10" }`. */
function flow(node: unknown): void {
  if (isSeq(node)) {
    for (const item of node.items) flow(item)
    if (node.items.every(isScalar)) node.flow = true
  } else if (isMap(node)) {
    for (const { value } of node.items) {
      flow(value)
      if (isMap(value) && isShort(value)) value.flow = true
    }
  }
}

function isShort(node: YAMLMap): boolean {
  const isPlain = node.items.every(({ value }) => isScalar(value))
  return isPlain && JSON.stringify(node.toJSON()).length < LINE_WIDTH - 40
}
