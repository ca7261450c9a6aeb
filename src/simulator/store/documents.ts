import type * as accounts from '../accounts/documents.ts'
import type * as billing from '../billing/documents.ts'
import type * as catalog from '../catalog/documents.ts'
import type * as checkout from '../checkout/documents.ts'
import type * as clocks from '../clocks/documents.ts'
import type * as creditNotes from '../credit-notes/documents.ts'
import type * as credits from '../credits/documents.ts'
import type * as customers from '../customers/documents.ts'
import type * as entitlements from '../entitlements/documents.ts'
import type * as events from '../events/documents.ts'
import type * as meters from '../meters/documents.ts'
import type * as payments from '../payments/documents.ts'
import type * as portal from '../portal/documents.ts'
import type * as schedules from '../schedules/documents.ts'
import type * as wire from '../wire/documents.ts'
import type { Job } from './jobs.ts'
import type { SettingsDocument } from './settings.ts'

/** Every kind of document a realm holds. Kinds that Stripe knows are named by the `object` they show. */
export interface Documents {
  // The simulator's own.
  api_key: accounts.ApiKeyDocument
  job: Job
  sequence: { readonly id: string; readonly value: number }
  settings: SettingsDocument
  idempotency: wire.IdempotencyRecord
  realm_clock: clocks.RealmClockDocument
  delivery: events.DeliveryDocument
  meter_event: meters.MeterEventDocument
  meter_session: meters.MeterSessionDocument
  alert_trigger: meters.AlertTriggerDocument
  ordered_decline: payments.OrderedDeclineDocument
  ordered_delay: payments.OrderedDelayDocument

  // Stripe's.
  'billing.alert': meters.AlertDocument
  'billing.credit_balance_transaction': credits.CreditBalanceTransactionDocument
  'billing.credit_grant': credits.CreditGrantDocument
  'billing.meter': meters.MeterDocument
  credit_note: creditNotes.CreditNoteDocument
  invoice: billing.InvoiceDocument
  invoice_payment: billing.InvoicePaymentDocument
  invoiceitem: billing.InvoiceItemDocument
  line_item: billing.LineItemDocument
  subscription_schedule: schedules.SubscriptionScheduleDocument
  subscription: billing.SubscriptionDocument
  subscription_item: billing.SubscriptionItemDocument
  balance_transaction: payments.BalanceTransactionDocument
  card: payments.CardDocument
  charge: payments.ChargeDocument
  dispute: payments.DisputeDocument
  payment_intent: payments.PaymentIntentDocument
  payment_method: payments.PaymentMethodDocument
  'radar.early_fraud_warning': payments.EarlyFraudWarningDocument
  refund: payments.RefundDocument
  setup_attempt: payments.SetupAttemptDocument
  setup_intent: payments.SetupIntentDocument
  'billing_portal.configuration': portal.PortalConfigurationDocument
  'billing_portal.session': portal.PortalSessionDocument
  'checkout.session': checkout.SessionDocument
  coupon: catalog.CouponDocument
  customer: customers.CustomerDocument
  customer_balance_transaction: customers.CustomerBalanceTransactionDocument
  discount: catalog.DiscountDocument
  'entitlements.active_entitlement': entitlements.ActiveEntitlementDocument
  'entitlements.feature': entitlements.FeatureDocument
  product_feature: entitlements.ProductFeatureDocument
  event: events.EventDocument
  price: catalog.PriceDocument
  product: catalog.ProductDocument
  promotion_code: catalog.PromotionCodeDocument
  tax_id: customers.TaxIdDocument
  tax_rate: catalog.TaxRateDocument
  'test_helpers.test_clock': clocks.TestClockDocument
  'v2.core.event': events.ThinEventDocument
  'v2.core.event_destination': events.EventDestinationDocument
  webhook_endpoint: events.WebhookEndpointDocument
}

export type Kind = keyof Documents

/** Fields by which documents are looked up; see `Table.where`. */
export const INDEXED_FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  api_key: ['accountId'],
  job: ['clock'],
  sequence: [],
  settings: [],
  idempotency: [],
  realm_clock: [],
  delivery: ['event', 'endpoint', 'state'],
  meter_event: ['series', 'identifierKey', 'state'],
  meter_session: ['token'],
  alert_trigger: ['alert'],
  ordered_decline: [],
  ordered_delay: [],

  'billing.alert': ['inner.meter'],
  'billing.credit_balance_transaction': ['credit_grant', 'inner.customer', 'inner.invoice'],
  'billing.credit_grant': ['customer'],
  'billing.meter': ['event_name'],
  credit_note: ['customer', 'invoice'],
  invoice: ['customer', 'inner.subscription', 'status'],
  invoice_payment: ['invoice', 'inner.paymentIntent'],
  invoiceitem: ['customer', 'invoice', 'inner.subscription'],
  line_item: ['invoice', 'inner.invoiceItem'],
  subscription_schedule: ['customer'],
  subscription: ['customer', 'test_clock'],
  subscription_item: ['subscription', 'price'],
  balance_transaction: ['source'],
  card: ['customer'],
  charge: ['customer', 'payment_intent'],
  dispute: ['charge', 'payment_intent'],
  payment_intent: ['customer', 'inner.invoice'],
  payment_method: ['customer'],
  'radar.early_fraud_warning': ['charge'],
  refund: ['charge', 'payment_intent'],
  setup_attempt: ['setup_intent'],
  setup_intent: ['customer'],

  'billing_portal.configuration': [],
  'billing_portal.session': ['inner.setupIntent'],
  'checkout.session': ['customer', 'subscription'],
  coupon: [],
  customer: ['email', 'test_clock'],
  customer_balance_transaction: ['customer', 'invoice'],
  discount: ['customer', 'subscription'],
  'entitlements.active_entitlement': ['inner.customer'],
  'entitlements.feature': ['lookup_key'],
  product_feature: ['inner.product'],
  event: ['type', 'inner.objectId'],
  price: ['product', 'lookup_key'],
  product: [],
  promotion_code: ['inner.coupon', 'inner.codeKey'],
  tax_id: ['customer'],
  tax_rate: [],
  'test_helpers.test_clock': [],
  'v2.core.event': ['type'],
  'v2.core.event_destination': [],
  webhook_endpoint: [],
}
