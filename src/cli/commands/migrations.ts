import { type Command, InvalidArgumentError } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { formatMoney } from '../../kit/money.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRecord, printRows } from '../output.ts'

type Migration = ResponseOf<'get', '/api/v1/migrations/{migrationId}'>

interface MigrateOptions {
  readonly to?: number
  readonly from?: readonly number[]
  readonly immediate?: boolean
  readonly noticeDays: number
  readonly currency?: string
  readonly customer?: readonly string[]
  readonly exclude?: readonly string[]
  readonly dryRun?: boolean
}

/** The part of `plans` that is about subscribers of older versions. */
export function addMigrationCommands(plans: Command, context: CliContext): void {
  plans
    .command('migrate <plan>')
    .description('Move subscribers to another version of the plan, after telling them')
    .option('--dry-run', 'show who would move, and what it would mean for each')
    .option('--to <version>', 'the version they move to; the one on sale by default', version)
    .option('--from <versions...>', 'only subscribers of these versions', versions)
    .option('--immediate', 'as soon as the notice is over, not with the next renewal')
    .option('--notice-days <days>', 'days between the mail and the move at least', days, 30)
    .option('--currency <currency>', 'only those who pay in it')
    .option('--customer <customers...>', 'only these')
    .option('--exclude <customers...>', 'not these')
    .addHelpText(
      'after',
      examples(
        'plans migrate pro --dry-run',
        'plans migrate pro --from 1 --notice-days 60',
        'plans migrate pro --to 2 --immediate --notice-days 0 --customer customer_01…',
      ),
    )
    .action((planKey: string, options: MigrateOptions) => migrate(context, planKey, options))

  plans
    .command('migrations [migration]')
    .description('How far migrations are')
    .addHelpText('after', examples('plans migrations', 'plans migrations migration_01…'))
    .action(async (migrationId?: string) => {
      if (migrationId !== undefined) {
        const params = { migrationId }
        const migration = await context.client().get('/api/v1/migrations/{migrationId}', { params })
        printMigration(context, migration)
        return
      }
      const { data } = await context.client().get('/api/v1/migrations')
      printRows(
        context,
        data,
        [
          { title: 'MIGRATION', value: ({ id }) => id },
          { title: 'PLAN', value: ({ planKey, toVersion }) => `${planKey} v${toVersion}` },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'OPEN', value: ({ counts }) => String(counts.waiting + counts.scheduled) },
          { title: 'MOVED', value: ({ counts }) => String(counts.moved), isNumeric: true },
          { title: 'SKIPPED', value: ({ counts }) => String(counts.skipped), isNumeric: true },
        ],
        'There was no migration yet.',
      )
    })

  plans
    .command('migrate-exclude <migration> <customer>')
    .description('Leave a customer of a running migration on the version they have')
    .addHelpText('after', examples('plans migrate-exclude migration_01… customer_01…'))
    .action(async (migrationId: string, customerId: string) => {
      const migration = await context.client().post('/api/v1/migrations/{migrationId}/exclude', {
        params: { migrationId },
        body: { customerId },
      })
      printMigration(context, migration)
    })

  plans
    .command('migrate-cancel <migration>')
    .description('Cancel a migration; whoever is moved already stays there')
    .addHelpText('after', examples('plans migrate-cancel migration_01…'))
    .action(async (migrationId: string) => {
      const migration = await context
        .client()
        .post('/api/v1/migrations/{migrationId}/cancel', { params: { migrationId } })
      printMigration(context, migration)
    })
}

async function migrate(
  context: CliContext,
  planKey: string,
  options: MigrateOptions,
): Promise<void> {
  const body = {
    toVersion: options.to ?? null,
    timing: options.immediate === true ? ('immediate' as const) : ('at_renewal' as const),
    noticeDays: options.noticeDays,
    audience: {
      fromVersions: options.from === undefined ? null : [...options.from],
      currency: options.currency ?? null,
      customerIds: options.customer === undefined ? null : [...options.customer],
      excludedCustomerIds: [...(options.exclude ?? [])],
    },
  }
  const params = { planKey }
  if (options.dryRun !== true) {
    const started = await context
      .client()
      .post('/api/v1/plans/{planKey}/migrations', { params, body })
    printMigration(context, started)
    return
  }
  const preview = await context
    .client()
    .post('/api/v1/plans/{planKey}/migrations/preview', { params, body })
  if (context.options().json === true) {
    printJson(context, preview)
    return
  }
  printRows(
    context,
    preview.members,
    [
      { title: 'CUSTOMER', value: ({ customerId }) => customerId },
      { title: 'FROM', value: ({ fromVersion }) => `v${fromVersion}` },
      { title: 'MONTHLY', value: ({ monthlyBefore }) => money(monthlyBefore), isNumeric: true },
      { title: 'THEN', value: ({ monthlyAfter }) => money(monthlyAfter), isNumeric: true },
      { title: 'DUE', value: ({ dueNow }) => money(dueNow), isNumeric: true },
      { title: 'ON', value: ({ effectiveAt }) => effectiveAt?.slice(0, 10) ?? '–' },
      { title: '', value: ({ refusal }) => (refusal === null ? '' : `left out: ${refusal}`) },
    ],
    'Nobody would be moved.',
  )
  context.talk(`${preview.memberCount} subscriptions would move to version ${preview.toVersion}.`)
}

function printMigration(context: CliContext, migration: Migration): void {
  const { counts } = migration
  printRecord(context, migration, [
    ['migration', migration.id],
    ['plan', `${migration.planKey} to version ${migration.toVersion}`],
    ['state', migration.state],
    ['moves', migration.timing === 'at_renewal' ? 'with the renewal' : 'at once'],
    ['notice', `${migration.noticeDays} days`],
    ['waiting', String(counts.waiting)],
    ['scheduled', String(counts.scheduled)],
    ['moved', String(counts.moved)],
    ['excluded', String(counts.excluded)],
    ['skipped', String(counts.skipped)],
    ['canceled', String(counts.canceled)],
  ])
}

function money({ amountMinor, currency }: { amountMinor: number; currency: string }): string {
  return formatMoney({ amountMinor: BigInt(amountMinor), currency })
}

function version(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write the number of a version.')
  return Number(text)
}

function versions(text: string, known: readonly number[] = []): number[] {
  return [...known, version(text)]
}

function days(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('Write a number of days.')
  return Number(text)
}
