import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printRows } from '../output.ts'

export function addSettingCommands(program: Command, context: CliContext): void {
  const settings = program.command('settings').description('What may change at run time')

  settings
    .command('list')
    .description('All settings, with where each value comes from; secrets are masked')
    .addHelpText('after', examples('settings list', 'settings list --live --json'))
    .action(async () => {
      const { data } = await context.client().get('/api/v1/settings')
      printRows(
        context,
        data,
        [
          { title: 'KEY', value: ({ key }) => key },
          { title: 'VALUE', value: ({ value }) => value ?? '–' },
          { title: 'FROM', value: ({ source }) => source },
        ],
        'There are no settings.',
      )
    })

  settings
    .command('set <key> <value>')
    .description('Change a setting')
    .addHelpText(
      'after',
      examples(
        'settings set payment.max_overdue_days 5',
        'settings set payment.stripe.secret_key sk_live_… --live',
      ),
    )
    .action(async (settingKey: string, value: string) => {
      await context
        .client()
        .put('/api/v1/settings/{settingKey}', { params: { settingKey }, body: { value } })
      context.talk(`Set ${settingKey}.`)
    })

  settings
    .command('delete <key>')
    .description('Go back to the default')
    .addHelpText(
      'after',
      examples('settings delete payment.max_overdue_days', 'settings delete portal.accent'),
    )
    .action(async (settingKey: string) => {
      await context.client().delete('/api/v1/settings/{settingKey}', { params: { settingKey } })
      context.talk(`Deleted ${settingKey}.`)
    })
}
