import type { Mode } from '../kit/mode.ts'
import type { Accounts } from '../domain/accounts/service.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Audit } from '../domain/audit/service.ts'
import type { Billing } from '../domain/billing/service.ts'
import type { BillingRuns } from '../domain/billing/runs/service.ts'
import type { Estimates } from '../domain/billing/estimates/service.ts'
import type { PurchaseOffers } from '../domain/billing/purchase-offers.service.ts'
import type { Changes } from '../domain/billing/change/changes.service.ts'
import type { Budgets } from '../domain/budgets/service.ts'
import type { CatalogFiles } from '../domain/catalog/catalog-file.service.ts'
import type { DriftCheck } from '../domain/catalog/drift-check.service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Publishing } from '../domain/catalog/publish.service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { StripeCustomers } from '../domain/connections/stripe-customers.service.ts'
import type { Redemptions } from '../domain/coupons/redemptions/service.ts'
import type { Coupons } from '../domain/coupons/service.ts'
import type { CreditAfterSales } from '../domain/credits/purchases/after-sales.service.ts'
import type { CreditPurchases } from '../domain/credits/purchases/service.ts'
import type { TopUps } from '../domain/credits/purchases/top-up.service.ts'
import type { Credits } from '../domain/credits/service.ts'
import type { Disputes } from '../domain/disputes/service.ts'
import type { Dunning } from '../domain/dunning/service.ts'
import type { InvitedPlans } from '../domain/invitations/invited-plans.service.ts'
import type { Invitations } from '../domain/invitations/service.ts'
import type { Members } from '../domain/members/service.ts'
import type { Migrations } from '../domain/migrations/service.ts'
import type { Notifications } from '../domain/notifications/service.ts'
import type { Collection } from '../domain/payments/collection.service.ts'
import type { CreditNotes } from '../domain/credit-notes/service.ts'
import type { Decisions } from '../domain/entitlements/decision.ts'
import type { QuotaUsages } from '../domain/entitlements/quota-usage.service.ts'
import type { Findings } from '../domain/findings/service.ts'
import type { Ingest } from '../domain/ingest/service.ts'
import type { Keys } from '../domain/keys/service.ts'
import type { Metering } from '../domain/metering/service.ts'
import type { Operators } from '../domain/operators/service.ts'
import type { PaymentMethods } from '../domain/payments/methods/service.ts'
import type { Payments } from '../domain/payments/service.ts'
import type { Revenue } from '../domain/revenue/service.ts'
import type { RoutingService } from '../domain/routing/service.ts'
import type { Reconcile } from '../domain/reconcile/service.ts'
import type { Refunds } from '../domain/refunds/service.ts'
import type { Settings } from '../domain/settings/service.ts'
import type { Arrangements } from '../domain/subscriptions/arrangements.service.ts'
import type { Pauses } from '../domain/billing/pause/pauses.service.ts'
import type { Cancellations } from '../domain/subscriptions/cancel.service.ts'
import type { Subscriptions } from '../domain/subscriptions/service.ts'
import type { Timeline } from '../domain/timeline/service.ts'
import type { TimeTravel } from '../domain/time-travel/service.ts'
import type { Inbox } from '../domain/webhooks/service.ts'
import type { MailboxMessage } from '../platform/mail/mail.ts'

/** What the handlers call. Put together in `main.ts`. */
export interface Services {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly billing: Billing
  readonly arrangements: Arrangements
  readonly budgets: Budgets
  readonly cancellations: Cancellations
  readonly pauses: Pauses
  readonly billingRuns: BillingRuns
  readonly catalog: Catalog
  readonly catalogFiles: CatalogFiles
  readonly changes: Changes
  readonly clocks: Clocks
  readonly connections: Connections
  readonly collection: Collection
  readonly creditNotes: CreditNotes
  readonly decisions: Decisions
  readonly coupons: Coupons
  readonly creditAfterSales: CreditAfterSales
  readonly creditPurchases: CreditPurchases
  readonly credits: Credits
  readonly disputes: Disputes
  readonly driftCheck: DriftCheck
  readonly dunning: Dunning
  readonly members: Members
  readonly migrations: Migrations
  readonly notifications: Notifications
  readonly estimates: Estimates
  readonly findings: Findings
  readonly inbox: Inbox
  readonly ingest: Ingest
  readonly invitations: Invitations
  readonly invitedPlans: InvitedPlans
  readonly keys: Keys
  readonly metering: Metering
  readonly operators: Operators
  readonly paymentMethods: PaymentMethods
  readonly payments: Payments
  readonly publishing: Publishing
  readonly purchaseOffers: PurchaseOffers
  readonly quotaUsages: QuotaUsages
  readonly redemptions: Redemptions
  readonly revenue: Revenue
  readonly routing: RoutingService
  readonly reconcile: Reconcile
  readonly refunds: Refunds
  readonly settings: Settings
  readonly stripeCustomers: StripeCustomers
  readonly subscriptions: Subscriptions
  readonly timeline: Timeline
  readonly timeTravel: TimeTravel
  readonly topUps: TopUps
  readonly surroundings: Surroundings
}

/** What the product knows of where it runs. */
export interface Surroundings {
  readonly version: string
  readonly consoleUrl: string
  readonly gatewayUrl: string
  /** What the quickstart calls while no setting names a path. */
  readonly examplePath: string
  /** The mode the portal is in unless it is asked for the other. */
  readonly publicMode: () => Promise<Mode>
  /** The development mailbox; undefined when mail really leaves, or others can reach this console. */
  readonly mailbox: (() => Promise<MailboxMessage[]>) | undefined
}
