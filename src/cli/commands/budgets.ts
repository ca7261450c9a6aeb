import { type Command, Option } from 'commander'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

type Window = 'hour' | 'day' | 'week' | 'month'

interface SetOptions {
  readonly name: string
  readonly amount: string
  readonly meter?: string
  readonly currency?: string
  readonly key?: string
  readonly window: Window
  readonly soft?: true
  readonly alerts: string
}

interface ChangeOptions {
  readonly name?: string
  readonly amount?: string
  readonly window?: Window
  readonly soft?: true
  readonly hard?: true
  readonly alerts?: string
}

export function addBudgetCommands(program: Command, context: CliContext): void {
  const budgets = program
    .command('budgets')
    .description('What customers allow themselves and their keys')

  budgets
    .command('list <customer>')
    .description('The budgets of a customer, and how much of them is used')
    .addHelpText(
      'after',
      examples('budgets list customer_01k…', 'budgets list customer_01k… --json'),
    )
    .action(async (customerId: string) => {
      const { data } = await context
        .client()
        .get('/api/v1/customers/{customerId}/budgets', { params: { customerId } })
      printRows(
        context,
        data,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'FOR', value: ({ keyId }) => keyId ?? 'the customer' },
          {
            title: 'USED',
            value: ({ used, amount, meterKey, currency }) =>
              `${used} of ${amount} ${meterKey ?? currency ?? ''}`,
          },
          { title: 'PER', value: ({ window }) => window },
          { title: 'BEYOND', value: ({ isHard }) => (isHard ? 'refused' : 'only told') },
          { title: 'RESETS', value: ({ resetsAt }) => resetsAt },
        ],
        'The customer has no budgets.',
      )
    })

  budgets
    .command('set <customer>')
    .description('Set a budget for a customer or one of its keys')
    .requiredOption('--name <name>', 'what the budget is called')
    .requiredOption('--amount <amount>', 'units of the meter, or money')
    .option('--meter <key>', 'count units of this meter')
    .option('--currency <code>', 'count money at the list price')
    .option('--key <id>', 'for one key; for all of the customer by default')
    .option('--window <window>', 'hour, day, week or month', 'month')
    .option('--soft', 'refuse nothing, only tell')
    .option('--alerts <percents>', 'mail at these shares', '80,100')
    .addHelpText(
      'after',
      examples(
        'budgets set customer_01k… --name "Nightly jobs" --key key_01k… --meter requests --amount 5000 --window day',
        'budgets set customer_01k… --name Cap --currency usd --amount 100 --alerts 50,80,100',
      ),
    )
    .action(async (customerId: string, options: SetOptions) => {
      const { name, amount, meter, currency, key, window, soft, alerts } = options
      const budget = await context.client().post('/api/v1/customers/{customerId}/budgets', {
        params: { customerId },
        body: {
          name,
          amount,
          meterKey: meter ?? null,
          currency: currency ?? null,
          keyId: key ?? null,
          window,
          isHard: soft !== true,
          alertPercents: percentsOf(alerts),
        },
      })
      if (context.options().json === true) printJson(context, budget)
      else context.print(`Set ${budget.name} (${budget.id}); it resets at ${budget.resetsAt}.`)
    })

  budgets
    .command('change <customer> <budget>')
    .description('Change a budget: raise it, turn it soft, write at other shares')
    .option('--name <name>', 'what the budget is called')
    .option('--amount <amount>', 'units of the meter, or money')
    .option('--window <window>', 'hour, day, week or month')
    .option('--hard', 'refuse what is beyond')
    .addOption(new Option('--soft', 'refuse nothing, only tell').conflicts('hard'))
    .option('--alerts <percents>', 'mail at these shares; an empty text for none')
    .addHelpText(
      'after',
      examples(
        'budgets change customer_01k… budget_01k… --amount 10000',
        'budgets change customer_01k… budget_01k… --soft --alerts 50,100',
      ),
    )
    .action(async (customerId: string, budgetId: string, options: ChangeOptions) => {
      const { name, amount, window, soft, hard, alerts } = options
      const body = {
        ...(name !== undefined && { name }),
        ...(amount !== undefined && { amount }),
        ...(window !== undefined && { window }),
        ...((soft ?? hard) !== undefined && { isHard: hard === true }),
        ...(alerts !== undefined && { alertPercents: percentsOf(alerts) }),
      }
      if (Object.keys(body).length === 0) {
        throw new CliError('Nothing to change.', 'Say what, for example --amount 10000.')
      }
      const budget = await context
        .client()
        .patch('/api/v1/customers/{customerId}/budgets/{budgetId}', {
          params: { customerId, budgetId },
          body,
        })
      if (context.options().json === true) printJson(context, budget)
      else {
        const { used, meterKey, currency } = budget
        const unit = meterKey ?? currency ?? ''
        const beyond = budget.isHard ? 'refused' : 'only told'
        context.print(
          `Changed ${budget.name}: ${used} of ${budget.amount} ${unit} per ${budget.window} are used; what is beyond is ${beyond}.`,
        )
      }
    })

  budgets
    .command('remove <customer> <budget>')
    .description('Remove a budget')
    .addHelpText('after', examples('budgets remove customer_01k… budget_01k…'))
    .action(async (customerId: string, budgetId: string) => {
      await context.client().delete('/api/v1/customers/{customerId}/budgets/{budgetId}', {
        params: { customerId, budgetId },
      })
      context.print(`Removed ${budgetId}.`)
    })
}

/** `80,100`; what is no number is for the server to refuse. */
function percentsOf(text: string): number[] {
  return text.trim() === '' ? [] : text.split(',').map(Number)
}
