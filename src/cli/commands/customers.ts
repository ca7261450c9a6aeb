import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printRecord, printRows } from '../output.ts'

export function addCustomerCommands(program: Command, context: CliContext): void {
  const customers = program.command('customers').description('Who buys')

  customers
    .command('list')
    .description('Customers, newest first')
    .option('--search <text>', 'part of a name or e-mail address, or a whole id')
    .option('--limit <count>', 'how many at most', '25')
    .addHelpText('after', examples('customers list', 'customers list --search acme --json'))
    .action(async ({ search, limit }: { search?: string; limit: string }) => {
      const query = { search, limit: Number(limit) }
      const { data, nextCursor } = await context.client().get('/api/v1/customers', { query })
      printRows(
        context,
        data,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'E-MAIL', value: ({ email }) => email ?? '–' },
          { title: 'CREATED', value: ({ createdAt }) => createdAt.slice(0, 10) },
          {
            title: 'STATE',
            value: ({ suspensions, closedAt }) =>
              closedAt !== null ? 'closed' : suspensions.length > 0 ? 'suspended' : 'active',
          },
        ],
        'There are no customers.',
      )
      if (nextCursor !== null) context.talk('There are more; narrow the search or raise --limit.')
    })

  customers
    .command('show <customer>')
    .description('One customer with subscription and quotas')
    .addHelpText(
      'after',
      examples('customers show customer_01k…', 'customers show customer_01k… --json'),
    )
    .action(async (customerId: string) => {
      const customer = await context
        .client()
        .get('/api/v1/customers/{customerId}', { params: { customerId } })
      const { subscription } = customer
      printRecord(context, customer, [
        ['customer', `${customer.name} (${customer.id})`],
        ['e-mail', customer.email],
        ['created', customer.createdAt],
        ['Stripe', customer.stripeCustomerId],
        ['suspended', customer.suspensions.map(({ reason }) => reason).join(', ') || 'no'],
        ['plan', subscription && `${subscription.planName} v${subscription.planVersion}`],
        [
          'subscription',
          subscription && `${subscription.lifecycle}, payment ${subscription.paymentStatus}`,
        ],
        [
          'period',
          subscription?.currentPeriod ? `until ${subscription.currentPeriod.endsAt}` : null,
        ],
        ...customer.quotas.map(
          ({ featureName, used, limit, resetsAt }) =>
            [featureName, `${used} of ${limit ?? 'unlimited'}, resets ${resetsAt}`] as const,
        ),
      ])
    })

  customers
    .command('create <name>')
    .description('Create a customer')
    .option('--email <address>', 'where invoices and news go')
    .addHelpText('after', examples('customers create Acme --email billing@acme.example'))
    .action(async (name: string, { email }: { email?: string }) => {
      const body = { name, ...(email !== undefined && { email }) }
      const customer = await context.client().post('/api/v1/customers', { body })
      printRecord(context, customer, [
        ['customer', customer.id],
        ['name', customer.name],
        ['e-mail', customer.email],
      ])
    })

  customers
    .command('suspend <customer>')
    .description('Refuse every call of a customer within a second; keys and subscription stay')
    .option('--note <text>', 'why, for other operators')
    .addHelpText('after', examples('customers suspend customer_01k… --note "Terms broken"'))
    .action(async (customerId: string, { note }: { note?: string }) => {
      const body = { reason: 'operator' as const, note: note ?? null }
      const path = '/api/v1/customers/{customerId}/suspend'
      const customer = await context.client().post(path, { params: { customerId }, body })
      printRecord(context, customer, [
        ['customer', customer.id],
        ['suspended', customer.suspensions.map(({ reason }) => reason).join(', ')],
      ])
    })

  customers
    .command('reinstate <customer>')
    .description('Lift what an operator suspended; other reasons stay')
    .addHelpText('after', examples('customers reinstate customer_01k…'))
    .action(async (customerId: string) => {
      const body = { reason: 'operator' as const }
      const path = '/api/v1/customers/{customerId}/reinstate'
      const customer = await context.client().post(path, { params: { customerId }, body })
      printRecord(context, customer, [
        ['customer', customer.id],
        ['suspended', customer.suspensions.map(({ reason }) => reason).join(', ') || 'no'],
      ])
    })
}
