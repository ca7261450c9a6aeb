import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { confirm } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

type Drift = ResponseOf<'get', '/api/v1/catalog/drift'>['data'][number]

const DIFFERS = 3

export function addPlanDriftCommand(plans: Command, context: CliContext): void {
  plans
    .command('drift')
    .description('What somebody edited, archived or deleted in Stripe of what is published there')
    .option('--repair', 'put back what is ours')
    .addHelpText(
      'after',
      examples('plans drift', 'plans drift --repair', 'plans drift --live --json'),
    )
    .action(({ repair }: { repair?: boolean }) => drift(context, repair === true))
}

async function drift(context: CliContext, isRepairing: boolean): Promise<void> {
  const client = context.client()
  const { data } = await client.get('/api/v1/catalog/drift')
  const repairable = data.filter(({ isRepairable }) => isRepairable)
  if (!isRepairing || repairable.length === 0) {
    showDrift(context, data)
    if (data.length > 0) context.setExitCode(DIFFERS)
    return
  }
  await confirm(context, `Put ${repairable.length} back in Stripe as they are here?`)
  const result = await client.post('/api/v1/catalog/drift/repair')
  if (context.options().json === true) printJson(context, result)
  else {
    context.talk(`${result.repaired.length} put back.`)
    showDrift(context, result.left)
  }
  if (result.left.length > 0) context.setExitCode(DIFFERS)
}

export function showDrift(context: CliContext, drifts: readonly Drift[]): void {
  printRows(
    context,
    drifts,
    [
      { title: 'PLAN', value: ({ planKey }) => planKey },
      { title: 'IN STRIPE', value: ({ summary }) => summary },
      { title: 'WHAT TO DO', value: ({ remedy }) => remedy },
    ],
    'Stripe has everything as it was published.',
  )
}
