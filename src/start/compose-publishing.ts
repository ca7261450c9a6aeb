import type { Accounts } from '../domain/accounts/service.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Audit } from '../domain/audit/service.ts'
import type { PricePins } from '../domain/catalog/pin-prices.ts'
import { createDriftCheck } from '../domain/catalog/drift-check.service.ts'
import { createPublishing } from '../domain/catalog/publish.service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { Findings } from '../domain/findings/service.ts'
import type { AccessChanges } from '../domain/entitlements/access-changes.ts'
import type { Mode } from '../kit/mode.ts'
import type { Database } from '../platform/database/database.ts'

interface PublishingParts {
  readonly database: Database
  readonly accessChanges: AccessChanges
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly connections: Connections
  readonly findings: Findings
  readonly linkedPrices: Readonly<Record<Mode, PricePins>>
}

/** How the catalog gets into Stripe, and what became of it there. */
export function composePublishing(parts: PublishingParts) {
  const publishing = createPublishing(parts)
  return {
    linkedPrices: parts.linkedPrices,
    publishing,
    driftCheck: createDriftCheck({ ...parts, publishing }),
  }
}
