import type { Accounts } from '../domain/accounts/service.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Audit } from '../domain/audit/service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { AccessChanges } from '../domain/entitlements/access-changes.ts'
import { createCouponMirror } from '../domain/coupons/mirror.service.ts'
import { createRedemptions } from '../domain/coupons/redemptions/service.ts'
import { createCoupons } from '../domain/coupons/service.ts'
import { createInvitedPlans } from '../domain/invitations/invited-plans.service.ts'
import type { Settings } from '../domain/settings/service.ts'
import { createPlanChanges } from '../domain/subscriptions/changes/service.ts'
import { createCheckouts } from '../domain/subscriptions/checkouts.service.ts'
import { createMoves } from '../domain/subscriptions/moves.service.ts'
import { createPausing } from '../domain/subscriptions/pausing.service.ts'
import { createPurchases } from '../domain/subscriptions/purchases/service.ts'
import type { AddOns } from '../domain/subscriptions/add-ons/service.ts'
import type { Stays } from '../domain/subscriptions/stays/service.ts'
import { createStripePrices } from '../domain/subscriptions/stripe-prices.service.ts'
import type { StripeCustomers } from '../domain/connections/stripe-customers.service.ts'
import type { Database } from '../platform/database/database.ts'
import type { Log } from '../platform/log.ts'

interface SellingParts {
  readonly database: Database
  readonly accessChanges: AccessChanges
  readonly accounts: Accounts
  readonly addOns: AddOns
  readonly audit: Audit
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly connections: Connections
  readonly log: Log
  readonly settings: Settings
  readonly stays: Stays
  readonly stripeCustomers: StripeCustomers
}

/** What buying a plan and changing it consist of: beneath subscriptions, which put it together. */
export function composeSelling(parts: SellingParts) {
  const moves = createMoves(parts)
  const pausing = createPausing(parts)
  const coupons = createCoupons({ ...parts, couponMirror: createCouponMirror(parts) })
  const redemptions = createRedemptions({ ...parts, coupons })
  const purchases = createPurchases({ ...parts, redemptions })
  const stripePrices = createStripePrices(parts)
  const checkouts = createCheckouts({ ...parts, coupons, purchases, redemptions, stripePrices })
  const planChanges = createPlanChanges({ ...parts, moves, stripePrices })
  const invitedPlans = createInvitedPlans(parts)
  return {
    checkouts,
    coupons,
    invitedPlans,
    redemptions,
    moves,
    pausing,
    planChanges,
    purchases,
    stripePrices,
  }
}
