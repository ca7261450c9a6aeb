import type { Clock } from '../kit/clock.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Accounts } from '../domain/accounts/service.ts'
import type { Audit } from '../domain/audit/service.ts'
import { createCarryOut } from '../domain/billing/change/carry-out.service.ts'
import { createCarryOutHere } from '../domain/billing/change/carry-out-here.service.ts'
import { createChanges } from '../domain/billing/change/changes.service.ts'
import { createOffers } from '../domain/billing/change/offers.service.ts'
import { createStripeSides } from '../domain/billing/change/stripe-sides.service.ts'
import { createPreviews } from '../domain/billing/change/previews.service.ts'
import { createQuotes } from '../domain/billing/change/quotes.service.ts'
import { createCharges } from '../domain/billing/charges/service.ts'
import { createCompletion } from '../domain/billing/completion.service.ts'
import { createCreditPayments } from '../domain/billing/credit-payments/service.ts'
import { createItems } from '../domain/billing/items/service.ts'
import { createWantedItems } from '../domain/billing/items/wanted.service.ts'
import { createRefusals } from '../domain/refusals/service.ts'
import { createRevenue } from '../domain/revenue/service.ts'
import { createEstimates } from '../domain/billing/estimates/service.ts'
import { createExplanations } from '../domain/billing/mirror/explanation.service.ts'
import { createLineMirror } from '../domain/billing/mirror/line-mirror.service.ts'
import { createFirstInvoices } from '../domain/billing/first-invoices.service.ts'
import { startLastInvoices } from '../domain/billing/last-invoices.service.ts'
import type { OfflineInvoices } from '../domain/billing/offline-invoices.service.ts'
import { createDueDates } from '../domain/billing/due-dates.service.ts'
import { createOwnBilling } from '../domain/billing/own-billing.service.ts'
import { createPurchaseOffers } from '../domain/billing/purchase-offers.service.ts'
import { createPhaseSchedules } from '../domain/billing/phases/service.ts'
import { createPauses } from '../domain/billing/pause/pauses.service.ts'
import { createRating } from '../domain/billing/rating.service.ts'
import { createBillingRuns } from '../domain/billing/runs/service.ts'
import { startPurchases } from '../domain/billing/purchases.service.ts'
import type { Billing } from '../domain/billing/service.ts'
import type { Publishing } from '../domain/catalog/publish.service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { StripeCustomers } from '../domain/connections/stripe-customers.service.ts'
import type { Redemptions } from '../domain/coupons/redemptions/service.ts'
import type { Coupons } from '../domain/coupons/service.ts'
import type { Credits } from '../domain/credits/service.ts'
import type { CreditSpending } from '../domain/credits/spending/service.ts'
import type { Findings } from '../domain/findings/service.ts'
import { createUsageAnswers } from '../domain/metering/readings/answers.service.ts'
import type { Metering } from '../domain/metering/service.ts'
import { createContractCheck } from '../domain/reconcile/contract-check.service.ts'
import type { Reconcile } from '../domain/reconcile/service.ts'
import { createAddOns } from '../domain/subscriptions/add-ons/service.ts'
import type { Cancellations } from '../domain/subscriptions/cancel.service.ts'
import type { PlanChanges } from '../domain/subscriptions/changes/service.ts'
import type { Lifecycles } from '../domain/subscriptions/lifecycle.service.ts'
import type { Pausing } from '../domain/subscriptions/pausing.service.ts'
import type { Purchases } from '../domain/subscriptions/purchases/service.ts'
import type { Moves } from '../domain/subscriptions/moves.service.ts'
import type { Subscriptions } from '../domain/subscriptions/service.ts'
import { createStays } from '../domain/subscriptions/stays/service.ts'
import type { StripePrices } from '../domain/subscriptions/stripe-prices.service.ts'
import type { Trials } from '../domain/trials/service.ts'
import { createLook } from '../domain/webhooks/look.service.ts'
import type { Sync } from '../domain/webhooks/sync.ts'
import type { Database } from '../platform/database/database.ts'
import type { Jobs } from '../platform/jobs/jobs.ts'
import type { Log } from '../platform/log.ts'
import type { Settings } from '../domain/settings/service.ts'
import type { StripeSubscription } from '../stripe/subscriptions.ts'

interface RatingParts {
  readonly database: Database
  readonly systemClock: Clock
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly connections: Connections
  readonly findings: Findings
  readonly metering: Metering
}

/** What turns contracts and usage into lines: beneath invoices and subscriptions, which ask it. */
export function composeRating(parts: RatingParts) {
  const { database, systemClock, accounts, catalog, connections, findings, metering } = parts
  const usageAnswers = createUsageAnswers({ database, metering })
  const stays = createStays({ database })
  const addOns = createAddOns({ catalog, database })
  const rating = createRating({ database, accounts, addOns, catalog, stays, usageAnswers })
  const charges = createCharges({ rating, findings, clock: systemClock })
  const items = createItems({ database })
  const explanations = createExplanations({ rating })
  const lineMirror = createLineMirror({ charges, connections, explanations, findings, items })
  return { usageAnswers, addOns, stays, rating, charges, items, lineMirror }
}

