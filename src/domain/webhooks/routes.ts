import { type EventObject, referenceIn, type Route, type Target } from './route.ts'
import type { Sync } from './sync.ts'

/** How each kind of Stripe object gets into our rows. */
export interface Syncs {
  readonly alert: Sync<unknown>
  readonly checkout: Sync<unknown>
  readonly creditNote: Sync<unknown>
  readonly customer: Sync<unknown>
  readonly dispute: Sync<unknown>
  readonly invoice: Sync<unknown>
  readonly meterErrors: Sync<unknown>
  readonly methods: Sync<unknown>
  readonly payment: Sync<unknown>
  readonly price: Sync<unknown>
  readonly product: Sync<unknown>
  readonly refund: Sync<unknown>
  readonly subscription: Sync<unknown>
  readonly warning: Sync<unknown>
}

type Kind = keyof Syncs

const CHECKOUT = [
  'checkout.session.completed',
  'checkout.session.expired',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
]
const SUBSCRIPTION = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
]
const SCHEDULE = [
  'subscription_schedule.created',
  'subscription_schedule.updated',
  'subscription_schedule.released',
  'subscription_schedule.completed',
  'subscription_schedule.canceled',
  'subscription_schedule.aborted',
  'subscription_schedule.expiring',
]
const INVOICE = [
  'invoice.created',
  'invoice.deleted',
  'invoice.finalized',
  'invoice.finalization_failed',
  'invoice.updated',
  'invoice.paid',
  'invoice.payment_succeeded',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'invoice.overdue',
  'invoice.sent',
]
const PAYMENT_INTENT = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'payment_intent.processing',
  'payment_intent.canceled',
]
const CHARGE = ['charge.succeeded', 'charge.failed', 'charge.pending', 'charge.updated']
const REFUND = ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated']
const DISPUTE = [
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
]
const WARNING = ['radar.early_fraud_warning.created', 'radar.early_fraud_warning.updated']
const CREDIT_NOTE = ['credit_note.created', 'credit_note.updated', 'credit_note.voided']
const PAYMENT_METHOD = [
  'payment_method.attached',
  'payment_method.detached',
  'payment_method.updated',
  'payment_method.automatically_updated',
]
const SETUP_INTENT = ['setup_intent.succeeded', 'setup_intent.setup_failed']
const CHOICE_OF_METHOD = ['invoice_settings', 'default_source']
const PRODUCT = ['product.updated', 'product.deleted']
const PRICE = ['price.updated', 'price.deleted']
const METER_ERRORS = ['v1.billing.meter.error_report_triggered', 'v1.billing.meter.no_meter_found']
const TAX_ID = ['customer.tax_id.created', 'customer.tax_id.updated', 'customer.tax_id.deleted']

/** What refers to others is applied after them. */
const RANK = {
  customer: 0,
  checkout: 1,
  subscription: 2,
  invoice: 3,
  payment: 4,
  refund: 5,
  creditNote: 6,
  dispute: 7,
  warning: 8,
  methods: 9,
  catalog: 10,
  usage: 11,
}

/**
 * Which objects an event type makes us look at. Two events about one change lead to the same object, which is looked at
 * once or twice, harmlessly: what is applied is its current state.
 */
