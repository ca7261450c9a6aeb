import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Word } from '../../../ui/badge.tsx'
import { countOf, listOf } from '../../../ui/format.ts'
import { countedDuration, perDuration } from '../../../ui/pricing/duration-words.ts'
import { isInvoiced } from '../../../ui/pricing/is-invoiced.ts'
import { headline } from '../../../ui/pricing/plan-words.ts'

export type Plan = ResponseOf<'get', '/api/v1/plans'>['data'][number]
export type PlanVersion = NonNullable<Plan['active']>
export type PublishPreview = ResponseOf<'get', '/api/v1/plans/{planKey}/diff'>
export type Effect = PublishPreview['effects'][number]

const VERSION_STATES: Record<PlanVersion['state'], Word> = {
  draft: { word: 'draft', tone: 'info' },
  scheduled: { word: 'scheduled', tone: 'accent' },
  active: { word: 'on sale', tone: 'success' },
  archived: { word: 'no longer sold', tone: 'neutral' },
}

export function versionStateOf({ state }: Pick<PlanVersion, 'state'>): Word {
  return VERSION_STATES[state]
}

/** Whether it is sold, and whether something newer waits. */
export function standingsOf({ active, draft, isDefault }: Plan): Word[] {
  return [
    active === null
      ? // One that never was published has its draft; without it, all there is was taken off sale.
        draft === null
        ? VERSION_STATES.archived
        : { word: 'not published', tone: 'neutral' }
      : { ...VERSION_STATES.active, word: `version ${active.version} on sale` },
    ...(draft === null || active === null ? [] : [{ word: 'has a draft', tone: 'info' as const }]),
    ...((active ?? draft)?.definition.addOn ? [{ word: 'add-on', tone: 'accent' as const }] : []),
    ...(isDefault ? [{ word: 'default', tone: 'accent' as const }] : []),
  ]
}

/** What its lists are about: what is sold, or what is being drafted. */
export function shownVersion({ active, draft }: Plan): PlanVersion | undefined {
  return active ?? draft ?? undefined
}

export function nameOf(plan: Plan): string {
  return plan.active === null && plan.draft === null ? `${plan.name} (archived)` : plan.name
}

/** `$29.00 per month` of the first currency. */
export function priceOf({ definition }: PlanVersion): string {
  const { amount, per } = headline(definition, definition.currencies[0] ?? 'usd')
  return per === null ? amount : `${amount} ${per}`
}

/** What publishing does with something, in the order in which an operator weighs it. */
const EFFECTS: Record<Effect['kind'], Word & { readonly order: number }> = {
  archive_product: { word: 'archive product', tone: 'warning', order: 0 },
  archive_price: { word: 'archive price', tone: 'warning', order: 1 },
  create_product: { word: 'create product', tone: 'success', order: 2 },
  update_product: { word: 'update product', tone: 'info', order: 3 },
  create_meter: { word: 'create meter', tone: 'success', order: 4 },
  update_meter: { word: 'update meter', tone: 'info', order: 5 },
  link_meter: { word: 'link meter', tone: 'info', order: 6 },
  create_price: { word: 'create price', tone: 'success', order: 7 },
  restore_price: { word: 'restore price', tone: 'info', order: 8 },
  wake_price: { word: 'restore agreed price', tone: 'info', order: 9 },
  link_price: { word: 'link price', tone: 'info', order: 10 },
  rate_here: { word: 'bill from here', tone: 'neutral', order: 11 },
  keep_price: { word: 'keep price', tone: 'neutral', order: 12 },
}

export function effectOf({ kind }: Pick<Effect, 'kind'>): Word {
  return EFFECTS[kind]
}

export function inOrder(effects: readonly Effect[]): Effect[] {
  return effects.toSorted((a, b) => EFFECTS[a.kind].order - EFFECTS[b.kind].order)
}

