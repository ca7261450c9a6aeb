import type { Command } from 'commander'
import { CliError, type CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRecord, printRows } from '../output.ts'

const POLL_MS = 500

interface SyncOptions {
  readonly user?: string
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly since?: string
}

export function addStripeCommands(program: Command, context: CliContext): void {
  const stripe = program.command('stripe').description('The connection to Stripe')

  stripe
    .command('status')
    .description('Which account is connected, what waits in the inbox, what differs')
    .addHelpText('after', examples('stripe status', 'stripe status --live --json'))
    .action(() => status(context))

  stripe
    .command('sync')
    .description('Compare customers with Stripe and take over what is safe')
    .option('--user <customer>', 'one customer: id, key, e-mail address or Stripe id')
    .option('--all', 'every customer')
    .option('--dry-run', 'compare, and change nothing')
    .option('--since <date>', 'first fetch the events since then that webhooks missed')
    .addHelpText(
      'after',
      examples(
        'stripe sync --user ada@example.com',
        'stripe sync --all --dry-run',
        'stripe sync --all --since 2026-12-01T00:00:00Z',
      ),
    )
    .action((options: SyncOptions) => sync(context, options))

  stripe
    .command('reconcile')
    .description('Compare everything with Stripe and say what differs')
    .option('--dry-run', 'repair nothing')
    .addHelpText('after', examples('stripe reconcile', 'stripe reconcile --dry-run --json'))
    .action(({ dryRun }: { dryRun?: boolean }) => reconcileAll(context, dryRun === true))
}

async function status(context: CliContext): Promise<void> {
  const client = context.client()
  const connection = await client.get('/api/v1/stripe/connection')
  const { data: findings } = await client.get('/api/v1/findings', {
    query: { state: 'open', limit: 100 },
  })
  const { data: runs } = await client.get('/api/v1/stripe/reconcile-runs', { query: { limit: 1 } })
  const backlog = connection.backlog.map(({ state, count }) => `${count} ${state}`).join(', ')
  printRecord(context, { ...connection, openFindings: findings.length, lastRun: runs[0] ?? null }, [
    ['Mode', connection.mode],
    [
      'Stripe',
      connection.isSimulated ? 'simulated' : connection.isConnected ? 'connected' : 'not connected',
    ],
    ['Account', connection.account],
    ['Key ends in', connection.keyEnding],
    ['Inbox', backlog === '' ? 'empty' : backlog],
    ['Open findings', findings.length === 100 ? '100 or more' : String(findings.length)],
    ['Last compared', runs[0]?.startedAt ?? 'never'],
  ])
}

async function sync(context: CliContext, options: SyncOptions): Promise<void> {
  const { user, all, since } = options
  if ((user === undefined) === (all !== true)) {
    throw new CliError('Whom to sync?', 'Name one with --user, or say --all.')
  }
  if (since !== undefined) {
    const { found } = await context.client().post('/api/v1/stripe/events/poll', { body: { since } })
    context.talk(`${found} event(s) had been missed.`)
  }
  if (user === undefined) return reconcileAll(context, options.dryRun === true)
  const client = context.client()
  const { data } = await client.get('/api/v1/customers', { query: { search: user, limit: 2 } })
  const [customer, second] = data
  if (customer === undefined)
    throw new CliError(`There is no customer ${user}.`, 'See "farebox customers list".')
  if (second !== undefined) throw new CliError(`Several customers match ${user}.`, 'Use the id.')
  const result = await client.post('/api/v1/customers/{customerId}/sync', {
    params: { customerId: customer.id },
    body: { isDryRun: options.dryRun === true },
  })
  if (context.options().json === true) {
    printJson(context, result)
    return
  }
  const { objects, differences, repaired } = result.counts
  context.talk(`${objects} object(s) compared, ${differences} differed, ${repaired} repaired.`)
  printRows(
    context,
    result.left,
    [
      { title: 'CATEGORY', value: ({ category }) => category },
      { title: 'WHAT', value: ({ summary }) => summary },
    ],
    'Both sides agree.',
  )
  if (result.left.length > 0) context.setExitCode(1)
}

/** Waits for the run, so that a script sees what came of it. */
async function reconcileAll(context: CliContext, isDryRun: boolean): Promise<void> {
  const client = context.client()
  let run = await client.post('/api/v1/stripe/reconcile', { body: { isDryRun } })
  while (run.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    run = await client.get('/api/v1/stripe/reconcile-runs/{runId}', { params: { runId: run.id } })
  }
  const { counts } = run
  printRecord(context, run, [
    ['Run', run.id],
    ['Customers', String(counts.customers)],
    ['Objects', String(counts.objects)],
    ['Differences', String(counts.differences)],
    ['Repaired', String(counts.repaired)],
    ['Failed', String(counts.failed)],
  ])
  if (counts.differences > counts.repaired || counts.failed > 0) context.setExitCode(1)
}
