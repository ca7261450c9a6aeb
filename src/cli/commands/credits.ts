import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

type Account = ResponseOf<'get', '/api/v1/customers/{customerId}/credits'>
type Grant = Account['grants'][number]

interface GrantOptions {
  readonly unit: string
  readonly amount: string
  readonly category: 'promotional' | 'compensation'
  readonly priority: string
  readonly expires?: string
  readonly feature: string[]
  readonly reason?: string
}

export function addCreditCommands(program: Command, context: CliContext): void {
  const credits = program.command('credits').description('What customers have paid or were given')
  const of = (customerId: string) =>
    context.client().get('/api/v1/customers/{customerId}/credits', { params: { customerId } })

  credits
    .command('balance <customer>')
    .description('What a customer can spend, of each unit')
    .addHelpText('after', examples('credits balance customer_01k…'))
    .action(async (customerId: string) => {
      const { balances } = await of(customerId)
      printRows(
        context,
        balances,
        [
          { title: 'UNIT', value: ({ unit }) => unit },
          { title: 'AVAILABLE', value: ({ available }) => available, isNumeric: true },
          { title: 'HELD', value: ({ reserved }) => reserved, isNumeric: true },
          { title: 'OWED', value: ({ debt }) => debt, isNumeric: true },
        ],
        'The customer has no credits.',
      )
    })

  credits
    .command('grants <customer>')
    .description('Where a customer’s credits came from, newest first')
    .addHelpText('after', examples('credits grants customer_01k…'))
    .action(async (customerId: string) => {
      const { grants } = await of(customerId)
      printRows<Grant>(
        context,
        grants,
        [
          { title: 'GRANT', value: ({ id }) => id },
          { title: 'UNIT', value: ({ unit }) => unit },
          { title: 'LEFT', value: ({ left, amount }) => `${left} of ${amount}`, isNumeric: true },
          { title: 'CATEGORY', value: ({ category }) => category },
          { title: 'STATE', value: ({ state, isFrozen }) => (isFrozen ? 'frozen' : state) },
          { title: 'EXPIRES', value: ({ expiresAt }) => expiresAt ?? 'never' },
          { title: 'NOTE', value: ({ note }) => note ?? '' },
        ],
        'The customer was never granted credits.',
      )
    })

  credits
    .command('ledger <customer>')
    .description('The last movements of a customer’s credits')
    .option('--limit <n>', 'how many', '50')
    .addHelpText('after', examples('credits ledger customer_01k… --limit 200'))
    .action(async (customerId: string, { limit }: { limit: string }) => {
      const { data } = await context.client().get('/api/v1/customers/{customerId}/credits/ledger', {
        params: { customerId },
        query: { limit: Number(limit) },
      })
      printRows(
        context,
        data,
        [
          { title: 'AT', value: ({ at }) => at },
          { title: 'WHAT', value: ({ type }) => type },
          { title: 'AMOUNT', value: ({ amount }) => amount, isNumeric: true },
          { title: 'UNIT', value: ({ unit }) => unit },
          { title: 'BALANCE', value: ({ balanceAfter }) => balanceAfter, isNumeric: true },
          { title: 'BECAUSE OF', value: ({ causeKind, causeId }) => `${causeKind} ${causeId}` },
        ],
        'Nothing has moved yet.',
      )
    })

  credits
    .command('grant <customer>')
    .description('Give credits: a promotion, or an apology')
    .requiredOption('--unit <unit>', 'money:usd, feature:requests or custom:credits')
    .requiredOption('--amount <amount>', 'how many; of money in major units')
    .option('--category <category>', 'promotional or compensation', 'promotional')
    .option('--priority <n>', '1 to 255; the lowest is used first', '100')
    .option('--expires <instant>', 'until when they are valid; for good by default')
    .option('--feature <key...>', 'only for these features', [])
    .option('--reason <text>', 'why, for the audit log and the customer')
    .addHelpText(
      'after',
      examples(
        'credits grant customer_01k… --unit money:usd --amount 25 --reason "Outage on Monday" --category compensation',
        'credits grant customer_01k… --unit custom:credits --amount 500 --expires 2027-01-01T00:00:00Z',
      ),
    )
    .action(async (customerId: string, options: GrantOptions) => {
      const { unit, amount, category, priority, expires, feature, reason } = options
      const account = await context.client().post('/api/v1/customers/{customerId}/credits/grants', {
        params: { customerId },
        body: {
          unit,
          amount,
          category,
          priority: Number(priority),
          expiresAt: expires ?? null,
          appliesTo: feature.length === 0 ? null : feature,
          note: reason ?? null,
        },
      })
      if (context.options().json === true) return printJson(context, account)
      const balance = account.balances.find((each) => each.unit === unit)
      context.print(`Granted ${amount} ${unit}; ${balance?.available ?? '0'} can be spent now.`)
    })

  credits
    .command('void <grant>')
    .description('Take back what is left of a grant')
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText('after', examples('credits void grant_01k… --reason "Given by mistake"'))
    .action(async (grantId: string, { reason }: { reason?: string }) => {
      const done = await context.client().post('/api/v1/credit-grants/{grantId}/void', {
        params: { grantId },
        body: { note: reason ?? null },
      })
      if (context.options().json === true) printJson(context, done)
      else context.print(`Took back what was left of ${grantId}.`)
    })
}
