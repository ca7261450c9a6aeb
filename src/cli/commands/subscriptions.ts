import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { formatMoney } from '../../kit/money.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRecord, printRows } from '../output.ts'

type Subscription = ResponseOf<'get', '/api/v1/subscriptions/{subscriptionId}'>
type Preview = ResponseOf<'post', '/api/v1/subscriptions/{subscriptionId}/change/preview'>

/** What happens next by itself: `renews 2027-03-21`. */
function nextWords(subscription: Subscription): string {
  const { lifecycle, cancelAt, endsAt, resumesAt, trialEndsAt, currentPeriod } = subscription
  const end = cancelAt ?? endsAt
  const [verb, at] =
    end !== null
      ? [lifecycle === 'ended' || lifecycle === 'expired' ? 'ended' : 'ends', end]
      : lifecycle === 'paused'
        ? ['resumes', resumesAt]
        : lifecycle === 'trialing'
          ? ['trial ends', trialEndsAt]
          : ['renews', currentPeriod?.endsAt ?? null]
  return at === null ? '–' : `${verb} ${at.slice(0, 10)}`
}

export function addSubscriptionCommands(program: Command, context: CliContext): void {
  const subscriptions = program.command('subscriptions').description('Who has which plan')
  const path = (subscriptionId: string) => ({ params: { subscriptionId } })

  subscriptions
    .command('list')
    .description('Subscriptions, newest first')
    .option('--plan <key>', 'only of this plan')
    .option('--customer <id>', 'only of this customer')
    .addHelpText('after', examples('subscriptions list --plan pro', 'subscriptions list --json'))
    .action(async ({ plan, customer }: { plan?: string; customer?: string }) => {
      const query = { planKey: plan, customerId: customer }
      const { data } = await context.client().get('/api/v1/subscriptions', { query })
      printRows(
        context,
        data,
        [
          { title: 'SUBSCRIPTION', value: ({ id }) => id },
          { title: 'CUSTOMER', value: ({ customerId }) => customerId },
          { title: 'PLAN', value: ({ planKey, planVersion }) => `${planKey}@${planVersion}` },
          { title: 'STATE', value: ({ lifecycle }) => lifecycle },
          { title: 'PAYMENT', value: ({ paymentStatus }) => paymentStatus },
          { title: 'NEXT', value: nextWords },
        ],
        'There are no subscriptions yet.',
      )
    })

  subscriptions
    .command('show <subscription>')
    .description('One subscription, with a change that is under way')
    .addHelpText('after', examples('subscriptions show subscription_01k9…'))
    .action(async (id: string) => {
      printOne(
        context,
        await context.client().get('/api/v1/subscriptions/{subscriptionId}', path(id)),
      )
    })

  subscriptions
    .command('change <subscription> <plan>')
    .description('Change the plan at what it costs now; look first with --dry-run')
    .option('--now', 'at once, even where the plan goes down')
    .option('--at-period-end', 'when the period ends, even where the plan goes up')
    .option('--dry-run', 'show what it costs and change nothing')
    .addHelpText(
      'after',
      examples(
        'subscriptions change subscription_01k9… pro --dry-run',
        'subscriptions change subscription_01k9… free --now',
      ),
    )
    .action(
      async (
        id: string,
        planKey: string,
        { now, atPeriodEnd, dryRun }: { now?: boolean; atPeriodEnd?: boolean; dryRun?: boolean },
      ) => {
        const timing = now === true ? 'immediate' : atPeriodEnd === true ? 'at_period_end' : 'auto'
        const client = context.client()
        const preview = await client.post('/api/v1/subscriptions/{subscriptionId}/change/preview', {
          ...path(id),
          body: { planKey, timing },
        })
        if (dryRun === true) return printPreview(context, preview)
        if (context.options().json !== true) printPreview(context, preview)
        const result = await client.post('/api/v1/subscriptions/{subscriptionId}/change', {
          ...path(id),
          body: { quoteId: preview.quoteId },
        })
        if (context.options().json === true) return printJson(context, result)
        context.print(result.kind.replaceAll('_', ' '))
      },
    )

  subscriptions
    .command('undo-change <subscription>')
    .description('Take back a change that is scheduled or waits for its payment')
    .addHelpText('after', examples('subscriptions undo-change subscription_01k9…'))
    .action(async (id: string) => {
      const client = context.client()
      printOne(
        context,
        await client.post('/api/v1/subscriptions/{subscriptionId}/change/undo', path(id)),
      )
    })

  subscriptions
    .command('cancel <subscription>')
    .description('Cancel at the end of what is paid for')
    .option('--now', 'end it at once')
    .addHelpText('after', examples('subscriptions cancel subscription_01k9…'))
    .action(async (id: string, { now }: { now?: boolean }) => {
      const timing = now === true ? 'now' : 'default'
      printOne(
        context,
        await context.client().post('/api/v1/subscriptions/{subscriptionId}/cancel', {
          ...path(id),
          body: { timing },
        }),
      )
    })

  subscriptions
    .command('resume <subscription>')
    .description('End a pause, or take a cancellation back')
    .addHelpText('after', examples('subscriptions resume subscription_01k9…'))
    .action(async (id: string) => {
      const client = context.client()
      printOne(
        context,
        await client.post('/api/v1/subscriptions/{subscriptionId}/resume', path(id)),
      )
    })

  subscriptions
    .command('pause <subscription>')
    .description('No access and no charge until it is resumed; what was paid ahead is credited')
    .option('--until <time>', 'resume it then')
    .addHelpText(
      'after',
      examples('subscriptions pause subscription_01k9… --until 2027-01-01T00:00:00Z'),
    )
    .action(async (id: string, { until }: { until?: string }) => {
      const client = context.client()
      const body = { resumesAt: until ?? null }
      const call = { ...path(id), body }
      printOne(context, await client.post('/api/v1/subscriptions/{subscriptionId}/pause', call))
    })

  addAccessCommand(subscriptions, context)
}

