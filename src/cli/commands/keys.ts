import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command('keys').description("Customers' API keys")

  keys
    .command('list <customer>')
    .description('The keys of a customer')
    .addHelpText('after', examples('keys list customer_01k…', 'keys list customer_01k… --json'))
    .action(async (customerId: string) => {
      const { data } = await context
        .client()
        .get('/api/v1/customers/{customerId}/keys', { params: { customerId } })
      printRows(
        context,
        data,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'KEY', value: ({ start, lastFour }) => `${start}…${lastFour}` },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'LAST USED', value: ({ lastUsedAt }) => lastUsedAt ?? 'never' },
        ],
        'The customer has no keys.',
      )
    })

  keys
    .command('issue <customer>')
    .description('Create a key; it is shown once')
    .requiredOption('--name <name>', 'what the key is for')
    .addHelpText(
      'after',
      examples(
        'keys issue customer_01k… --name production',
        'keys issue customer_01k… --name ci --json',
      ),
    )
    .action(async (customerId: string, { name }: { name: string }) => {
      const issued = await context
        .client()
        .post('/api/v1/customers/{customerId}/keys', { params: { customerId }, body: { name } })
      show(context, issued)
    })

  keys
    .command('rotate <customer> <key>')
    .description('Replace a key; the old one works for the overlap')
    .option('--overlap-hours <hours>', 'how long both work', '24')
    .addHelpText(
      'after',
      examples(
        'keys rotate customer_01k… key_01k…',
        'keys rotate customer_01k… key_01k… --overlap-hours 0',
      ),
    )
    .action(
      async (customerId: string, keyId: string, { overlapHours }: { overlapHours: string }) => {
        const issued = await context
          .client()
          .post('/api/v1/customers/{customerId}/keys/{keyId}/rotate', {
            params: { customerId, keyId },
            body: { overlapHours: Number(overlapHours) },
          })
        show(context, issued)
      },
    )

  keys
    .command('revoke <customer> <key>')
    .description('End a key for good')
    .addHelpText(
      'after',
      examples('keys revoke customer_01k… key_01k…', 'keys revoke customer_01k… key_01k… --live'),
    )
    .action(async (customerId: string, keyId: string) => {
      const key = await context
        .client()
        .post('/api/v1/customers/{customerId}/keys/{keyId}/revoke', {
          params: { customerId, keyId },
        })
      if (context.options().json === true) printJson(context, key)
      else context.print(`Revoked ${key.name} (${key.start}…${key.lastFour}).`)
    })
}

function show(context: CliContext, issued: { secret: string; key: { name: string } }): void {
  if (context.options().json === true) {
    printJson(context, issued)
    return
  }
  context.print(issued.secret)
  context.talk(`This is the key "${issued.key.name}". Copy it now: it is not shown again.`)
}
