import { createDiscount, type DiscountReference } from '../catalog/discounts.ts'
import { type ItemChange, pricesAfter } from '../billing/item-changes.ts'
import { insertOneTimeItems, type OneTimeItem } from '../billing/one-time-items.ts'
import { periodContaining } from '../billing/periods.ts'
import { billUsageSoFar } from '../billing/proration-items.ts'
import { createSubscription } from '../billing/subscription-creation.ts'
import {
  insertItem,
  isMeteredPrice,
  type ItemSpec,
  recurrenceOf,
} from '../billing/subscription-items.ts'
import { changeSubscription } from '../billing/subscription-update.ts'
import { itemsOf, planWork } from '../billing/subscription-work.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { StoredPhase, StoredPhaseItem } from './documents.ts'

type Schedule = Documents['subscription_schedule']
type Subscription = Documents['subscription']

/** A schedule's first phase makes its subscription. Its first invoice is a draft for a while, as nobody is there to pay. */
export function startSubscription(tx: Transaction, schedule: Schedule, phase: StoredPhase): string {
  const customer = tx.get('customer', schedule.customer)
  const settings = schedule.default_settings
  const collectionMethod =
    phase.collection_method ?? settings.collection_method ?? 'charge_automatically'
  return createSubscription(tx, {
    customer,
    items: phase.items.map(toSpec),
    currency: phase.currency,
    billingMode: schedule.billing_mode,
    start: phase.start_date,
    anchor: null,
    anchorConfig: null,
    trialEnd: phase.trial_end,
    trialSettings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' },
    },
    prorationBehavior: phase.proration_behavior,
    collectionMethod,
    daysUntilDue:
      phase.invoice_settings?.days_until_due ?? settings.invoice_settings.days_until_due,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    defaultPaymentMethod: phase.default_payment_method ?? settings.default_payment_method,
    defaultSource: null,
    taxRates: phase.taxRates ?? [],
    description: phase.description ?? settings.description,
    discounts: phase.discounts,
    metadata: phase.metadata ?? {},
    paymentSettings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    invoiceSettings: {
      account_tax_ids: null,
      custom_fields: null,
      description: phase.invoice_settings?.description ?? null,
      footer: phase.invoice_settings?.footer ?? null,
      issuer: { type: 'self' },
    },
    pendingInvoiceItemInterval: null,
    hasAutomaticTax: phase.automatic_tax?.enabled ?? false,
    schedule: schedule.id,
    charge: { kind: 'deferred', oneTimeItems: phase.oneTimeItems.map(toOneTimeItem) },
  }).id
}

interface PhaseEntry {
  readonly at: number
  /** The phase runs already and has been edited: what happens once has happened, and the request says how to prorate. */
  readonly revision?: { readonly prorationBehavior: StoredPhase['proration_behavior'] }
}

/**
 * Makes the subscription what a phase says. Where a billing period ends at that instant the items are exchanged without
 * prorations and the renewal that follows bills the new ones: one invoice. Elsewhere it is a change like any other.
 */
export function enterPhase(
  tx: Transaction,
  schedule: Schedule,
  phase: StoredPhase,
  { at, revision }: PhaseEntry,
): void {
  const before = tx.get('subscription', schedule.subscription ?? '')
  applySettings(tx, schedule, before, phase)
  const items = itemsOf(tx, before.id)
  const changes = changesTo(tx, before, phase.items)
  const isDue = (change: ItemChange): boolean =>
    change.kind === 'add'
      ? items.every((item) => item.current_period_end <= at)
      : change.item.current_period_end <= at
  const beginsTrial = phase.trial_end !== null && phase.trial_end > at
  const endsTrial = before.status === 'trialing' && !beginsTrial && (before.trial_end ?? 0) > at
  const isQuiet = !beginsTrial && !endsTrial
  const quiet = isQuiet ? changes.filter(isDue) : []
  const loud = isQuiet ? changes.filter((change) => !isDue(change)) : changes
  const isBoundary = items.some((item) => item.current_period_end <= at)
  const isEntered = revision === undefined
  const resetsAnchor = isEntered && phase.billing_cycle_anchor === 'phase_start'
  if (isEntered) insertOneTimeItems(tx, before, phase.oneTimeItems.map(toOneTimeItem))
  exchangeItems(tx, before.id, quiet, at)
  if (isQuiet && isBoundary) placeAnchor(tx, before.id, at, resetsAnchor)
  const needsChange = loud.length > 0 || !isQuiet || (resetsAnchor && !isBoundary)
  if (needsChange) {
    changeSubscription(tx, before.id, {
      items: loud,
      oneTimeItems: [],
      paymentBehavior: 'allow_incomplete',
      presence: 'off_session',
      prorationBehavior: revision?.prorationBehavior ?? phase.proration_behavior,
      prorationDate: undefined,
      resetsAnchor: resetsAnchor && !isBoundary,
      trialEnd: beginsTrial ? (phase.trial_end ?? 'now') : endsTrial ? 'now' : undefined,
    })
  }
  planWork(tx, before.id)
  tx.notify({ type: 'subscription.changed', id: before.id })
}

