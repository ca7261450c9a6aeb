import type { Clock } from '../kit/clock.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Accounts } from '../domain/accounts/service.ts'
import type { Audit } from '../domain/audit/service.ts'
import type { Billing } from '../domain/billing/service.ts'
import { createCustomerSync } from '../domain/connections/customer-sync.service.ts'
import type { DriftCheck } from '../domain/catalog/drift-check.service.ts'
import { createDriftSyncs } from '../domain/catalog/drift.service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { Keys } from '../domain/keys/service.ts'
import type { Metering } from '../domain/metering/service.ts'
import type { StripeCustomers } from '../domain/connections/stripe-customers.service.ts'
import type { AccessChanges } from '../domain/entitlements/access-changes.ts'
import type { Findings } from '../domain/findings/service.ts'
import { createCreditNotes } from '../domain/credit-notes/service.ts'
import { createCreditAfterSales } from '../domain/credits/purchases/after-sales.service.ts'
import { createCreditPurchases } from '../domain/credits/purchases/service.ts'
import { createCreditRecurrences } from '../domain/credits/recurrences/service.ts'
import { createTopUps } from '../domain/credits/purchases/top-up.service.ts'
import { createCreditSpending } from '../domain/credits/spending/service.ts'
import type { Charges } from '../domain/billing/charges/service.ts'
import type { Items } from '../domain/billing/items/service.ts'
import { createOfflineInvoices } from '../domain/billing/offline-invoices.service.ts'
import { createCredits } from '../domain/credits/service.ts'
import { createEvidenceDraft } from '../domain/disputes/evidence.service.ts'
import { createDisputes } from '../domain/disputes/service.ts'
import { createGraces } from '../domain/billing/graces.service.ts'
import { createDunning } from '../domain/dunning/service.ts'
import { createOccasions } from '../domain/notifications/occasions.service.ts'
import { createInvitations } from '../domain/invitations/service.ts'
import { createMembers } from '../domain/members/service.ts'
import { createNotifications } from '../domain/notifications/service.ts'
import { createCollection } from '../domain/payments/collection.service.ts'
import { createPaymentMethods } from '../domain/payments/methods/service.ts'
import { createPayments } from '../domain/payments/service.ts'
import { createAlertSync } from '../domain/reporting/alerts.service.ts'
import { createUsageTotals } from '../domain/reporting/totals.service.ts'
import { createMeterErrorSync } from '../domain/reporting/meter-errors.service.ts'
import { createReconcile } from '../domain/reconcile/service.ts'
import { createRefundEffects } from '../domain/refunds/effects.service.ts'
import { createRefunds } from '../domain/refunds/service.ts'
import type { Settings } from '../domain/settings/service.ts'
import type { Cancellations } from '../domain/subscriptions/cancel.service.ts'
import type { PlanChanges } from '../domain/subscriptions/changes/service.ts'
import type { Subscriptions } from '../domain/subscriptions/service.ts'
import { createLook } from '../domain/webhooks/look.service.ts'
import { stripeEventRoutes } from '../domain/webhooks/routes.ts'
import { createInbox } from '../domain/webhooks/service.ts'
import type { Sync } from '../domain/webhooks/sync.ts'
import type { Database, Db } from '../platform/database/database.ts'
import type { Jobs } from '../platform/jobs/jobs.ts'
import type { Log } from '../platform/log.ts'
import type { Mailer } from '../platform/mail/mail.ts'
import type { Secrets } from '../platform/secrets.ts'
import type { Trials } from '../domain/trials/service.ts'
import { createTrialWatch } from '../domain/trials/watch.service.ts'
import { joinDueWork } from './money-due.ts'

interface MoneyDeps {
  readonly charges: Charges
  readonly items: Items
  readonly database: Database
  readonly systemClock: Clock
  readonly log: Log
  readonly accessChanges: AccessChanges
  readonly accounts: Accounts
  readonly audit: Audit
  readonly billing: Billing
  readonly cancellations: Cancellations
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly clocks: Clocks
  readonly connections: Connections
  readonly driftCheck: DriftCheck
  readonly findings: Findings
  readonly jobs: Jobs
  readonly keys: Keys
  readonly mailer: Mailer
  readonly metering: Metering
  readonly consoleUrl: string
  readonly operatorEmails: (db: Db) => Promise<readonly string[]>
  readonly secrets: Secrets
  readonly settings: Settings
  readonly stripeCustomers: StripeCustomers
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<unknown>
  readonly trials: Trials
}

