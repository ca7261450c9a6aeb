import { toCurrency } from '../catalog/amounts.ts'
import { createPrice } from '../catalog/price-creation.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  CheckoutSessionCreateParams,
  CheckoutSessionCreateParamsLineItem,
} from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import type { SessionLine } from './documents.ts'

const MAX_LINES = 20
const MIN_LIFETIME_SECONDS = 30 * 60
const MAX_LIFETIME_SECONDS = 24 * 3_600
const MIN_TRIAL_SECONDS = 48 * 3_600

/** What a session may be made of, mode by mode. */
export function checkSession(params: CheckoutSessionCreateParams, now: number): void {
  const { mode } = params
  if (mode === undefined) throw missingParameter('mode')
  const isHosted = (params.ui_mode ?? 'hosted_page') === 'hosted_page'
  if (isHosted && params.success_url === undefined) throw missingParameter('success_url')
  if (mode === 'setup') {
    if (params.line_items !== undefined) {
      throw invalidRequest({
        message: 'You can not pass `line_items` in `setup` mode.',
        param: 'line_items',
      })
    }
    if (params.currency === undefined) throw missingParameter('currency')
  } else if ((params.line_items?.length ?? 0) === 0) {
    throw missingParameter('line_items')
  }
  for (const param of NOT_SIMULATED) {
    if (params[param] === undefined) continue
    throw invalidRequest({
      message: `The simulator does not support \`${param}\` on Checkout Sessions.`,
      param,
    })
  }
  for (const [param, modes] of MODE_PARAMETERS) {
    if (params[param] === undefined || modes.includes(mode)) continue
    throw invalidRequest({
      message: `You can not pass \`${param}\` in \`${mode}\` mode.`,
      param,
    })
  }
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw exclusiveParameters('customer', 'customer_email')
  }
  if (params.customer === undefined && params.customer_update !== undefined) {
    throw invalidRequest({
      message: '`customer_update` can only be used with `customer`.',
      param: 'customer_update',
    })
  }
  const isNameKept = params.customer_update?.name === 'auto'
  if (params.tax_id_collection?.enabled === true && params.customer !== undefined && !isNameKept) {
    throw invalidRequest({
      message:
        'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.',
      param: 'customer_update',
    })
  }
  if (params.discounts !== undefined && params.allow_promotion_codes !== undefined) {
    throw exclusiveParameters('allow_promotion_codes', 'discounts')
  }
  checkTrial(params.subscription_data, now)
}

/** What the page has no place for is refused: taken and ignored, it would be missed only in production. */
const NOT_SIMULATED = [
  'after_expiration',
  'name_collection',
  'optional_items',
  'shipping_address_collection',
  'shipping_options',
] as const

const MODE_PARAMETERS: readonly (readonly [
  keyof CheckoutSessionCreateParams,
  readonly string[],
])[] = [
  ['payment_intent_data', ['payment']],
  ['subscription_data', ['subscription']],
  ['setup_intent_data', ['setup']],
  ['invoice_creation', ['payment']],
  ['payment_method_collection', ['subscription', 'payment']],
  ['customer_creation', ['payment', 'setup']],
  ['discounts', ['payment', 'subscription']],
]

function checkTrial(data: CheckoutSessionCreateParams['subscription_data'], now: number): void {
  if (data === undefined) return
  if (data.trial_end !== undefined && data.trial_period_days !== undefined) {
    throw exclusiveParameters(
      'subscription_data[trial_end]',
      'subscription_data[trial_period_days]',
    )
  }
  if (data.trial_end !== undefined && data.trial_end < now + MIN_TRIAL_SECONDS) {
    throw invalidRequest({
      message: 'The `trial_end` date has to be at least 2 days in the future.',
      param: 'subscription_data[trial_end]',
    })
  }
  if (data.trial_period_days !== undefined && data.trial_period_days < 1) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
      param: 'subscription_data[trial_period_days]',
    })
  }
}

export function readExpiry(given: number | undefined, now: number): number {
  const expiresAt = given ?? now + MAX_LIFETIME_SECONDS
  const lifetime = expiresAt - now
  if (lifetime >= MIN_LIFETIME_SECONDS && lifetime <= MAX_LIFETIME_SECONDS) return expiresAt
  throw invalidRequest({
    message:
      'The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.',
    param: 'expires_at',
  })
}

