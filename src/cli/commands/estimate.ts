import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import type { BodyOf, ResponseOf } from '../../client/client.ts'
import { formatMoney } from '../../kit/money.ts'
import { isId } from '../../kit/id.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

type Question = BodyOf<'post', '/api/v1/cost'>
type Estimate = ResponseOf<'post', '/api/v1/cost'>
type NextInvoice = NonNullable<
  ResponseOf<'get', '/api/v1/subscriptions/{subscriptionId}/next-invoice'>['invoice']
>

interface EstimateOptions {
  readonly usage: readonly string[]
  readonly events?: string
  readonly planVersion?: string
  readonly phase?: string
  readonly currency?: string
  readonly at?: string
  readonly explain?: boolean
}

export function addEstimateCommands(billing: Command, context: CliContext): void {
  billing
    .command('estimate <plan-or-subscription>')
    .description('What usage would cost in a period, by the rater that bills')
    .option('--usage <meter=quantity...>', 'numbers for the whole period', [])
    .option('--events <file>', 'a JSON file with a list of events, as they would be sent')
    .option('--plan-version <number>', 'the version on sale by default')
    .option('--phase <key>', 'the last phase by default')
    .option('--currency <code>', "the plan's first by default")
    .option('--at <time>', 'somewhere in the period; now by default')
    .option('--explain', 'say how each amount comes about')
    .addHelpText(
      'after',
      examples(
        'billing estimate pro --usage requests=120000',
        'billing estimate compute --usage cpu_hours=730 gpu_hours=12.5 --explain',
        'billing estimate subscription_01k… --events sample.json --json',
      ),
    )
    .action(async (target: string, options: EstimateOptions) => {
      const estimate = await context
        .client()
        .post('/api/v1/cost', { body: questionOf(target, options) })
      printLines(context, estimate, options.explain === true)
      for (const meter of estimate.unpricedMeters) {
        context.talk(`${meter} costs nothing on ${estimate.planKey}.`)
      }
    })

  billing
    .command('next <subscription>')
    .description('The invoice at the end of the running period, as far as it is known')
    .option('--explain', 'say how each amount comes about')
    .addHelpText('after', examples('billing next subscription_01k… --explain'))
    .action(async (subscriptionId: string, { explain }: { explain?: boolean }) => {
      const { invoice } = await context
        .client()
        .get('/api/v1/subscriptions/{subscriptionId}/next-invoice', { params: { subscriptionId } })
      if (invoice === null) {
        if (context.options().json === true) return printJson(context, { invoice })
        return context.talk('No invoice comes: nothing runs that is charged.')
      }
      printLines(context, invoice, explain === true)
      context.talk(`It is made at ${invoice.at}.`)
    })
}

function printLines(
  context: CliContext,
  costs: Estimate | NextInvoice,
  isExplained: boolean,
): void {
  if (context.options().json === true) return printJson(context, costs)
  const amount = ({ amountMinor, currency }: Estimate['total']) =>
    formatMoney({ amountMinor: BigInt(amountMinor), currency })
  printRows(
    context,
    [...costs.lines, { description: 'Total before tax', amount: costs.total, explanation: [] }],
    [
      { title: 'LINE', value: ({ description }) => description },
      { title: 'AMOUNT', value: (line) => amount(line.amount), isNumeric: true },
    ],
    '',
  )
  if (!isExplained) return
  for (const { description, explanation } of costs.lines) {
    context.talk([`${description}:`, ...explanation.map((text) => `  ${text}`)].join('\n'))
  }
}

function questionOf(target: string, options: EstimateOptions): Question {
  const { usage, events, planVersion, phase, currency, at } = options
  const isSubscription = isId('subscription', target)
  return {
    ...(isSubscription ? { subscriptionId: target } : { planKey: target }),
    ...(planVersion !== undefined && { planVersion: Number(planVersion) }),
    ...(phase !== undefined && { phaseKey: phase }),
    ...(currency !== undefined && { currency }),
    ...(at !== undefined && { at }),
    quantities: usage.map(quantityOf),
    ...(events !== undefined && { events: eventsOf(events) }),
  }
}

function quantityOf(text: string): NonNullable<Question['quantities']>[number] {
  const [meter = '', quantity = ''] = text.split('=')
  if (meter === '' || quantity === '') {
    throw new CliError(`"${text}" is no usage.`, 'Write a meter and a number: requests=12000')
  }
  return { meter, quantity }
}

function eventsOf(file: string): NonNullable<Question['events']> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as NonNullable<Question['events']>
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError(`${file} cannot be read: ${why}`, 'Name a JSON file with a list of events.')
  }
}
