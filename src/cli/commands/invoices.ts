import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { formatMoney } from '../../kit/money.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printRecord, printRows } from '../output.ts'

type Invoice = ResponseOf<'get', '/api/v1/invoices'>['data'][number]
type State = Invoice['state']

const INVOICE = 'invoice_01k…'

export function addInvoiceCommands(program: Command, context: CliContext): void {
  const invoices = program.command('invoices').description('What is owed, and how it ended')

  invoices
    .command('list')
    .description('Invoices, newest first')
    .option('--customer <id>', 'only those of one customer')
    .option('--state <state>', 'draft, open, paid, void or uncollectible')
    .addHelpText('after', examples('invoices list --state open'))
    .action(async ({ customer, state }: { customer?: string; state?: State }) => {
      const query = { ...(customer && { customerId: customer }), ...(state && { state }) }
      const { data } = await context.client().get('/api/v1/invoices', { query })
      printRows<Invoice>(
        context,
        data,
        [
          { title: 'INVOICE', value: ({ id }) => id },
          { title: 'NUMBER', value: ({ number }) => number ?? '' },
          { title: 'STATE', value: ({ state: now }) => now },
          { title: 'DUE', value: ({ dueAt }) => dueAt ?? '' },
          { title: 'TOTAL', value: ({ total }) => moneyOf(total), isNumeric: true },
        ],
        'There is no such invoice.',
      )
    })

  invoices
    .command('mark-paid <invoice>')
    .description('Say that the whole of an invoice arrived another way, such as by transfer')
    .option('--reference <text>', 'what names the payment; needed for invoices outside Stripe')
    .option('--paid-at <time>', 'when it arrived; now where it is not said')
    .addHelpText('after', examples(`invoices mark-paid ${INVOICE} --reference TR-4711`))
    .action(
      async (invoiceId: string, { reference, paidAt }: { reference?: string; paidAt?: string }) => {
        const body = { reference: reference ?? null, paidAt: paidAt ?? null }
        const params = { invoiceId }
        const path = '/api/v1/invoices/{invoiceId}/mark-paid'
        print(context, await context.client().post(path, { params, body }))
      },
    )

  invoices
    .command('void <invoice>')
    .description('Void an open invoice; it is no longer owed')
    .addHelpText('after', examples(`invoices void ${INVOICE}`))
    .action(async (invoiceId: string) => {
      const params = { invoiceId }
      print(context, await context.client().post('/api/v1/invoices/{invoiceId}/void', { params }))
    })

  invoices
    .command('write-off <invoice>')
    .description('Give up on an open invoice; it stays owed and can still be paid')
    .addHelpText('after', examples(`invoices write-off ${INVOICE}`))
    .action(async (invoiceId: string) => {
      const path = '/api/v1/invoices/{invoiceId}/write-off'
      print(context, await context.client().post(path, { params: { invoiceId } }))
    })
}

function print(context: CliContext, invoice: Invoice): void {
  printRecord(context, invoice, [
    ['invoice', invoice.id],
    ['number', invoice.number ?? ''],
    ['state', invoice.state],
    ['due', moneyOf(invoice.amountDue)],
    ['paid', moneyOf(invoice.amountPaid)],
    ...(invoice.paymentReference === null
      ? []
      : [['reference', invoice.paymentReference] as [string, string]]),
  ])
}

function moneyOf({ amountMinor, currency }: Invoice['total']): string {
  return formatMoney({ amountMinor: BigInt(amountMinor), currency })
}
