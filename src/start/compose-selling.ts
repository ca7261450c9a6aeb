import type { Accounts } from '../domain/accounts/service.ts'
import type { Audit } from '../domain/audit/service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { AccessChanges } from '../domain/entitlements/access-changes.ts'
import { createPlanChanges } from '../domain/subscriptions/changes/service.ts'
import { createMoves } from '../domain/subscriptions/moves.service.ts'
import { createPurchases } from '../domain/subscriptions/purchases/service.ts'
import type { Stays } from '../domain/subscriptions/stays/service.ts'
import { createStripePrices } from '../domain/subscriptions/stripe-prices.service.ts'
import type { Database } from '../platform/database/database.ts'

interface SellingParts {
  readonly database: Database
  readonly accessChanges: AccessChanges
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly connections: Connections
  readonly stays: Stays
}

/** What buying a plan and changing it consist of: beneath subscriptions, which put it together. */
export function composeSelling(parts: SellingParts) {
  const moves = createMoves(parts)
  const purchases = createPurchases(parts)
  const stripePrices = createStripePrices(parts)
  const planChanges = createPlanChanges({ ...parts, moves, stripePrices })
  return { moves, planChanges, purchases, stripePrices }
}
