import type { Command } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { formatMoney, parseMajor } from '../../kit/money.ts'
import { confirm } from '../confirm.ts'
import { type CliContext, CliError } from '../context.ts'
import { printJson, printRecord, printRows } from '../output.ts'
import { examples } from '../examples.ts'
import { addPlanDriftCommand } from './plan-drift.ts'
import { addInvitationCommands } from './invitations.ts'
import { addMigrationCommands } from './migrations.ts'
import { effectWords } from './plan-effects.ts'
import { addPlanFileCommands, diffFile } from './plan-files.ts'

type Plan = ResponseOf<'get', '/api/v1/plans'>['data'][number]
type Definition = NonNullable<Plan['active']>['definition']

export function addPlanCommands(program: Command, context: CliContext): void {
  const plans = program.command('plans').description('What is sold')

  plans
    .command('list')
    .description('All plans in plan order')
    .addHelpText('after', examples('plans list', 'plans list --json'))
    .action(async () => {
      const { data } = await context.client().get('/api/v1/plans')
      printRows(
        context,
        data,
        [
          { title: 'KEY', value: ({ key }) => key },
          {
            title: 'NAME',
            value: ({ active, draft }) => (active ?? draft)?.definition.name ?? '–',
          },
          { title: 'PRICE', value: ({ active, draft }) => priceOf((active ?? draft)?.definition) },
          {
            title: 'VERSION',
            value: ({ active }) => (active === null ? '–' : String(active.version)),
          },
          { title: 'DRAFT', value: ({ draft }) => (draft === null ? '–' : String(draft.version)) },
          {
            title: 'SUBSCRIBERS',
            value: ({ subscriberCount }) => String(subscriberCount),
            isNumeric: true,
          },
          {
            title: '',
            value: ({ isDefault, active, draft }) =>
              (active ?? draft)?.definition.addOn ? 'add-on' : isDefault ? 'default' : '',
          },
        ],
        'There are no plans yet.',
      )
    })

  plans
    .command('show <plan>')
    .description('One plan with its phases and rate cards')
    .addHelpText('after', examples('plans show pro', 'plans show pro --json'))
    .action(async (planKey: string) => {
      const { data } = await context
        .client()
        .get('/api/v1/plans/{planKey}/versions', { params: { planKey } })
      const version = data.find(({ state }) => state === 'active') ?? data[0]
      if (version === undefined)
        throw new CliError(`There is no plan ${planKey}.`, 'See "farebox plans list".')
      const { definition } = version
      printRecord(context, version, [
        ['plan', `${definition.name} (${planKey})`],
        ['version', `${version.version}, ${version.state}`],
        ['billed', `every ${definition.billingCadence} in ${definition.currencies.join(', ')}`],
        ['price', priceOf(definition)],
        ...definition.rateLimits.map(
          ({ name, limit, windowSeconds }) =>
            ['rate limit', `${name}: ${limit} in ${windowSeconds} s`] as const,
        ),
        ...definition.phases.flatMap(({ name, rateCards }) =>
          rateCards.map((card) => [`${name} / ${card.name}`, describeCard(card)] as const),
        ),
      ])
    })

  plans
    .command('diff [plan]')
    .description('What pushing the catalog file would do, or publishing the draft of one plan')
    .option('-f, --file <path>', 'the catalog file, farebox.yaml by default')
    .addHelpText(
      'after',
      examples('plans diff', 'plans diff --file catalog.yaml', 'plans diff pro'),
    )
    .action((planKey: string | undefined, { file }: { file?: string }) =>
      planKey === undefined ? diffFile(context, file) : showDiff(context, planKey),
    )

  addPlanFileCommands(plans, context)
  addPlanDriftCommand(plans, context)
  addMigrationCommands(plans, context)
  addInvitationCommands(plans, context)

  plans
    .command('order [plans...]')
    .description('The plan order; moving to a later plan is an upgrade. Plans to set it, in order')
    .addHelpText('after', examples('plans order', 'plans order free pro scale'))
    .action((keys: string[]) => order(context, keys))

  plans
    .command('archive <plan>')
    .description('Take a plan off sale, here and in Stripe; subscriptions keep it')
    .addHelpText('after', examples('plans archive pro', 'plans archive pro --live --yes'))
    .action(async (planKey: string) => {
      const client = context.client()
      const { data } = await client.get('/api/v1/plans')
      const count = data.find(({ key }) => key === planKey)?.subscriberCount ?? 0
      await confirm(context, `Take ${planKey} off sale? ${count} subscriptions keep it.`)
      await client.post('/api/v1/plans/{planKey}/archive', { params: { planKey } })
      context.talk(`${planKey} is off sale.`)
    })

  plans
    .command('publish <plan>')
    .description('Publish the draft: mirror it to Stripe and put it on sale')
    .option('--dry-run', 'show what would happen and stop')
    .addHelpText(
      'after',
      examples('plans publish pro --dry-run', 'plans publish pro', 'plans publish pro --live'),
    )
    .action(async (planKey: string, { dryRun }: { dryRun?: boolean }) => {
      if (dryRun === true) {
        await showDiff(context, planKey)
        return
      }
      const version = await context
        .client()
        .post('/api/v1/plans/{planKey}/publish', { params: { planKey } })
      if (context.options().json === true) printJson(context, version)
      else context.print(`Published ${planKey} version ${version.version}.`)
    })
}

