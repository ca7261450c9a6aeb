import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

export function addEventCommands(program: Command, context: CliContext): void {
  const events = program.command('events').description('Usage that happened elsewhere')

  events
    .command('send <file>')
    .description('Send the CloudEvents in a JSON file: one, or a list')
    .option('--backfill', 'take events older than 35 days')
    .addHelpText('after', examples('events send usage.json', 'events send usage.json --backfill'))
    .action(async (file: string, { backfill }: { backfill?: true }) => {
      const answer = await context.client().post('/api/v1/events', {
        query: { backfill: backfill === true ? 'true' : 'false' },
        body: readJson(file) as Record<string, unknown>,
      })
      if (context.options().json === true) return printJson(context, answer)
      const { counted, duplicates, unmatched, rejected, results } = answer
      context.print(
        `${counted} counted, ${duplicates} known already, ${unmatched} without a meter, ${rejected} rejected.`,
      )
      for (const [index, { code, message }] of results.entries()) {
        if (code !== undefined) context.print(`  event ${index + 1}: ${code}: ${message ?? ''}`)
      }
    })

  events
    .command('list')
    .description('Events that were sent, newest first')
    .option('--customer <id>', 'of one customer')
    .addHelpText('after', examples('events list', 'events list --customer customer_01k… --json'))
    .action(async ({ customer }: { customer?: string }) => {
      const { data } = await context.client().get('/api/v1/events', {
        query: customer === undefined ? {} : { customerId: customer },
      })
      printRows(
        context,
        data,
        [
          { title: 'SOURCE', value: ({ source }) => source },
          { title: 'ID', value: ({ id }) => id },
          { title: 'TYPE', value: ({ type }) => type },
          { title: 'AT', value: ({ at }) => at },
          { title: 'STATE', value: ({ state }) => state },
        ],
        'There are no events.',
      )
    })

  events
    .command('void <source> <id>')
    .description('Take an event back; what was billed is corrected on the next invoice')
    .requiredOption('--reason <reason>', 'for the audit log')
    .addHelpText('after', examples('events void app 01k… --reason "sent by a test"'))
    .action(async (source: string, id: string, { reason }: { reason: string }) => {
      const event = await context
        .client()
        .post('/api/v1/events/void', { body: { source, id, reason } })
      if (context.options().json === true) printJson(context, event)
      else context.print(`Took back ${event.source} ${event.id} of ${event.at}.`)
    })

  events
    .command('replace <source> <id> <file>')
    .description('Put the CloudEvent in a JSON file in the place of an event')
    .requiredOption('--reason <reason>', 'for the audit log')
    .addHelpText('after', examples('events replace app 01k… right.json --reason "wrong customer"'))
    .action(async (source: string, id: string, file: string, { reason }: { reason: string }) => {
      const event = await context.client().post('/api/v1/events/replace', {
        body: { source, id, reason, by: readJson(file) as never },
      })
      if (context.options().json === true) printJson(context, event)
      else context.print(`${event.source} ${event.id} of ${event.at} is in its place.`)
    })
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError(`${file} cannot be read: ${why}`, 'Name a JSON file with a CloudEvent.')
  }
}
