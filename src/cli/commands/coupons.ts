import { type Command, InvalidArgumentError } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { formatMoney, parseMajor } from '../../kit/money.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRecord, printRows } from '../output.ts'

type Coupon = ResponseOf<'get', '/api/v1/coupons'>['data'][number]
type Definition = Coupon['definition']

interface CreateOptions {
  readonly name: string
  readonly percent?: string
  readonly amount?: readonly Amount[]
  readonly once?: boolean
  readonly months?: number
  readonly maxRedemptions?: number
  readonly redeemBy?: string
  readonly plan?: readonly string[]
  readonly rateCard?: readonly string[]
}

interface CodeOptions {
  readonly maxRedemptions?: number
  readonly expires?: string
  readonly customer?: string
}

interface Amount {
  readonly amount: string
  readonly currency: string
}

export function addCouponCommands(program: Command, context: CliContext): void {
  const coupons = program.command('coupons').description('What is taken off, and the codes for it')

  coupons
    .command('list')
    .description('All coupons, newest first')
    .addHelpText('after', examples('coupons list', 'coupons list --json'))
    .action(async () => {
      const { data } = await context.client().get('/api/v1/coupons')
      printRows(
        context,
        data,
        [
          { title: 'KEY', value: ({ key }) => key },
          { title: 'NAME', value: ({ definition }) => definition.name },
          { title: 'OFF', value: ({ definition }) => offWords(definition) },
          { title: 'FOR', value: ({ definition }) => durationWords(definition) },
          { title: 'REDEEMED', value: redeemedWords, isNumeric: true },
          { title: '', value: ({ archivedAt }) => (archivedAt === null ? '' : 'archived') },
        ],
        'There are no coupons yet.',
      )
    })

  coupons
    .command('show <coupon>')
    .description('One coupon with its promotion codes')
    .addHelpText('after', examples('coupons show launch', 'coupons show launch --json'))
    .action(async (couponKey: string) => {
      const coupon = await context
        .client()
        .get('/api/v1/coupons/{couponKey}', { params: { couponKey } })
      const { definition, codes } = coupon
      printRecord(context, coupon, [
        ['coupon', `${definition.name} (${coupon.key})`],
        ['off', offWords(definition)],
        ['for', durationWords(definition)],
        ['redeemed', redeemedWords(coupon)],
        ['redeem by', definition.redeemBy ?? 'any time'],
        ['plans', definition.planKeys?.join(', ') ?? 'all'],
        ['rate cards', definition.rateCardKeys?.join(', ') ?? 'all'],
        ...codes.map(
          ({ code, redemptionCount, deactivatedAt }) =>
            [
              `code ${code}`,
              `redeemed ${redemptionCount}×${deactivatedAt === null ? '' : ', taken back'}`,
            ] as const,
        ),
      ])
    })

  coupons
    .command('create <coupon>')
    .description('Create a coupon; it never changes afterwards')
    .requiredOption('--name <name>', 'customers read it on their invoices')
    .option('--percent <percent>', 'this much of each charge')
    .option(
      '--amount <amount...>',
      'this much of each invoice: 5.00usd; one for each currency',
      add,
    )
    .option('--once', 'only the first invoice with something to pay')
    .option('--months <months>', 'invoices of so many months', whole)
    .option('--max-redemptions <count>', 'by all codes together', whole)
    .option('--redeem-by <time>', 'nobody redeems it from then on')
    .option('--plan <plans...>', 'only for these plans')
    .option('--rate-card <cards...>', 'only off these rate cards')
    .addHelpText(
      'after',
      examples(
        'coupons create launch --name "Launch offer" --percent 20 --months 3',
        'coupons create hello --name Hello --amount 5.00usd 5.00eur --once --max-redemptions 100',
      ),
    )
    .action(async (key: string, options: CreateOptions) => {
      const body = { key, definition: definitionOf(options) }
      const coupon = await context.client().post('/api/v1/coupons', { body })
      if (context.options().json === true) printJson(context, coupon)
      else context.print(`Created ${key}. Customers need a code: farebox coupons code ${key} …`)
    })

  coupons
    .command('code <coupon> <code>')
    .description('Add a promotion code; capitals do not matter')
    .option('--max-redemptions <count>', 'by this code', whole)
    .option('--expires <time>', 'nobody redeems it from then on')
    .option('--customer <customer>', 'the only one who may use it')
    .addHelpText(
      'after',
      examples(
        'coupons code launch LAUNCH20',
        'coupons code launch VIP --max-redemptions 1 --expires 2027-01-01T00:00:00Z',
      ),
    )
    .action(async (couponKey: string, code: string, options: CodeOptions) => {
      const added = await context.client().post('/api/v1/coupons/{couponKey}/codes', {
        params: { couponKey },
        body: {
          code,
          maxRedemptions: options.maxRedemptions ?? null,
          expiresAt: options.expires ?? null,
          customerId: options.customer ?? null,
        },
      })
      if (context.options().json === true) printJson(context, added)
      else context.print(`${added.code} redeems ${couponKey}.`)
    })

  coupons
    .command('take-back <code>')
    .description('Take a promotion code back; who has redeemed it keeps the coupon')
    .addHelpText('after', examples('coupons take-back LAUNCH20'))
    .action(async (code: string) => {
      const taken = await context
        .client()
        .post('/api/v1/promotion-codes/{code}/deactivate', { params: { code } })
      if (context.options().json === true) printJson(context, taken)
      else context.print(`${taken.code} is taken back.`)
    })

  coupons
    .command('archive <coupon>')
    .description('Stop offering a coupon; who has redeemed it keeps it')
    .addHelpText('after', examples('coupons archive launch'))
    .action(async (couponKey: string) => {
      const coupon = await context
        .client()
        .post('/api/v1/coupons/{couponKey}/archive', { params: { couponKey } })
      if (context.options().json === true) printJson(context, coupon)
      else context.print(`${couponKey} is archived.`)
    })
}

