import { accountOperations } from './accounts/account-operations.ts'
import { invoiceItemOperations } from './billing/invoice-item-operations.ts'
import { invoiceLineOperations } from './billing/invoice-line-operations.ts'
import { invoiceOperations } from './billing/invoice-operations.ts'
import { invoicePaymentOperations } from './billing/invoice-payment-operations.ts'
import { previewOperations } from './billing/preview-operation.ts'
import { subscriptionItemOperations } from './billing/subscription-item-operations.ts'
import { subscriptionOperations } from './billing/subscription-operations.ts'
import { couponOperations } from './catalog/coupons.ts'
import { planOperations } from './catalog/plans.ts'
import { priceOperations } from './catalog/prices.ts'
import { productOperations } from './catalog/products.ts'
import { promotionCodeOperations } from './catalog/promotion-codes.ts'
import { taxRateOperations } from './catalog/tax-rates.ts'
import { paymentPageOperations } from './checkout/payment-pages.ts'
import { checkoutOperations } from './checkout/sessions.ts'
import { testClockOperations } from './clocks/test-clocks.ts'
import { creditNoteOperations } from './credit-notes/credit-notes.ts'
import { creditBalanceOperations } from './credits/credit-balance.ts'
import { creditGrantOperations } from './credits/credit-grants.ts'
import { customerBalanceOperations } from './customers/balance-operations.ts'
import { cardOperations } from './customers/cards.ts'
import { customerOperations } from './customers/customers.ts'
import { taxIdOperations } from './customers/tax-ids.ts'
import { activeEntitlementOperations } from './entitlements/active-entitlements.ts'
import { featureOperations } from './entitlements/features.ts'
import { eventDestinationOperations } from './events/destinations.ts'
import { eventOperations } from './events/events.ts'
import { webhookEndpointOperations } from './events/webhook-endpoints.ts'
import { alertOperations } from './meters/alerts.ts'
import { meterEventOperations } from './meters/meter-events.ts'
import { meterOperations } from './meters/meters.ts'
import { balanceOperations } from './payments/balance.ts'
import { chargeOperations } from './payments/charges.ts'
import { disputeOperations, earlyFraudWarningOperations } from './payments/disputes.ts'
import { paymentIntentOperations } from './payments/payment-intents.ts'
import { paymentMethodOperations } from './payments/payment-method-operations.ts'
import { refundOperations } from './payments/refunds.ts'
import { setupIntentOperations } from './payments/setup-intents.ts'
import { portalConfigurationOperations } from './portal/configurations.ts'
import { portalSessionOperations } from './portal/sessions.ts'
import { subscriptionScheduleOperations } from './schedules/schedules.ts'
import type { Handlers, UnlistedHandlers } from './wire/calls.ts'

/** Everything the API answers. */
export const operations: readonly Handlers[] = [
  accountOperations,
  activeEntitlementOperations,
  alertOperations,
  balanceOperations,
  cardOperations,
  chargeOperations,
  checkoutOperations,
  couponOperations,
  creditBalanceOperations,
  creditGrantOperations,
  creditNoteOperations,
  customerBalanceOperations,
  customerOperations,
  disputeOperations,
  earlyFraudWarningOperations,
  eventDestinationOperations,
  eventOperations,
  featureOperations,
  invoiceItemOperations,
  invoiceLineOperations,
  invoiceOperations,
  invoicePaymentOperations,
  meterEventOperations,
  meterOperations,
  paymentIntentOperations,
  paymentMethodOperations,
  previewOperations,
  portalConfigurationOperations,
  planOperations,
  portalSessionOperations,
  priceOperations,
  productOperations,
  promotionCodeOperations,
  refundOperations,
  setupIntentOperations,
  subscriptionItemOperations,
  subscriptionOperations,
  subscriptionScheduleOperations,
  taxIdOperations,
  taxRateOperations,
  testClockOperations,
  webhookEndpointOperations,
]

/** What official clients call besides the public reference. */
export const unlistedOperations: readonly UnlistedHandlers[] = [paymentPageOperations]