function applySettings(
  tx: Transaction,
  { default_settings: settings }: Schedule,
  subscription: Subscription,
  phase: StoredPhase,
): void {
  const now = tx.now(subscription.test_clock)
  tx.update('subscription', subscription.id, {
    automatic_tax: {
      ...subscription.automatic_tax,
      enabled: phase.automatic_tax?.enabled ?? subscription.automatic_tax.enabled,
    },
    collection_method:
      phase.collection_method ?? settings.collection_method ?? subscription.collection_method,
    days_until_due:
      phase.invoice_settings?.days_until_due ??
      settings.invoice_settings.days_until_due ??
      subscription.days_until_due,
    default_payment_method: phase.default_payment_method ?? settings.default_payment_method,
    description: phase.description ?? settings.description ?? subscription.description,
    discounts: phase.discounts.map((reference) =>
      keepDiscount(tx, subscription.discounts, reference, () =>
        createDiscount(tx, reference, {
          customer: subscription.customer,
          subscription: subscription.id,
          start: now,
        }),
      ),
    ),
    metadata: { ...subscription.metadata, ...phase.metadata },
    inner: { ...subscription.inner, taxRates: phase.taxRates ?? subscription.inner.taxRates },
  })
}

/** A coupon that is on already is not redeemed again when the next phase names it too. */
function keepDiscount(
  tx: Transaction,
  current: readonly string[],
  reference: DiscountReference,
  create: () => string,
): string {
  if (typeof reference.discount === 'string') return reference.discount
  const known = current.find((id) => {
    const { promotion_code: code, source } = tx.get('discount', id)
    return typeof reference.coupon === 'string'
      ? source.coupon === reference.coupon
      : typeof reference.promotion_code === 'string' && code === reference.promotion_code
  })
  return known ?? create()
}

/** What must happen to the items for them to be the phase's. Items of the same price stay; others go or come. */
function changesTo(
  tx: Transaction,
  subscription: Subscription,
  wanted: readonly StoredPhaseItem[],
): readonly ItemChange[] {
  const items = itemsOf(tx, subscription.id)
  const gone = items.filter((item) => wanted.every(({ price }) => price !== item.price))
  return [
    ...gone.map((item) => ({ kind: 'remove' as const, item, clearsUsage: false })),
    ...wanted.flatMap((entry): readonly ItemChange[] => {
      const item = items.find(({ price }) => price === entry.price)
      if (item === undefined) return [{ kind: 'add', spec: toSpec(entry) }]
      const isRepriced = item.quantity !== entry.quantity
      const next = {
        ...item,
        ...(entry.quantity === undefined ? {} : { quantity: entry.quantity }),
        discounts: entry.discounts.map((reference) =>
          keepDiscount(tx, item.discounts, reference, () =>
            createDiscount(tx, reference, {
              customer: subscription.customer,
              subscription: subscription.id,
              subscriptionItem: item.id,
              start: tx.now(subscription.test_clock),
            }),
          ),
        ),
        metadata: { ...item.metadata, ...entry.metadata },
        inner: { ...item.inner, taxRates: entry.taxRates ?? item.inner.taxRates },
      }
      return [{ kind: 'change', item, next, clearsUsage: false, isRepriced }]
    }),
  ]
}

/** At the end of a period: nothing to give back, nothing to charge for the rest; the renewal bills what is there then. */
function exchangeItems(
  tx: Transaction,
  subscriptionId: string,
  changes: readonly ItemChange[],
  at: number,
): void {
  const subscription = tx.get('subscription', subscriptionId)
  const isFlexible = subscription.billing_mode.type === 'flexible'
  for (const change of changes) {
    if (change.kind === 'add') {
      insertItem(tx, subscription, change.spec, {
        period: { start: at, end: at },
        discounts: change.spec.discounts.map((reference) =>
          createDiscount(tx, reference, {
            customer: subscription.customer,
            subscription: subscription.id,
            start: at,
          }),
        ),
        usageFrom: at,
      })
    } else if (change.kind === 'remove') {
      const isMetered = isMeteredPrice(tx, change.item.price)
      if (isMetered && isFlexible) billUsageSoFar(tx, subscription, change.item, at)
      tx.remove('subscription_item', change.item.id)
    } else {
      tx.update('subscription_item', change.item.id, change.next)
    }
  }
}

/** "Automatic": the anchor moves to the phase's start where the new items' periods would not begin there. */
function placeAnchor(tx: Transaction, id: string, at: number, isForced: boolean): void {
  const subscription = tx.get('subscription', id)
  const isOff = pricesAfter(tx, id, []).some(
    (price) => periodContaining(subscription, recurrenceOf(tx, price), at).start !== at,
  )
  const isAlone = itemsOf(tx, id).every((item) => item.current_period_end <= at)
  if (isForced || (isOff && isAlone)) {
    tx.update('subscription', id, { billing_cycle_anchor: at, billing_cycle_anchor_config: null })
  }
}

function toSpec(item: StoredPhaseItem): ItemSpec {
  return {
    price: item.price,
    quantity: item.quantity,
    metadata: item.metadata ?? {},
    taxRates: item.taxRates,
    discounts: item.discounts,
  }
}

function toOneTimeItem(item: StoredPhase['oneTimeItems'][number]): OneTimeItem {
  return {
    price: item.price,
    quantity: item.quantity ?? 1,
    discounts: item.discounts,
    taxRates: item.taxRates,
    metadata: item.metadata ?? {},
    isDiscountable: item.discountable ?? true,
  }
}