function stateOf({ active, draft }: Plan): string {
  if (active !== null) return 'on sale'
  return draft === null ? 'archived' : 'draft'
}

/** Plans that are not named follow in the order they have. */
async function order(context: CliContext, keys: readonly string[]): Promise<void> {
  const client = context.client()
  const { data: plans } = await client.get('/api/v1/plans')
  const known = plans.map(({ key }) => key)
  const stranger = keys.find((key) => !known.includes(key))
  if (stranger !== undefined) {
    throw new CliError(`There is no plan ${stranger}.`, 'See "farebox plans list".')
  }
  const ordered = [...new Set([...keys, ...known])]
  if (keys.length > 0) await client.put('/api/v1/plan-order', { body: { keys: ordered } })
  if (context.options().json === true) printJson(context, { keys: ordered })
  else if (context.process.stdout.isTTY !== true) context.print(ordered.join('\n'))
  else {
    const inOrder = ordered.flatMap((key) => plans.filter((plan) => plan.key === key))
    printRows(
      context,
      inOrder,
      [
        { title: 'PLAN', value: ({ key }) => key },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'STATE', value: stateOf },
      ],
      'There is no plan yet.',
    )
  }
}

async function showDiff(context: CliContext, planKey: string): Promise<void> {
  const diff = await context.client().get('/api/v1/plans/{planKey}/diff', { params: { planKey } })
  if (context.options().json === true) {
    printJson(context, diff)
    return
  }
  if (diff.problems.length > 0) {
    const list = diff.problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n')
    throw new CliError(`The draft of ${planKey} cannot be published.`, list)
  }
  printRows(
    context,
    diff.effects,
    [
      { title: 'IN STRIPE', value: ({ kind }) => effectWords(kind) },
      { title: 'WHAT', value: ({ subject }) => subject },
      { title: 'ID', value: ({ stripeId }) => stripeId ?? '–' },
      { title: 'NOTE', value: ({ note }) => note ?? '' },
    ],
    'Nothing changes in Stripe.',
  )
  for (const { path, message } of diff.warnings) context.talk(`${path}: ${message}`)
  context.talk(`${diff.subscribersStaying} subscriptions stay on the version they have.`)
}

/** The flat fee people ask for first; usage prices are told by `plans show`. */
function priceOf(definition: Definition | undefined): string {
  if (definition === undefined) return '–'
  const [currency = 'usd'] = definition.currencies
  const cards = definition.phases.at(-1)?.rateCards ?? []
  const prices = cards.flatMap(({ prices: own }) => own?.[currency] ?? [])
  const flat = prices.find(({ type }) => type === 'flat')
  const hasUsage = prices.some(({ type }) => type !== 'flat')
  if (flat?.type !== 'flat') return hasUsage ? 'by usage' : 'free'
  const amount = parseMajor(flat.amount, currency)
  const fee = amount === undefined ? flat.amount : formatMoney(amount)
  return hasUsage ? `${fee} + usage` : fee
}

function describeCard(card: Definition['phases'][number]['rateCards'][number]): string {
  const prices = Object.entries(card.prices ?? {}).map(([currency, price]) =>
    'amount' in price ? `${price.type} ${price.amount} ${currency}` : `${price.type} ${currency}`,
  )
  const { entitlement } = card
  const grant =
    entitlement === null
      ? []
      : entitlement.type === 'metered'
        ? [
            `${entitlement.issueAfterReset ?? 'unlimited'} per ${entitlement.usagePeriod}, ${entitlement.onLimit.replace('_', ' ')}`,
          ]
        : [entitlement.type === 'static' ? entitlement.value : 'included']
  return [...prices, ...grant].join('; ')
}
