import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { formatMoney } from '../../kit/money.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { addEstimateCommands } from './estimate.ts'
import { printJson, printRecord, printRows } from '../output.ts'

type Run = ResponseOf<'get', '/api/v1/billing/runs/{runId}'>

const POLL_MS = 500

export function addBillingCommands(program: Command, context: CliContext): void {
  const billing = program.command('billing').description('Closing periods and invoicing them')

  billing
    .command('run')
    .description('Close every period of ours that has ended; asked twice it bills once')
    .option('--dry-run', 'show what would be invoiced, and write nothing')
    .option('--no-wait', 'do not wait until it is done')
    .addHelpText('after', examples('billing run --dry-run', 'billing run', 'billing run --live'))
    .action(async ({ dryRun, wait }: { dryRun?: boolean; wait: boolean }) => {
      if (dryRun === true) return rehearse(context)
      const client = context.client()
      let run: Run = await client.post('/api/v1/billing/runs')
      if (!wait) return printRun(context, run)
      while (run.state === 'running') {
        context.talk(`${run.closed + run.failed} of ${run.total}`)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
        run = await client.get('/api/v1/billing/runs/{runId}', { params: { runId: run.id } })
      }
      printRun(context, run)
    })

  addEstimateCommands(billing, context)

  billing
    .command('runs')
    .description('Earlier runs, newest first')
    .addHelpText('after', examples('billing runs'))
    .action(async () => {
      const { data } = await context.client().get('/api/v1/billing/runs')
      printRows(
        context,
        data,
        [
          { title: 'RUN', value: ({ id }) => id },
          { title: 'STARTED', value: ({ createdAt }) => createdAt },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'CLOSED', value: ({ closed }) => String(closed), isNumeric: true },
          { title: 'FAILED', value: ({ failed }) => String(failed), isNumeric: true },
        ],
        'There was no billing run yet.',
      )
    })
}

async function rehearse(context: CliContext): Promise<void> {
  const rehearsal = await context.client().get('/api/v1/billing/rehearsal')
  if (context.options().json === true) return printJson(context, rehearsal)
  printRows(
    context,
    rehearsal.data,
    [
      { title: 'SUBSCRIPTION', value: ({ subscriptionId }) => subscriptionId },
      { title: 'CUSTOMER', value: ({ customerId }) => customerId },
      { title: 'UNTIL', value: ({ period }) => period.endsAt },
      { title: 'LINES', value: ({ lines }) => String(lines.length), isNumeric: true },
      {
        title: 'TOTAL',
        value: ({ total: { amountMinor, currency } }) =>
          formatMoney({ amountMinor: BigInt(amountMinor), currency }),
        isNumeric: true,
      },
    ],
    'Nothing is due.',
  )
  if (rehearsal.isCut) context.talk('More is due than is shown here.')
}

function printRun(context: CliContext, run: Run): void {
  printRecord(context, run, [
    ['run', run.id],
    ['state', run.state],
    ['due', String(run.total)],
    ['closed', String(run.closed)],
    ['failed', String(run.failed)],
    ...run.failures.map(({ subscriptionId, message }): [string, string] => [
      subscriptionId,
      message,
    ]),
  ])
}
