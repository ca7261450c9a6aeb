import type { DiscountReference } from '../catalog/discounts.ts'
import { readOneTimeItem } from '../billing/one-time-items.ts'
import { oneIntervalAfter } from '../billing/periods.ts'
import { checkTogether, readItem, recurrenceOf } from '../billing/subscription-items.ts'
import { readMethod, readTaxRates } from '../billing/subscription-params.ts'
import { toCurrency } from '../catalog/amounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  SubscriptionSchedulePhase,
  SubscriptionScheduleUpdateParamsPhase,
  TaxRate,
} from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { newMetadata } from '../wire/metadata.ts'
import type { StoredOneTimeItem, StoredPhase, StoredPhaseItem } from './documents.ts'

export interface PhaseContext {
  readonly customer: Documents['customer']
  readonly now: number
  readonly isFlexible: boolean
}

const MAX_PHASES = 10

/** Reads the phases of a request, each beginning where the one before it ends. */
export function readPhases(
  tx: Transaction,
  given: readonly SubscriptionScheduleUpdateParamsPhase[],
  start: number,
  context: PhaseContext,
): readonly StoredPhase[] {
  if (given.length === 0) throw missingParameter('phases')
  if (given.length > MAX_PHASES) {
    throw invalidRequest({
      message: `A subscription schedule can have at most ${MAX_PHASES} current and future phases.`,
      param: 'phases',
    })
  }
  const phases: StoredPhase[] = []
  let begin = start
  for (const [index, phase] of given.entries()) {
    const path = `phases[${index}]`
    const own = phase.start_date === 'now' ? context.now : phase.start_date
    if (index > 0 && own !== undefined && own !== begin) {
      throw invalidRequest({
        message: 'A phase must start when the phase before it ends.',
        param: `${path}[start_date]`,
      })
    }
    const read = readPhase(tx, phase, begin, path, context)
    phases.push(read)
    begin = read.end_date
  }
  return phases
}

function readPhase(
  tx: Transaction,
  given: SubscriptionScheduleUpdateParamsPhase,
  start: number,
  path: string,
  { customer, now, isFlexible }: PhaseContext,
): StoredPhase {
  if (given.items.length === 0) throw missingParameter(`${path}[items]`)
  const items = given.items.map((item, index) =>
    readPhaseItem(tx, item, `${path}[items][${index}]`),
  )
  const [first] = items
  if (first === undefined) throw missingParameter(`${path}[items]`)
  const currency =
    given.currency === undefined
      ? tx.get('price', first.price).currency
      : toCurrency(given.currency, `${path}[currency]`)
  checkTogether(
    tx,
    items.map(({ price }) => price),
    { currency, isFlexible },
  )
  const end = readEnd(tx, given, start, first.price, path, now)
  const trialEnd = readTrialEnd(given, end, path)
  const settings = given.invoice_settings
  return {
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: given.automatic_tax?.enabled ?? false,
      liability: null,
    },
    billing_cycle_anchor: given.billing_cycle_anchor ?? null,
    billing_thresholds: null,
    collection_method: given.collection_method ?? null,
    currency,
    default_payment_method: readMethod(tx, given.default_payment_method, customer),
    description: given.description ?? null,
    discounts: (given.discounts ?? []).map(toReference),
    end_date: end,
    invoice_settings:
      settings === undefined
        ? null
        : {
            account_tax_ids: null,
            custom_fields: settings.custom_fields ?? null,
            days_until_due: settings.days_until_due ?? null,
            description: settings.description ?? null,
            footer: settings.footer ?? null,
            issuer: null,
          },
    items,
    metadata: newMetadata(given.metadata),
    on_behalf_of: null,
    oneTimeItems: (given.add_invoice_items ?? []).map((item, index) =>
      readPhaseOneTimeItem(tx, item, `${path}[add_invoice_items][${index}]`),
    ),
    proration_behavior: given.proration_behavior ?? 'create_prorations',
    start_date: start,
    taxRates: readTaxRates(tx, given.default_tax_rates),
    transfer_data: null,
    trial_end: trialEnd,
  }
}

type GivenItem = SubscriptionScheduleUpdateParamsPhase['items'][number]

function readPhaseItem(tx: Transaction, given: GivenItem, path: string): StoredPhaseItem {
  const spec = readItem(tx, given, path)
  return {
    billing_thresholds: null,
    discounts: spec.discounts.map(toReference),
    metadata: spec.metadata,
    plan: spec.price,
    price: spec.price,
    ...(spec.quantity === undefined ? {} : { quantity: spec.quantity }),
    taxRates: spec.taxRates,
  }
}

type GivenOneTimeItem = NonNullable<
  SubscriptionScheduleUpdateParamsPhase['add_invoice_items']
>[number]

function readPhaseOneTimeItem(
  tx: Transaction,
  given: GivenOneTimeItem,
  path: string,
): StoredOneTimeItem {
  const spec = readOneTimeItem(tx, given, path)
  return {
    discountable: given.discountable ?? null,
    discounts: spec.discounts.map(toReference),
    metadata: spec.metadata,
    period: {
      end: given.period?.end ?? { type: 'min_item_period_end' },
      start: given.period?.start ?? { type: 'max_item_period_start' },
    },
    price: spec.price,
    quantity: spec.quantity,
    taxRates: spec.taxRates,
  }
}

function readEnd(
  tx: Transaction,
  given: SubscriptionScheduleUpdateParamsPhase,
  start: number,
  price: string,
  path: string,
  now: number,
): number {
  const { duration, end_date: endDate } = given
  if (duration !== undefined && endDate !== undefined) {
    throw exclusiveParameters(`${path}[duration]`, `${path}[end_date]`)
  }
  if (endDate === undefined) {
    const recurrence =
      duration === undefined
        ? recurrenceOf(tx, price)
        : { interval: duration.interval, interval_count: duration.interval_count ?? 1 }
    return oneIntervalAfter(start, recurrence)
  }
  const end = endDate === 'now' ? now : endDate
  if (end >= start) return end
  throw invalidRequest({
    message: 'The end of a phase must lie after its start.',
    param: `${path}[end_date]`,
  })
}

function readTrialEnd(
  given: SubscriptionScheduleUpdateParamsPhase,
  end: number,
  path: string,
): number | null {
  if (given.trial === true && given.trial_end !== undefined) {
    throw exclusiveParameters(`${path}[trial]`, `${path}[trial_end]`)
  }
  if (given.trial === true) return end
  if (typeof given.trial_end !== 'number') return null
  if (given.trial_end <= end) return given.trial_end
  throw invalidRequest({
    message: 'A trial must end within its phase.',
    param: `${path}[trial_end]`,
  })
}

export function toReference({ coupon, discount, promotion_code: code }: DiscountReference) {
  return { coupon: coupon ?? null, discount: discount ?? null, promotion_code: code ?? null }
}

export function presentPhase(tx: Transaction, phase: StoredPhase): SubscriptionSchedulePhase {
  const rates = (ids: readonly string[] | null): readonly TaxRate[] =>
    (ids ?? []).map((id) => tx.present('tax_rate', id) as TaxRate)
  const { items, oneTimeItems, taxRates, ...rest } = phase
  return {
    ...rest,
    add_invoice_items: oneTimeItems.map(({ taxRates: own, ...item }) => ({
      ...item,
      tax_rates: rates(own),
    })),
    default_tax_rates: rates(taxRates),
    items: items.map(({ taxRates: own, ...item }) => ({ ...item, tax_rates: rates(own) })),
  }
}
