import { billingRoutes } from './admin/billing-routes.ts'
import { billingRunRoutes } from './admin/billing-run-routes.ts'
import { budgetRoutes } from './admin/budget-routes.ts'
import { catalogFileRoutes } from './admin/catalog-file-routes.ts'
import { catalogRoutes } from './admin/catalog-routes.ts'
import { changeRoutes } from './admin/change-routes.ts'
import { collectionRoutes } from './admin/collection-routes.ts'
import { couponRoutes } from './admin/coupon-routes.ts'
import { creditRoutes } from './admin/credit-routes.ts'
import { customerRoutes } from './admin/customer-routes.ts'
import { estimateRoutes } from './admin/estimate-routes.ts'
import { eventRoutes } from './admin/event-routes.ts'
import { disputeRoutes } from './admin/dispute-routes.ts'
import { findingRoutes } from './admin/finding-routes.ts'
import { invitationRoutes } from './admin/invitation-routes.ts'
import { migrationRoutes } from './admin/migration-routes.ts'
import { overrideRoutes } from './admin/override-routes.ts'
import { reportRoutes } from './admin/report-routes.ts'
import { routingRoutes } from './admin/routing-routes.ts'
import { refundRoutes } from './admin/refund-routes.ts'
import { subscriptionRoutes } from './admin/subscription-routes.ts'
import { stripeRoutes } from './admin/stripe-routes.ts'
import { systemRoutes } from './admin/system-routes.ts'
import { decisionRoutes } from './decisions/decision-routes.ts'
import type { Implementation } from './http/implement.ts'
import { portalBillingRoutes } from './portal/billing-routes.ts'
import { portalBudgetRoutes } from './portal/budget-routes.ts'
import { portalChangeRoutes } from './portal/change-routes.ts'
import { portalEstimateRoutes } from './portal/estimate-routes.ts'
import { portalInvitationRoutes } from './portal/invitation-routes.ts'
import { memberRoutes } from './portal/member-routes.ts'
import { portalKeyRoutes } from './portal/key-routes.ts'
import { portalRoutes } from './portal/routes.ts'
import { publicRoutes } from './public/routes.ts'
import type { Services } from './services.ts'

/** What answers the contract. */
export function implementations(services: Services): Implementation[] {
  return [
    ...publicRoutes(services),
    ...portalRoutes(services),
    ...portalKeyRoutes(services),
    ...portalBudgetRoutes(services),
    ...portalBillingRoutes(services),
    ...portalChangeRoutes(services),
    ...portalInvitationRoutes(services),
    ...memberRoutes(services),
    ...portalEstimateRoutes(services),
    ...catalogRoutes(services),
    ...catalogFileRoutes(services),
    ...customerRoutes(services),
    ...budgetRoutes(services),
    ...billingRoutes(services),
    ...subscriptionRoutes(services),
    ...billingRunRoutes(services),
    ...decisionRoutes(services),
    ...estimateRoutes(services),
    ...eventRoutes(services),
    ...changeRoutes(services),
    ...overrideRoutes(services),
    ...findingRoutes(services),
    ...invitationRoutes(services),
    ...migrationRoutes(services),
    ...reportRoutes(services),
    ...routingRoutes(services),
    ...refundRoutes(services),
    ...collectionRoutes(services),
    ...disputeRoutes(services),
    ...couponRoutes(services),
    ...creditRoutes(services),
    ...stripeRoutes(services),
    ...systemRoutes(services),
  ]
}