export function stripeEventRoutes(syncs: Syncs): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>()
  const add = (types: readonly string[], route: Route): void => {
    for (const type of types) routes.set(type, route)
  }
  const look = (name: Kind, objectId: string | null | undefined): Target[] =>
    objectId ? [{ name, sync: syncs[name], objectId }] : []
  /** The object the event is about. */
  const own = (kind: Kind, rank: number): Route => ({
    rank,
    targets: ({ objectId }) => look(kind, objectId),
  })

  add(CHECKOUT, own('checkout', RANK.checkout))
  add(SUBSCRIPTION, own('subscription', RANK.subscription))
  add(INVOICE, own('invoice', RANK.invoice))
  // It does not exist yet, and so it has no id; what it announces is a subscription's renewal.
  add(['invoice.upcoming'], {
    rank: RANK.subscription,
    targets: (_, { data }) => look('subscription', subscriptionOf(data?.object)),
  })
  // What is planned for a subscription is made there, one phase after the other.
  add(SCHEDULE, {
    rank: RANK.subscription,
    targets: (_, { data }) =>
      look(
        'subscription',
        referenceIn(data?.object, 'subscription') ??
          referenceIn(data?.object, 'released_subscription'),
      ),
  })
  add(['invoice_payment.paid'], {
    rank: RANK.invoice,
    targets: (_, { data }) => look('invoice', referenceIn(data?.object, 'invoice')),
  })
  add(PAYMENT_INTENT, own('payment', RANK.payment))
  add(CHARGE, {
    rank: RANK.payment,
    targets: (_, { data }) => look('payment', referenceIn(data?.object, 'payment_intent')),
  })
  add(['charge.refunded'], {
    rank: RANK.payment,
    targets: (_, { data }) => look('payment', referenceIn(data?.object, 'payment_intent')),
  })
  add(REFUND, {
    rank: RANK.refund,
    // What is refunded of a payment changes with it.
    targets: ({ objectId }, { data }) => [
      ...look('payment', referenceIn(data?.object, 'payment_intent')),
      ...look('refund', objectId),
    ],
  })
  add(DISPUTE, own('dispute', RANK.dispute))
  add(WARNING, own('warning', RANK.warning))
  add(CREDIT_NOTE, {
    rank: RANK.creditNote,
    // What is owed of an invoice changes with it.
    targets: ({ objectId }, { data }) => [
      ...look('invoice', referenceIn(data?.object, 'invoice')),
      ...look('creditNote', objectId),
    ],
  })
  add(PAYMENT_METHOD, {
    rank: RANK.methods,
    // A method that was detached has no customer any more; the event remembers whose it was.
    targets: (_, { data }) =>
      look(
        'methods',
        referenceIn(data?.object, 'customer') ?? referenceIn(data?.previous_attributes, 'customer'),
      ),
  })
  add(SETUP_INTENT, {
    rank: RANK.methods,
    targets: (_, { data }) => look('methods', referenceIn(data?.object, 'customer')),
  })
  // Rights are ours to grant; that Stripe's changed says that something about the customer did.
  add(['entitlements.active_entitlement_summary.updated'], {
    rank: RANK.customer,
    targets: (_, { data }) => look('customer', referenceIn(data?.object, 'customer')),
  })
  add(['customer.updated', 'customer.deleted'], {
    rank: RANK.customer,
    targets: ({ objectId }, { data }) => [
      ...look('customer', objectId),
      ...(mayChangeMethods(data?.previous_attributes) ? look('methods', objectId) : []),
    ],
  })
  add(TAX_ID, {
    rank: RANK.customer,
    targets: (_, { data }) => look('customer', referenceIn(data?.object, 'customer')),
  })
  add(PRODUCT, own('product', RANK.catalog))
  add(PRICE, own('price', RANK.catalog))
  // These two are told by the event and nothing else.
  add(METER_ERRORS, { rank: RANK.usage, targets: ({ id }) => look('meterErrors', id) })
  add(['billing.alert.triggered'], { rank: RANK.usage, targets: ({ id }) => look('alert', id) })
  return routes
}

/** Another method has events of its own; of the customer's own attributes these say which is charged. */
function mayChangeMethods(before: EventObject | undefined): boolean {
  return before === undefined || CHOICE_OF_METHOD.some((attribute) => attribute in before)
}

function subscriptionOf(invoice: EventObject | undefined): string | undefined {
  const parent = invoice?.['parent'] as EventObject | null | undefined
  const details = parent?.['subscription_details'] as EventObject | null | undefined
  return referenceIn(details ?? undefined, 'subscription')
}