function addAccessCommand(subscriptions: Command, context: CliContext): void {
  subscriptions
    .command('access <subscription>')
    .description('Let somebody in or keep them out, whatever was paid; without options: as usual')
    .option('--until <time>', 'let in until then')
    .option('--deny <reason>', 'keep out; the reason is told to whoever calls')
    .addHelpText(
      'after',
      examples(
        'subscriptions access subscription_01k9… --until 2026-12-24T00:00:00Z',
        'subscriptions access subscription_01k9…',
      ),
    )
    .action(async (subscriptionId: string, { until, deny }: { until?: string; deny?: string }) => {
      const override =
        deny !== undefined
          ? ({ kind: 'deny', note: deny } as const)
          : until === undefined
            ? null
            : ({ kind: 'allow_until', until } as const)
      printOne(
        context,
        await context.client().put('/api/v1/subscriptions/{subscriptionId}/access', {
          params: { subscriptionId },
          body: { override },
        }),
      )
    })
}

function printOne(context: CliContext, subscription: Subscription): void {
  const { change } = subscription
  printRecord(context, subscription, [
    ['subscription', subscription.id],
    ['customer', subscription.customerId],
    ['plan', `${subscription.planName} (${subscription.planKey}@${subscription.planVersion})`],
    ['state', subscription.lifecycle],
    ['payment', subscription.paymentStatus],
    ['period ends', subscription.currentPeriod?.endsAt ?? null],
    ['ends', subscription.cancelAt ?? subscription.endsAt],
    ['access', accessWords(subscription)],
    ['paused since', subscription.pausedAt],
    ['resumes', subscription.resumesAt],
    [
      'change',
      change === null
        ? null
        : `${change.state.replaceAll('_', ' ')}: ${change.planName}, ${change.effectiveAt}`,
    ],
  ])
}

function accessWords({ accessOverride }: Subscription): string | null {
  if (accessOverride === null) return null
  return accessOverride.kind === 'deny'
    ? `kept out: ${accessOverride.note}`
    : `let in until ${accessOverride.until}`
}

function printPreview(context: CliContext, preview: Preview): void {
  const { invoice, payment, nextInvoice } = preview
  const money = ({ amountMinor, currency }: { amountMinor: number; currency: string }) =>
    formatMoney({ amountMinor: BigInt(amountMinor), currency })
  printRecord(context, preview, [
    ['change', `${preview.from.planName} → ${preview.to.planName} (${preview.direction})`],
    ['takes effect', preview.effectiveAt],
    ...(invoice?.lines ?? []).map(({ description, amount }): [string, string] => [
      'line',
      `${money(amount)}  ${description}`,
    ]),
    ['due now', invoice === null ? null : money(invoice.amountDue)],
    ['credit', payment.kind === 'credit' ? money(payment.amount) : null],
    ['next invoice', nextInvoice && `${money(nextInvoice.amountDue)} on ${nextInvoice.at}`],
    ...preview.notices.map(({ message }): [string, string] => ['note', message]),
  ])
}
