import type { Command } from 'commander'
import { DAY_MS, formatInstant } from '../../kit/instant.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printRows } from '../output.ts'

type Grain = 'hour' | 'day' | 'month'

interface UsageOptions {
  readonly meter?: string
  readonly from?: string
  readonly to?: string
  readonly grain: Grain
}

const DEFAULT_DAYS = 30

export function addUsageCommands(program: Command, context: CliContext): void {
  program
    .command('usage')
    .description('What was used')
    .command('show <customer>')
    .description('Usage of a customer over time')
    .option('--meter <key>', 'which meter; the first one by default')
    .option('--from <time>', 'ISO 8601; thirty days ago by default')
    .option('--to <time>', 'ISO 8601; now by default')
    .option('--grain <grain>', 'hour, day or month', 'day')
    .addHelpText(
      'after',
      examples(
        'usage show customer_01k…',
        'usage show customer_01k… --meter requests --grain hour --json',
      ),
    )
    .action(async (customerId: string, { meter, from, to, grain }: UsageOptions) => {
      const client = context.client()
      const meters = await client.get('/api/v1/meters')
      const meterKey = meter ?? meters.data[0]?.key
      if (meterKey === undefined) throw new CliError('There are no meters.', 'Create one first.')
      const clock = await client.get('/api/v1/clock')
      const end = to ?? formatInstant(Date.parse(clock.now) + 1)
      const start = from ?? formatInstant(Date.parse(end) - DEFAULT_DAYS * DAY_MS)
      const usage = await client.get('/api/v1/customers/{customerId}/usage', {
        params: { customerId },
        query: { meter: meterKey, from: start, to: end, grain },
      })
      printRows(
        context,
        usage.points,
        [
          { title: 'FROM', value: ({ at }) => at },
          { title: usage.unit.toUpperCase(), value: ({ value }) => value, isNumeric: true },
        ],
        `No ${usage.meterKey} in this time.`,
      )
      context.talk(`${usage.total} × ${usage.unit} in all.`)
    })
}
