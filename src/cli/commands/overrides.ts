import { type Command, InvalidArgumentError } from 'commander'
import type { BodyOf } from '../../client/client.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../output.ts'
import { printPreview } from './change-preview.ts'

const PATH = '/api/v1/subscriptions/{subscriptionId}/overrides'

type Overrides = BodyOf<'post', `${typeof PATH}/preview`>['overrides']

interface OverrideOptions {
  readonly reason: string
  readonly price: readonly string[]
  readonly quota: readonly string[]
  readonly rateLimit: readonly string[]
  readonly feature: readonly string[]
  readonly until?: string
  readonly atPeriodEnd?: boolean
  readonly dryRun?: boolean
}

const more = (value: string, all: readonly string[]) => [...all, value]

/** What one customer has in place of what the plan says. */
export function addOverrideCommand(subscriptions: Command, context: CliContext): void {
  subscriptions
    .command('override <subscription>')
    .description(
      'Agree prices, quotas, rate limits or features with one customer; none ends it all',
    )
    .requiredOption('--reason <text>', 'why; operators and the audit log see it')
    .option(
      '--price <card=amount>',
      'an amount such as fee=19.00, or a part off: fee=20%',
      more,
      [],
    )
    .option('--quota <feature=units>', 'requests=5000, or requests=unlimited', more, [])
    .option('--rate-limit <name=calls>', 'calls in the window the plan has', more, [])
    .option('--feature <feature=value>', 'sso=on, sso=off, or what the upstream is told', more, [])
    .option('--until <time>', 'it ends with the billing period this lies in')
    .option('--at-period-end', 'from the next period on, not from now')
    .option('--dry-run', 'show what it costs and change nothing')
    .addHelpText(
      'after',
      examples(
        'subscriptions override subscription_01k9… --price fee=19.00 --quota requests=unlimited --reason "Annual deal"',
        'subscriptions override subscription_01k9… --price fee=20% --until 2027-01-01T00:00:00Z --reason "First year"',
        'subscriptions override subscription_01k9… --reason "The deal is over"',
      ),
    )
    .action(async (subscriptionId: string, options: OverrideOptions) => {
      const client = context.client()
      const params = { subscriptionId }
      const { currency } = await client.get('/api/v1/subscriptions/{subscriptionId}', { params })
      const preview = await client.post(`${PATH}/preview`, {
        params,
        body: {
          overrides: overridesOf(options, currency),
          timing: options.atPeriodEnd === true ? 'at_period_end' : 'immediate',
        },
      })
      if (options.dryRun === true) return printPreview(context, preview)
      if (context.options().json !== true) printPreview(context, preview)
      const { quoteId } = preview
      const result = await client.post(PATH, { params, body: { quoteId } })
      if (context.options().json === true) return printJson(context, result)
      context.print(result.kind.replaceAll('_', ' '))
    })
}

function overridesOf(options: OverrideOptions, currency: string): Overrides {
  const { reason, until = null, price, quota, rateLimit, feature } = options
  return {
    reason,
    until,
    prices: record(price, '--price', (text) => {
      const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
      return percent === undefined
        ? { type: 'amount' as const, amount: text, currency }
        : { type: 'percentage' as const, percent }
    }),
    quotas: record(quota, '--quota', (text) => (text === 'unlimited' ? null : text)),
    rateLimits: record(rateLimit, '--rate-limit', (text) => ({ limit: Number(text) })),
    features: record(feature, '--feature', (text) =>
      text === 'on' ? true : text === 'off' ? false : text,
    ),
  }
}

function record<Value>(
  pairs: readonly string[],
  option: string,
  read: (text: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new InvalidArgumentError(`${option} needs name=value, not ${pair}`)
      return [pair.slice(0, at), read(pair.slice(at + 1))]
    }),
  )
}