export function readLines(
  tx: Transaction,
  params: CheckoutSessionCreateParams,
): readonly SessionLine[] {
  const lines = (params.line_items ?? []).map((line, index) =>
    readLine(tx, line, `line_items[${index}]`, params.mode === 'subscription'),
  )
  const recurring = lines.filter(({ price }) => tx.get('price', price).type === 'recurring')
  if (params.mode === 'subscription' && recurring.length === 0) {
    throw invalidRequest({
      message:
        'You must provide at least one recurring price in `subscription` mode when using prices.',
      param: 'line_items',
    })
  }
  if (params.mode === 'payment' && recurring.length > 0) {
    throw invalidRequest({
      message:
        'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      param: 'line_items',
    })
  }
  if (recurring.length > MAX_LINES || lines.length - recurring.length > MAX_LINES) {
    throw invalidRequest({
      message: `A session can have at most ${MAX_LINES} recurring and ${MAX_LINES} one-time line items.`,
      param: 'line_items',
    })
  }
  return lines
}

function readLine(
  tx: Transaction,
  given: CheckoutSessionCreateParamsLineItem,
  path: string,
  isSubscription: boolean,
): SessionLine {
  const price = readPrice(tx, given, path)
  const isMetered = price.recurring?.usage_type === 'metered'
  if (isMetered && given.quantity !== undefined) {
    throw invalidRequest({
      message: `Quantity should not be specified where usage_type is \`metered\`. Remove quantity from \`${path}\``,
      param: `${path}[quantity]`,
    })
  }
  if (!isMetered && given.quantity === undefined) {
    throw invalidRequest({
      code: 'parameter_missing',
      message: `Quantity is required. Add \`quantity\` to \`${path}\``,
      param: `${path}[quantity]`,
    })
  }
  if (given.quantity !== undefined && given.quantity < 1) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
      param: `${path}[quantity]`,
    })
  }
  for (const rate of given.tax_rates ?? []) {
    getReferenced(tx, 'tax_rate', rate, `${path}[tax_rates]`)
  }
  const adjustable = given.adjustable_quantity
  return {
    id: tx.newId('li'),
    price: price.id,
    quantity: given.quantity ?? null,
    metadata: newMetadata(given.metadata),
    taxRates: given.tax_rates ?? null,
    adjustable:
      adjustable?.enabled === true
        ? {
            minimum: adjustable.minimum ?? (isSubscription ? 1 : 0),
            maximum: adjustable.maximum ?? 99,
          }
        : null,
  }
}

function readPrice(
  tx: Transaction,
  given: CheckoutSessionCreateParamsLineItem,
  path: string,
): Documents['price'] {
  if (given.price !== undefined && given.price_data !== undefined) {
    throw exclusiveParameters(`${path}[price]`, `${path}[price_data]`)
  }
  if (given.price === undefined) {
    if (given.price_data === undefined) throw missingParameter(`${path}[price]`)
    return tx.update('price', createPrice(tx, given.price_data).id, { active: false })
  }
  const price = getReferenced(tx, 'price', given.price, `${path}[price]`)
  if (price.active && tx.get('product', price.product).active) return price
  throw invalidRequest({
    message: `The price specified is inactive. This field only accepts active prices.`,
    param: `${path}[price]`,
  })
}

/** All prices of a session are sold in one currency: the one asked for, or the first price's own. */
export function readSessionCurrency(
  tx: Transaction,
  params: CheckoutSessionCreateParams,
  lines: readonly SessionLine[],
): string {
  const [first] = lines
  const own = first === undefined ? undefined : tx.get('price', first.price).currency
  const customer =
    params.customer === undefined ? undefined : requireCustomer(tx, params.customer).currency
  const currency = toCurrency(params.currency ?? own ?? 'usd')
  if (
    customer === undefined ||
    customer === null ||
    customer === currency ||
    params.mode === 'setup'
  ) {
    return currency
  }
  throw invalidRequest({
    message: `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${customer}.`,
    param: 'line_items',
  })
}
