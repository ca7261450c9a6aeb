import type { Command } from 'commander'
import { Document } from 'yaml'
import type { ResponseOf } from '../../client/client.ts'
import {
  type CatalogDocument,
  type CatalogFile,
  catalogPath,
  catalogText,
  mergedText,
  readCatalogFile,
  writeCatalogFile,
} from '../catalog-file.ts'
import { confirm } from '../confirm.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { existsSync } from 'node:fs'
import { printJson, printRows } from '../output.ts'
import { showDrift } from './plan-drift.ts'
import { effectWords } from './plan-effects.ts'

type Diff = ResponseOf<'post', '/api/v1/catalog/diff'>
type Change = Diff['changes'][number]

interface FileOption {
  readonly file?: string
}

const DIFFERS = 3
const FILE_OPTION = ['-f, --file <path>', 'the catalog file, farebox.yaml by default'] as const
const SECTION_OF: Partial<Record<string, Change['kind']>> = {
  meters: 'meter',
  features: 'feature',
  plans: 'plan',
  creditPacks: 'credit_pack',
  coupons: 'coupon',
}

/** The catalog as a file: written, compared and pushed. */
export function addPlanFileCommands(plans: Command, context: CliContext): void {
  plans
    .command('pull')
    .description('Write what is on sale into a file; what is the same in it stays as it is')
    .option(...FILE_OPTION)
    .addHelpText(
      'after',
      examples('plans pull', 'plans pull --file catalog.yaml', 'plans pull -f -'),
    )
    .action(({ file }: FileOption) => pull(context, file))

  plans
    .command('push')
    .description('Make what is on sale what the file says, after showing the difference')
    .option(...FILE_OPTION)
    .option('--dry-run', 'show what would happen and stop')
    .addHelpText(
      'after',
      examples('plans push --dry-run', 'plans push', 'plans push --file catalog.yaml --live --yes'),
    )
    .action((options: FileOption & { dryRun?: boolean }) => push(context, options))
}

async function pull(context: CliContext, file: string | undefined): Promise<void> {
  const client = context.client()
  const catalog = (await client.get('/api/v1/catalog')) as CatalogDocument
  if (context.options().json === true) {
    printJson(context, catalog)
    return
  }
  if (file === '-') {
    context.process.stdout.write(catalogText(catalog))
    return
  }
  const path = catalogPath(context, file)
  const { data } = await client.get('/api/v1/plans')
  const drafts = data.filter(({ active, draft }) => active === null && draft !== null)
  writeCatalogFile(path, await textOf(context, path, catalog))
  const { meters, features, plans, creditPacks, coupons } = catalog
  context.talk(
    `Wrote ${plans.length} plans, ${meters.length} meters, ${features.length} features, ` +
      `${creditPacks.length} credit packs and ${coupons.length} coupons to ${path}.`,
  )
  if (drafts.length > 0) {
    const keys = drafts.map(({ key }) => key).join(', ')
    context.talk(`Not in it, because never published: ${keys}.`)
  }
}

/** A file that is there keeps its comments and whatever is no catalog in it. */
async function textOf(
  context: CliContext,
  path: string,
  catalog: CatalogDocument,
): Promise<string> {
  if (!existsSync(path)) return catalogText(catalog)
  const known = readCatalogFile(path, { isCatalogNeeded: false })
  const document = known.document.contents === null ? new Document({}) : known.document
  const { problems, changes } = await compare(context, known)
  const kept = new Set(
    problems.length > 0
      ? []
      : changes.flatMap(({ kind, key, change }) => (change === 'keep' ? [`${kind} ${key}`] : [])),
  )
  return mergedText(document, catalog, (section, key) => kept.has(`${SECTION_OF[section]} ${key}`))
}

function compare(context: CliContext, { catalog }: CatalogFile): Promise<Diff> {
  return context.client().post('/api/v1/catalog/diff', { body: { catalog } })
}

/** The exit code says whether the file and what is on sale differ. */
export async function diffFile(context: CliContext, file: string | undefined): Promise<void> {
  const known = readCatalogFile(catalogPath(context, file))
  const diff = await compare(context, known)
  const { data: drift } = await context.client().get('/api/v1/catalog/drift')
  if (context.options().json === true) printJson(context, { ...diff, drift })
  else {
    show(context, known, diff)
    if (drift.length > 0) showDrift(context, drift)
  }
  const isChanged = diff.changes.some(({ change }) => change !== 'keep')
  if (isChanged || drift.length > 0) context.setExitCode(DIFFERS)
  if (diff.problems.length > 0) context.setExitCode(1)
}

async function push(
  context: CliContext,
  { file, dryRun }: FileOption & { dryRun?: boolean },
): Promise<void> {
  const known = readCatalogFile(catalogPath(context, file))
  const diff = await compare(context, known)
  const isJson = context.options().json === true
  if (isJson) printJson(context, diff)
  else show(context, known, diff)
  if (diff.problems.length > 0) {
    context.setExitCode(1)
    return
  }
  const changes = diff.changes.filter(({ change }) => change !== 'keep')
  if (dryRun === true || changes.length === 0) return
  const mode = context.options().live === true ? 'live' : 'test'
  await confirm(context, `Make ${changes.length} changes in ${mode} mode?`)
  const { catalog } = known
  await context.client().put('/api/v1/catalog', { body: { catalog, revision: diff.revision } })
  context.talk(`Pushed: ${changes.length} changes in ${mode} mode.`)
}

function show(context: CliContext, { path }: CatalogFile, diff: Diff): void {
  if (diff.problems.length > 0) {
    const list = diff.problems.map((problem) => `  ${problem.path}: ${problem.message}`)
    throw new CliError(`${path} cannot be pushed.`, list.join('\n'))
  }
  const changes = diff.changes.filter(({ change }) => change !== 'keep')
  printRows(
    context,
    changes.flatMap(rowsOf),
    [
      { title: 'CHANGE', value: ({ change }) => change },
      { title: 'WHAT', value: ({ what }) => what },
      { title: 'STRIPE ID', value: ({ stripeId }) => stripeId },
      { title: 'NOTE', value: ({ note }) => note },
    ],
    'Nothing differs.',
  )
  for (const warning of diff.warnings) context.talk(`${warning.path}: ${warning.message}`)
  const kept = diff.changes.length - changes.length
  if (kept > 0 && changes.length > 0) context.talk(`${kept} stay as they are.`)
}

interface Row {
  readonly change: string
  readonly what: string
  readonly stripeId: string
  readonly note: string
}

/** A change, and below it what it does in Stripe. */
function rowsOf({ kind, key, change, note, effects, subscribersStaying }: Change): Row[] {
  const staying =
    subscribersStaying === 0
      ? []
      : [`${subscribersStaying} subscriptions stay on the version they have.`]
  const own: Row = {
    change,
    what: `${kind.replace('_', ' ')} ${key}`,
    stripeId: '',
    note: [...(note === null ? [] : [note]), ...staying].join(' '),
  }
  const inStripe = effects.map((effect): Row => ({
    change: '',
    what: `in Stripe: ${effectWords(effect.kind)}, ${effect.subject}`,
    stripeId: effect.stripeId ?? '',
    note: effect.note ?? '',
  }))
  return [own, ...inStripe]
}
