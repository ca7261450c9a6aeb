import type { StripePrice, StripeProduct } from '../../stripe/catalog.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { EntityKind, Mapping } from '../connections/mapping.ts'
import type { Findings } from '../findings/service.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import { ARCHIVED, DELETED, driftFinding, driftKey, ON_SALE, productDrift } from './drift.ts'
import type { Catalog } from './service.ts'

interface DriftDeps {
  readonly catalog: Catalog
  readonly connections: Connections
  readonly findings: Findings
}

const NOT_OURS = { kind: 'ignored', why: 'it was not published from here' } as const

/**
 * Products and prices are published from here. Edited in Stripe they say something else than the plan does: that is told,
 * and told to be over when it is; nothing is put back over somebody's hand.
 */
export function createDriftSyncs({ catalog, connections, findings }: DriftDeps): {
  readonly product: Sync<StripeProduct>
  readonly price: Sync<StripePrice>
} {
  async function judge(
    tx: Db,
    { scope }: Connected,
    kind: 'product' | 'price',
    { externalId }: Mapping,
    drift: string | undefined,
  ): Promise<SyncResult> {
    if (drift === undefined) {
      const key = driftKey({ kind, stripeId: externalId })
      await findings.repaired(tx, scope.mode, key, 'Both sides agree again.')
      return APPLIED
    }
    await findings.report(tx, driftFinding(scope.mode, { kind, stripeId: externalId, drift }))
    return APPLIED
  }

  async function mapped(
    tx: Db,
    { scope }: Connected,
    kind: EntityKind,
    externalId: string,
  ): Promise<Mapping | undefined> {
    return connections.byExternalId(scope, kind, externalId, tx)
  }

  return {
    product: {
      fetch: ({ api }, id) => api.catalog.findProduct(id),

      async apply(tx, connected, known) {
        const mapping = await mapped(tx, connected, 'plan', known.id)
        if (mapping === undefined) return NOT_OURS
        const versions = await catalog.versions(connected.scope.mode, mapping.entityId, tx)
        // A draft that is being published is in Stripe before it is on sale here.
        const current = versions.filter(({ state }) => state !== 'archived')
        const isSold = mapping.metadata['archived'] !== 'true'
        return judge(tx, connected, 'product', mapping, productDrift(known, current, isSold))
      },

      async gone(tx, connected, id) {
        const mapping = await mapped(tx, connected, 'plan', id)
        if (mapping === undefined) return NOT_OURS
        return judge(tx, connected, 'product', mapping, DELETED)
      },
    },

    price: {
      fetch: ({ api }, id) => api.catalog.findPrice(id),

      async apply(tx, connected, { id, isActive }) {
        const mapping = await mapped(tx, connected, 'rate_card', id)
        if (mapping === undefined) return NOT_OURS
        const isWanted = mapping.metadata['archived'] !== 'true'
        const drift = isActive === isWanted ? undefined : isWanted ? ARCHIVED : ON_SALE
        return judge(tx, connected, 'price', mapping, drift)
      },

      async gone(tx, connected, id) {
        const mapping = await mapped(tx, connected, 'rate_card', id)
        if (mapping === undefined) return NOT_OURS
        return judge(tx, connected, 'price', mapping, DELETED)
      },
    },
  }
}
