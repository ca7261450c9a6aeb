import type { Clock } from '../kit/clock.ts'
import type { Clocks } from '../domain/accounts/clocks.service.ts'
import type { Accounts } from '../domain/accounts/service.ts'
import type { Audit } from '../domain/audit/service.ts'
import { createCharges } from '../domain/billing/charges/service.ts'
import { createCompletion } from '../domain/billing/completion.service.ts'
import { createItems } from '../domain/billing/items/service.ts'
import { createWantedItems } from '../domain/billing/items/wanted.service.ts'
import { createExplanations } from '../domain/billing/mirror/explanation.service.ts'
import { createLineMirror } from '../domain/billing/mirror/line-mirror.service.ts'
import { createRating } from '../domain/billing/rating.service.ts'
import type { Catalog } from '../domain/catalog/service.ts'
import type { Connections } from '../domain/connections/service.ts'
import type { Findings } from '../domain/findings/service.ts'
import { createUsageAnswers } from '../domain/metering/readings/answers.service.ts'
import type { Metering } from '../domain/metering/service.ts'
import type { Subscriptions } from '../domain/subscriptions/service.ts'
import { createStays } from '../domain/subscriptions/stays/service.ts'
import type { Database } from '../platform/database/database.ts'
import type { Log } from '../platform/log.ts'

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
  const rating = createRating({ database, accounts, catalog, stays, usageAnswers })
  const charges = createCharges({ rating, findings, clock: systemClock })
  const items = createItems({ database })
  const explanations = createExplanations({ rating })
  const lineMirror = createLineMirror({ charges, connections, explanations, findings, items })
  return { usageAnswers, stays, rating, charges, items, lineMirror }
}

interface ContractParts extends ReturnType<typeof composeRating> {
  readonly database: Database
  readonly log: Log
  readonly accounts: Accounts
  readonly audit: Audit
  readonly clocks: Clocks
  readonly connections: Connections
  readonly subscriptions: Subscriptions
}

/** What makes invoices right on its own account: on top of subscriptions. */
export function composeContracts(parts: ContractParts) {
  const { charges, rating } = parts
  const wantedItems = createWantedItems({ charges, rating })
  const completion = createCompletion({ ...parts, wantedItems })
  return { completion }
}
