import { billingRunRoutes } from './billing-runs.ts'
import { budgetRoutes } from './budgets.ts'
import { catalogRoutes } from './catalog.ts'
import { catalogFileRoutes } from './catalog-file.ts'
import { collectionRoutes } from './collection.ts'
import { couponRoutes } from './coupons.ts'
import { creditRoutes } from './credits.ts'
import { customerRoutes } from './customers.ts'
import { decisionRoutes } from './decisions.ts'
import { estimateRoutes } from './estimates.ts'
import { eventRoutes } from './events.ts'
import { disputeRoutes } from './disputes.ts'
import { findingRoutes } from './findings.ts'
import { invitationRoutes } from './invitations.ts'
import { memberRoutes } from './members.ts'
import { migrationRoutes } from './migrations.ts'
import { overrideRoutes } from './overrides.ts'
import { planChangeRoutes } from './plan-changes.ts'
import { portalRoutes } from './portal.ts'
import { publicRoutes } from './public.ts'
import { reportRoutes } from './reports.ts'
import { routingRoutes } from './routing.ts'
import { refundRoutes } from './refunds.ts'
import { stripeRoutes } from './stripe.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { systemRoutes } from './system.ts'
import { timelineRoutes } from './timeline.ts'

/** Every route of the REST API, by name. */
export const contract = {
  ...publicRoutes,
  ...portalRoutes,
  ...memberRoutes,
  ...catalogRoutes,
  ...catalogFileRoutes,
  ...billingRunRoutes,
  ...customerRoutes,
  ...budgetRoutes,
  ...decisionRoutes,
  ...estimateRoutes,
  ...eventRoutes,
  ...findingRoutes,
  ...reportRoutes,
  ...routingRoutes,
  ...refundRoutes,
  ...subscriptionRoutes,
  ...invitationRoutes,
  ...migrationRoutes,
  ...planChangeRoutes,
  ...overrideRoutes,
  ...collectionRoutes,
  ...disputeRoutes,
  ...couponRoutes,
  ...creditRoutes,
  ...stripeRoutes,
  ...systemRoutes,
  ...timelineRoutes,
}

export type Contract = typeof contract
