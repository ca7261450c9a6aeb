import { type Command, Option } from 'commander'
import type { BodyOf, ResponseOf } from '../../client/client.ts'
import { formatMoney, majorToMinor } from '../../kit/money.ts'
import { confirm } from '../confirm.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printRecord, printRows } from '../output.ts'

type Money = ResponseOf<'get', '/api/v1/payments/{paymentId}'>['amount']
type RefundRequest = BodyOf<'post', '/api/v1/payments/{paymentId}/refunds'>

const PAYMENT = 'payment_01k…'

/** What happens to money after it came in, or did not. */
export function addAfterSalesCommands(program: Command, context: CliContext): void {
  const payments = program.command('payments').description('Money that came in, or did not')
  ofCustomer(payments.command('list'))
    .description('Payments, newest first')
    .addHelpText('after', examples('payments list', 'payments list --customer customer_01k…'))
    .action(async ({ customer }: { customer?: string }) => {
      const query = customer === undefined ? {} : { customerId: customer }
      const { data } = await context.client().get('/api/v1/payments', { query })
      printRows(
        context,
        data,
        [
          { title: 'PAYMENT', value: ({ id }) => id },
          { title: 'AT', value: ({ createdAt }) => createdAt },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'AMOUNT', value: ({ amount }) => money(amount), isNumeric: true },
        ],
        'There is no such payment.',
      )
    })

  const refunds = program.command('refunds').description('Money that went back')
  ofCustomer(refunds.command('list'))
    .description('Refunds, newest first')
    .addHelpText('after', examples('refunds list', 'refunds list --customer customer_01k…'))
    .action(async ({ customer }: { customer?: string }) => {
      const query = customer === undefined ? {} : { customerId: customer }
      const { data } = await context.client().get('/api/v1/refunds', { query })
      printRows(
        context,
        data,
        [
          { title: 'REFUND', value: ({ id }) => id },
          { title: 'PAYMENT', value: ({ paymentId }) => paymentId },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'AMOUNT', value: ({ amount }) => money(amount), isNumeric: true },
        ],
        'There is no such refund.',
      )
    })
  refunds
    .command('create <payment>')
    .description('Give a payment back, all that is left of it or a part')
    .option('--amount <amount>', 'a part of it, in major units such as 10.00')
    .addOption(
      new Option('--reason <reason>')
        .choices([
          'customer_request',
          'billing_error',
          'service_issue',
          'duplicate',
          'fraudulent',
          'other',
        ])
        .default('customer_request'),
    )
    .option('--dry-run', 'show what would be given back, and do nothing')
    .addHelpText('after', examples(`refunds create ${PAYMENT} --amount 10.00 --dry-run`))
    .action((paymentId: string, options: RefundOptions) => refund(context, paymentId, options))

  const disputes = program.command('disputes').description('Payments that are fought over')
  ofCustomer(disputes.command('list'))
    .description('Disputes, newest first')
    .addHelpText('after', examples('disputes list', 'disputes list --customer customer_01k…'))
    .action(async ({ customer }: { customer?: string }) => {
      const query = customer === undefined ? {} : { customerId: customer }
      const { data } = await context.client().get('/api/v1/disputes', { query })
      printRows(
        context,
        data,
        [
          { title: 'DISPUTE', value: ({ id }) => id },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'REASON', value: ({ reason }) => reason },
          { title: 'EVIDENCE DUE', value: ({ evidenceDueAt }) => evidenceDueAt ?? '–' },
          { title: 'AMOUNT', value: ({ amount }) => money(amount), isNumeric: true },
        ],
        'There is no dispute.',
      )
    })
}

interface RefundOptions {
  readonly amount?: string
  readonly reason: RefundRequest['reason']
  readonly dryRun?: boolean
}

async function refund(
  context: CliContext,
  paymentId: string,
  { amount, reason, dryRun }: RefundOptions,
): Promise<void> {
  const client = context.client()
  const params = { paymentId }
  const { amount: paid } = await client.get('/api/v1/payments/{paymentId}', { params })
  const part = amount === undefined ? null : Number(majorToMinor(amount, paid.currency))
  const body: RefundRequest = { reason, ...(part !== null && { amountMinor: part }) }
  const path = '/api/v1/payments/{paymentId}/refunds'
  const preview = await client.post(`${path}/preview`, { params, body })
  if (!preview.isAllowed || preview.amount === null) {
    throw new CliError('It cannot be given back.', preview.refusal ?? 'Nothing is left of it.')
  }
  const back = money(preview.amount)
  if (dryRun === true) return context.print(`Would give back ${back} of ${money(paid)}.`)
  await confirm(context, `Give back ${back} of ${money(paid)}?`)
  const made = await client.post(path, { params, body })
  printRecord(context, made, [
    ['refund', made.id],
    ['amount', money(made.amount)],
    ['state', made.state],
    ['approval', made.approval],
  ])
}

function ofCustomer(command: Command): Command {
  return command.option('--customer <id>', 'only those of one customer')
}

function money({ amountMinor, currency }: Money): string {
  return formatMoney({ amountMinor: BigInt(amountMinor), currency })
}