/** `3 to create, 1 to archive, 2 stay as they are`. */
export function effectsSentence(effects: readonly Effect[]): string {
  const count = (...kinds: readonly Effect['kind'][]) =>
    effects.filter(({ kind }) => kinds.includes(kind)).length
  const parts = [
    [count('create_product', 'create_meter', 'create_price'), 'to create'],
    [
      count(
        'update_product',
        'update_meter',
        'link_meter',
        'restore_price',
        'wake_price',
        'link_price',
      ),
      'to change',
    ],
    [count('archive_product', 'archive_price'), 'to archive'],
    [count('rate_here'), 'billed from here'],
    [count('keep_price'), 'unchanged'],
  ] as const
  const words = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]))
  return words.length === 0 ? 'Nothing changes in Stripe.' : `${words.join(', ')}.`
}

const ENGINES: Record<PlanVersion['definition']['engine'], string> = {
  stripe_subscription: 'Stripe subscriptions',
  stripe_invoice: 'rated here, invoiced through Stripe',
  offline: 'paid outside Stripe',
}

const ENDS = {
  switch_to_default: 'the customer moves to the default plan',
  suspend_customer: 'the customer is suspended',
  deactivate: 'calls are refused',
} as const

const PRORATIONS: Record<PlanVersion['definition']['proration']['mode'], string> = {
  none: 'nothing is prorated',
  time_based: 'prorated by time',
  max_consumption_based: 'prorated by time or use, whichever took more',
  full_reset: 'the new plan starts afresh at its full price',
}

/** The terms that are not prices. */
export function termsOf({ definition }: PlanVersion): { label: string; value: string }[] {
  const { addOn, billingCadence, alignment, maxPaymentOverdueDays, onSubscriptionEnd } = definition
  const aligned = alignment === 'calendar' ? ', on the calendar' : ', from the day of subscribing'
  return [
    ...(addOn === null ? [] : [{ label: 'Add-on', value: addOnTerms(addOn) }]),
    { label: 'Billed', value: `${perDuration(billingCadence)}${aligned}` },
    { label: 'Billed by', value: ENGINES[definition.engine] },
    { label: 'Currencies', value: definition.currencies.join(', ').toUpperCase() },
    {
      label: 'Offered',
      value: definition.visibility === 'public' ? 'on the pricing page' : 'by invitation only',
    },
    { label: 'Paid', value: paidOf(definition) },
    { label: 'When changed', value: PRORATIONS[definition.proration.mode] },
    {
      label: 'Overdue payments',
      value:
        maxPaymentOverdueDays === null
          ? 'access as the settings say'
          : `access for ${countedDuration(`P${maxPaymentOverdueDays}D`)}`,
    },
    {
      label: 'When it ends',
      value: onSubscriptionEnd === null ? 'as the settings say' : ENDS[onSubscriptionEnd],
    },
  ]
}

/** `on top of pro and scale, 10 times at most`. */
function addOnTerms({
  planKeys,
  maximumQuantity,
}: NonNullable<PlanVersion['definition']['addOn']>): string {
  const plans = `on top of ${listOf(planKeys)}`
  if (maximumQuantity === null) return plans
  return maximumQuantity === 1 ? `${plans}, once` : `${plans}, ${maximumQuantity} times at most`
}

function paidOf(definition: PlanVersion['definition']): string {
  const { daysUntilDue, isPaymentMethodRequired } = definition
  if (!isInvoiced(definition)) {
    return isPaymentMethodRequired
      ? 'by the payment method that subscribing asks for'
      : 'by the saved payment method; none is needed to subscribe'
  }
  return daysUntilDue === null
    ? 'by invoice, due as the settings say'
    : `by invoice, due after ${countOf(daysUntilDue, 'day')}`
}

/** What the rate card's meter counts, in the singular; a feature without a meter counts uses. */
export function unitOf(
  featureKey: string | null,
  features: readonly { readonly key: string; readonly meterKey: string | null }[],
  meters: readonly { readonly key: string; readonly unit: string }[],
): string {
  const meterKey = features.find(({ key }) => key === featureKey)?.meterKey
  return meters.find(({ key }) => key === meterKey)?.unit ?? 'unit'
}

/** A list with the entry at one place moved to another. */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const [item] = items.slice(from, from + 1)
  const rest = items.toSpliced(from, 1)
  return item === undefined ? rest : rest.toSpliced(to, 0, item)
}