/** The half of the services about money that moves, and the inbox that hears from Stripe about all of it. */
export function composeMoney(deps: MoneyDeps) {
  const { systemClock, billing, stripeCustomers, subscriptions, subscriptionSync } = deps
  const look = createLook(deps)
  const payments = createPayments(deps)
  const paymentMethods = createPaymentMethods({ ...deps, look })
  const refunds = createRefunds({ ...deps, look, payments })
  const creditNotes = createCreditNotes({ ...deps, look, refunds })
  createRefundEffects({ ...deps, creditNotes, payments, refunds })
  const notifications = createNotifications(deps)
  const invitations = createInvitations({ ...deps, notifications })
  const members = createMembers({ ...deps, notifications })
  createOccasions({ ...deps, notifications, paymentMethods, payments, refunds })
  const trialWatch = createTrialWatch({ ...deps, look, notifications, paymentMethods })
  const offlineInvoices = createOfflineInvoices(deps)
  const collection = createCollection({ ...deps, look, offlineInvoices, payments })
  const graces = createGraces(deps)
  const dunning = createDunning({
    ...deps,
    collection,
    graces,
    notifications,
    paymentMethods,
    payments,
  })
  const draft = createEvidenceDraft(deps)
  const disputes = createDisputes({ ...deps, draft, look, notifications, payments })
  const credits = createCredits({ ...deps, notifications })
  const creditSpending = createCreditSpending({ ...deps, clock: systemClock, credits })
  const creditPurchases = createCreditPurchases({ ...deps, credits, payments })
  const topUps = createTopUps({
    ...deps,
    creditPurchases,
    credits,
    look,
    notifications,
    paymentMethods,
    payments,
  })
  const creditRecurrences = createCreditRecurrences({ ...deps, credits })
  const creditAfterSales = createCreditAfterSales({
    ...deps,
    creditPurchases,
    credits,
    disputes,
    refunds,
  })
  const syncs = {
    ...createDriftSyncs(deps),
    alert: createAlertSync(deps),
    checkout: creditPurchases.sessionsBefore(subscriptions.checkoutSync),
    creditNote: creditNotes.creditNoteSync,
    customer: createCustomerSync(deps),
    dispute: disputes.disputeSync,
    invoice: billing.invoiceSync,
    meterErrors: createMeterErrorSync({ ...deps, clock: systemClock }),
    methods: paymentMethods.methodsSync,
    payment: payments.paymentSync,
    refund: refunds.refundSync,
    subscription: subscriptionSync,
    warning: disputes.warningSync,
  }
  const inbox = createInbox({ ...deps, clock: systemClock, routes: stripeEventRoutes(syncs) })
  const reconcile = createReconcile({
    ...deps,
    clock: systemClock,
    disputes,
    look,
    payments,
    refunds,
    syncs,
    usageTotals: createUsageTotals({ ...deps, clock: systemClock }),
  })
  stripeCustomers.onMapped(inbox.welcome)
  stripeCustomers.lookBy((mode, id) => look(mode, syncs.customer, id))
  stripeCustomers.refuseAnewWhile(async (mode, customerId) => {
    const { data } = await billing.list(mode, { customerId, state: 'open' }, { limit: 1 })
    return data.length > 0
  })

  return {
    collection,
    creditAfterSales,
    creditNotes,
    creditPurchases,
    credits,
    creditSpending,
    disputes,
    dunning,
    graces,
    inbox,
    invitations,
    members,
    moneyDue: joinDueWork([
      paymentMethods,
      dunning,
      disputes,
      credits,
      creditRecurrences,
      topUps,
      trialWatch,
    ]),
    notifications,
    offlineInvoices,
    paymentMethods,
    payments,
    reconcile,
    refunds,
    topUps,
  }
}
