import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRecord, printRows } from '../output.ts'
import { printPreview } from './change-preview.ts'
import { addOverrideCommand } from './overrides.ts'

type Subscription = ResponseOf<'get', '/api/v1/subscriptions/{subscriptionId}'>

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
    .command('change <subscription> [plan]')
    .description('Change the plan, or add-ons, at what it costs now; look first with --dry-run')
    .option(
      '--add-on <key=quantity...>',
      'have it so often on top of the plan; what is not named stays, 0 gives it up',
    )
    .option('--now', 'at once, even where the plan goes down')
    .option('--at-period-end', 'when the period ends, even where the plan goes up')
    .option('--dry-run', 'show what it costs and change nothing')
    .addHelpText(
      'after',
      examples(
        'subscriptions change subscription_01k9… pro --dry-run',
        'subscriptions change subscription_01k9… free --now',
        'subscriptions change subscription_01k9… --add-on extra_calls=2',
      ),
    )
    .action(
      async (
        id: string,
        planKey: string | undefined,
        { now, atPeriodEnd, dryRun, addOn = [] }: ChangeOptions,
      ) => {
        if (planKey === undefined && addOn.length === 0) {
          throw new CliError('Nothing to change.', 'Name a plan, or add-ons with --add-on.')
        }
        const timing = now === true ? 'immediate' : atPeriodEnd === true ? 'at_period_end' : 'auto'
        const client = context.client()
        const preview = await client.post('/api/v1/subscriptions/{subscriptionId}/change/preview', {
          ...path(id),
          body: {
            planKey: planKey ?? null,
            timing,
            ...(addOn.length > 0 && { addOns: await addOnsWith(context, id, addOn) }),
          },
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
    .command('add-ons <subscription>')
    .description('What it may have on top of its plan, and how often it has it')
    .addHelpText('after', examples('subscriptions add-ons subscription_01k9…'))
    .action(async (id: string) => {
      const client = context.client()
      const { data } = await client.get('/api/v1/subscriptions/{subscriptionId}/add-ons', path(id))
      printRows(
        context,
        data,
        [
          { title: 'ADD-ON', value: ({ key }) => key },
          { title: 'NAME', value: ({ definition }) => definition.name },
          { title: 'HAS', value: ({ quantity }) => String(quantity), isNumeric: true },
          {
            title: 'AT MOST',
            value: ({ definition }) => String(definition.addOn?.maximumQuantity ?? '–'),
            isNumeric: true,
          },
          { title: '', value: ({ isOnSale }) => (isOnSale ? '' : 'off sale') },
        ],
        'No add-on goes with its plan.',
      )
    })

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
  addOverrideCommand(subscriptions, context)
}

interface ChangeOptions {
  readonly now?: boolean
  readonly atPeriodEnd?: boolean
  readonly dryRun?: boolean
  readonly addOn?: readonly string[]
}

/** All there is to be on top of the plan: what there is, with what was named in its place. */
async function addOnsWith(context: CliContext, subscriptionId: string, named: readonly string[]) {
  const { addOns } = await context
    .client()
    .get('/api/v1/subscriptions/{subscriptionId}', { params: { subscriptionId } })
  const wanted = new Map(addOns.map(({ key, quantity }) => [key, quantity]))
  for (const text of named) {
    const [key = '', quantity = '1'] = text.split('=')
    if (!/^\d+$/.test(quantity)) {
      throw new CliError(`"${text}" is no add-on and quantity.`, 'Write extra_calls=2.')
    }
    wanted.set(key, Number(quantity))
  }
  return [...wanted].map(([key, quantity]) => ({ key, quantity }))
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
    [
      'add-ons',
      subscription.addOns.map(({ key, quantity }) => `${key} × ${quantity}`).join(', ') || null,
    ],
    ['state', subscription.lifecycle],
    ['payment', subscription.paymentStatus],
    ['period ends', subscription.currentPeriod?.endsAt ?? null],
    ['ends', subscription.cancelAt ?? subscription.endsAt],
    ['access', accessWords(subscription)],
    ['agreed', agreedWords(subscription)],
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

function agreedWords({ agreed }: Subscription): string | null {
  if (agreed === null) return null
  const limitOf = (limit: string | null) => limit ?? 'unlimited'
  const parts = [
    ...agreed.prices.map(({ rateCardKey, percent, amount }) =>
      percent === null ? `${rateCardKey} at ${amount}` : `${rateCardKey} less ${percent} %`,
    ),
    ...agreed.quotas.map(({ featureKey, limit }) => `${featureKey} ${limitOf(limit)}`),
    ...agreed.rateLimits.map(({ name, limit }) => `${name} ${limit}`),
    ...agreed.features.map(({ featureKey, value }) => `${featureKey} ${value}`),
  ]
  const until = agreed.until === null ? '' : ` (until the period of ${agreed.until.slice(0, 10)})`
  return `${parts.join(', ')}${until}`
}

function accessWords({ accessOverride }: Subscription): string | null {
  if (accessOverride === null) return null
  return accessOverride.kind === 'deny'
    ? `kept out: ${accessOverride.note}`
    : `let in until ${accessOverride.until}`
}
