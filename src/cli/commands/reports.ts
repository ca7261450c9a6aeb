import { type Command, Option } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { csvOf } from '../../kit/csv.ts'
import { formatMoney } from '../../kit/money.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { type Column, printRecord, printRows } from '../output.ts'

type Metrics = ResponseOf<'get', '/api/v1/reports/metrics'>
type Money = Metrics['revenue'][number]['arr']

interface Range {
  readonly from?: string
  readonly to?: string
}

interface TableOptions extends Range {
  readonly csv?: boolean
}

export function addReportCommands(program: Command, context: CliContext): void {
  const reports = program
    .command('reports')
    .description('How the business does: recurring revenue, churn, money in and out')

  ranged(reports.command('metrics'))
    .description('The numbers of the home page: revenue, churn, trials, payments, disputes')
    .addHelpText('after', examples('reports metrics', 'reports metrics --live --json'))
    .action(async (query: Range) => {
      printMetrics(context, await context.client().get('/api/v1/reports/metrics', { query }))
    })

  ranged(reports.command('subscriptions'))
    .description('Recurring revenue, what moved it, and churn, by currency and day or month')
    .addOption(new Option('--every <interval>').choices(['day', 'month']).default('month'))
    .option('--csv', 'print the table as CSV')
    .addHelpText(
      'after',
      examples(
        'reports subscriptions',
        'reports subscriptions --from 2026-01-01T00:00:00Z --csv > mrr.csv',
      ),
    )
    .action(async ({ csv, ...query }: TableOptions & { every: 'day' | 'month' }) => {
      const { data } = await context.client().get('/api/v1/reports/subscriptions', { query })
      if (csv === true) return context.print(csvOf(data).trimEnd())
      printRows(
        context,
        data,
        [
          { title: 'FROM', value: ({ startsAt }) => startsAt.slice(0, 10) },
          ...amounts<(typeof data)[number]>({
            MRR: ({ mrrAtStart }) => mrrAtStart,
            NEW: (row) => row.new,
            EXPANSION: ({ expansion }) => expansion,
            BACK: ({ reactivation }) => reactivation,
            CONTRACTION: ({ contraction }) => contraction,
            CHURNED: ({ churned }) => churned,
            'MRR AFTER': ({ mrrAtEnd }) => mrrAtEnd,
          }),
          {
            title: 'CUSTOMERS',
            value: ({ customersAtEnd }) => String(customersAtEnd),
            isNumeric: true,
          },
          { title: 'CHURN', value: ({ revenueChurn }) => percent(revenueChurn), isNumeric: true },
        ],
        'Nothing was sold yet.',
      )
    })

  ranged(reports.command('revenue'))
    .description('Money invoiced, collected and given back, by currency and day, month or plan')
    .addOption(new Option('--by <group>').choices(['day', 'month', 'plan']).default('month'))
    .option('--csv', 'print the table as CSV')
    .addHelpText('after', examples('reports revenue', 'reports revenue --by plan --live'))
    .action(async ({ csv, by, ...range }: TableOptions & { by: 'day' | 'month' | 'plan' }) => {
      const query = { ...range, groupBy: by }
      const { data } = await context.client().get('/api/v1/reports/revenue', { query })
      if (csv === true) return context.print(csvOf(data).trimEnd())
      printRows(
        context,
        data,
        [
          { title: by.toUpperCase(), value: ({ group }) => group ?? '(no plan)' },
          ...amounts<(typeof data)[number]>({
            INVOICED: ({ invoiced }) => invoiced,
            COLLECTED: ({ collected }) => collected,
            REFUNDED: ({ refunded }) => refunded,
            LOST: ({ lostInDisputes }) => lostInDisputes,
            NET: ({ net }) => net,
          }),
        ],
        'No money moved in this time.',
      )
    })
}

function ranged(command: Command): Command {
  return command
    .option('--from <instant>', 'from when on; thirty days before the end unless given')
    .option('--to <instant>', 'until when; now unless given, at most 366 days later')
}

function printMetrics(context: CliContext, metrics: Metrics): void {
  const { revenue, trials, disputes, refunds } = metrics
  printRecord(context, metrics, [
    ...revenue.flatMap((row): [string, string][] => [
      [`mrr ${row.currency}`, `${money(row.mrrAtEnd)} (${percent(row.change)})`],
      [`at risk ${row.currency}`, money(row.atRisk)],
      [`revenue churn ${row.currency}`, percent(row.revenueChurn)],
      [`net retention ${row.currency}`, percent(row.netRetention)],
      [`logo churn ${row.currency}`, percent(row.logoChurn)],
    ]),
    ['active customers', String(metrics.activeCustomers)],
    ['trials converted', `${trials.converted} of ${trials.ended}`],
    ['payments failed', percent(metrics.paymentFailureRate)],
    ['open disputes', String(disputes.open)],
    ...refunds.map(({ currency, count, amount }): [string, string] => [
      ...([`refunds ${currency}`, `${count}, ${money(amount)}`] as const),
    ]),
    ['quota denials', String(metrics.quotaDenials)],
  ])
}

function amounts<Row>(columns: Readonly<Record<string, (row: Row) => Money>>): Column<Row>[] {
  return Object.entries(columns).map(([title, amount]) => ({
    title,
    value: (row) => money(amount(row)),
    isNumeric: true,
  }))
}

function money({ amountMinor, currency }: Money): string {
  return formatMoney({ amountMinor: BigInt(amountMinor), currency })
}

/** Shares have four digits, so the point only moves. */
function percent(share: string | null): string {
  return share === null ? '–' : `${(Number(share) * 100).toFixed(2)} %`
}