interface ContractParts extends ReturnType<typeof composeRating> {
  readonly database: Database
  readonly systemClock: Clock
  readonly log: Log
  readonly accounts: Accounts
  readonly audit: Audit
  readonly clocks: Clocks
  readonly connections: Connections
  readonly coupons: Coupons
  readonly reconcile: Reconcile
  readonly redemptions: Redemptions
  readonly billing: Billing
  readonly cancellations: Cancellations
  readonly catalog: Catalog
  readonly credits: Credits
  readonly creditSpending: CreditSpending
  readonly findings: Findings
  readonly jobs: Jobs
  readonly lifecycles: Lifecycles
  readonly moves: Moves
  readonly offlineInvoices: OfflineInvoices
  readonly pausing: Pausing
  readonly publishing: Publishing
  readonly purchases: Purchases
  readonly planChanges: PlanChanges
  readonly settings: Settings
  readonly stripeCustomers: StripeCustomers
  readonly stripePrices: StripePrices
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<StripeSubscription>
  readonly trials: Trials
}

/** What looks at all of it and moves none of it. */
function composeReports(parts: ContractParts) {
  const refusals = createRefusals(parts)
  return { refusals, revenue: createRevenue({ ...parts, refusals }) }
}

/** What makes invoices right on its own account: on top of subscriptions. */
export function composeContracts(parts: ContractParts) {
  const { charges, rating } = parts
  const dueDates = createDueDates(parts)
  const wantedItems = createWantedItems({ charges, rating })
  const creditPayments = createCreditPayments(parts)
  parts.billing.onInvoice((tx, invoice) =>
    creditPayments.follow(tx, invoice, () => parts.billing.linesIn(tx, invoice)),
  )
  const completion = createCompletion({ ...parts, creditPayments, wantedItems })
  const quotes = createQuotes({ ...parts, changes: parts.planChanges, charges, rating })
  const firstInvoices = createFirstInvoices(parts)
  const offers = createOffers({
    ...parts,
    changes: parts.planChanges,
    dueDates,
    firstInvoices,
    quotes,
    rating,
  })
  const purchaseOffers = createPurchaseOffers({ ...parts, firstInvoices })
  const ownBilling = createOwnBilling({
    ...parts,
    invoiceSync: parts.billing.invoiceSync,
    creditPayments,
    dueDates,
    look: createLook(parts),
    wantedItems,
  })
  const stripeSides = createStripeSides({ ...parts, dueDates, rating })
  const here = createCarryOutHere({
    ...parts,
    changes: parts.planChanges,
    dueDates,
    invoiceSync: parts.billing.invoiceSync,
    look: createLook(parts),
    ownBilling,
    rating,
    stripeSides,
  })
  const phaseSchedules = createPhaseSchedules({ ...parts, changes: parts.planChanges, rating })
  parts.cancellations.setAsideBy(phaseSchedules.aside)
  parts.reconcile.checkContractsBy(
    createContractCheck({ ...parts, changes: parts.planChanges, phaseSchedules, rating }),
  )
  const carryOut = createCarryOut({
    ...parts,
    changes: parts.planChanges,
    dueDates,
    here,
    phaseSchedules,
    invoiceSync: parts.billing.invoiceSync,
    look: createLook(parts),
    offers,
  })
  const changes = createChanges({
    ...parts,
    changes: parts.planChanges,
    carryOut,
    here,
    previews: createPreviews({ ...parts, changes: parts.planChanges, offers }),
  })
  parts.cancellations.clearPathBy((caller, { id }) => changes.clearPath(caller, id))
  parts.billing.onInvoice((tx, invoice) => ownBilling.activatePaid(tx, invoice))
  startPurchases({
    ...parts,
    dueDates,
    invoiceSync: parts.billing.invoiceSync,
    look: createLook(parts),
    ownBilling,
  })
  const pauses = createPauses({
    ...parts,
    changes: parts.planChanges,
    look: createLook(parts),
    ownBilling,
    phaseSchedules,
    planned: changes,
    rating,
  })
  startLastInvoices({
    ...parts,
    clock: parts.systemClock,
    invoiceSync: parts.billing.invoiceSync,
    look: createLook(parts),
    ownBilling,
  })
  const billingRuns = createBillingRuns({ ...parts, ownBilling })
  const estimates = createEstimates({ ...parts, creditPayments, wantedItems })
  const told = { pauses, billingRuns, changes, completion, estimates, ownBilling, purchaseOffers }
  return { ...told, phaseSchedules, ...composeReports(parts) }
}