function definitionOf(options: CreateOptions): Definition {
  const { name, percent, amount = [], once, months } = options
  if ((percent === undefined) === (amount.length === 0)) {
    throw new CliError('Say either --percent or --amount.', 'See "farebox coupons create --help".')
  }
  if (once === true && months !== undefined) {
    throw new CliError('Say either --once or --months.', 'Without both it is for good.')
  }
  return {
    name,
    off:
      percent === undefined
        ? {
            type: 'amount',
            amounts: Object.fromEntries(amount.map((each) => [each.currency, each.amount])),
          }
        : { type: 'percentage', percent },
    duration:
      once === true
        ? { type: 'once' }
        : months === undefined
          ? { type: 'forever' }
          : { type: 'repeating', months },
    maxRedemptions: options.maxRedemptions ?? null,
    redeemBy: options.redeemBy ?? null,
    planKeys: options.plan === undefined ? null : [...options.plan],
    rateCardKeys: options.rateCard === undefined ? null : [...options.rateCard],
  }
}

function add(text: string, known: readonly Amount[] = []): Amount[] {
  const [, amount, currency] = /^(\d+(?:\.\d+)?)([a-z]{3})$/i.exec(text) ?? []
  if (amount === undefined || currency === undefined) {
    throw new InvalidArgumentError('Write an amount and its currency: 5.00usd')
  }
  return [...known, { amount, currency: currency.toLowerCase() }]
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

function offWords({ off }: Coupon['definition']): string {
  if (off.type === 'percentage') return `${off.percent} %`
  return Object.entries(off.amounts)
    .map(([currency, text]) => {
      const amount = parseMajor(text, currency)
      return amount === undefined ? `${text} ${currency}` : formatMoney(amount)
    })
    .join(', ')
}

function durationWords({ duration }: Coupon['definition']): string {
  if (duration.type === 'repeating') return `${duration.months} months`
  return duration.type === 'once' ? 'one invoice' : 'good'
}

function redeemedWords({ redemptionCount, definition: { maxRedemptions } }: Coupon): string {
  return maxRedemptions === null
    ? String(redemptionCount)
    : `${redemptionCount} of ${maxRedemptions}`
}
