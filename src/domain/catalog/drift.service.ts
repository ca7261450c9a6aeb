import type { StripePrice, StripeProduct } from '../../stripe/catalog.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { EntityKind, Mapping } from '../connections/mapping.ts'
import type { Findings } from '../findings/service.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
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
    { entityId, externalId }: Mapping,
    drift: string | undefined,
  ): Promise<SyncResult> {
    const dedupeKey = `drift:${kind}:${externalId}`
    if (drift === undefined) {
      await findings.repaired(tx, scope.mode, dedupeKey, 'Both sides agree again.')
      return APPLIED
    }
    await findings.report(tx, {
      mode: scope.mode,
      category: 'drift',
      subjectKind: kind,
      subjectId: externalId,
      customerId: null,
      summary: `The ${kind} ${externalId} was changed in Stripe: ${drift}`,
      ours: { entityId },
      theirs: { drift },
      dedupeKey,
    })
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

      async apply(tx, connected, { id, name, isActive }) {
        const mapping = await mapped(tx, connected, 'plan', id)
        if (mapping === undefined) return NOT_OURS
        const versions = await catalog.versions(connected.scope.mode, mapping.entityId, tx)
        const current = versions.filter(({ state }) => state !== 'archived')
        const names = current.map(({ definition }) => definition.name)
        const drift = !isActive
          ? 'it is archived there, and cannot be bought any more.'
          : names.length > 0 && !names.includes(name)
            ? `it is called "${name}" there, and "${names[0]}" here.`
            : undefined
        return judge(tx, connected, 'product', mapping, drift)
      },

      async gone(tx, connected, id) {
        const mapping = await mapped(tx, connected, 'plan', id)
        if (mapping === undefined) return NOT_OURS
        return judge(tx, connected, 'product', mapping, 'it was deleted there.')
      },
    },

    price: {
      fetch: ({ api }, id) => api.catalog.findPrice(id),

      async apply(tx, connected, { id, isActive }) {
        const mapping = await mapped(tx, connected, 'rate_card', id)
        if (mapping === undefined) return NOT_OURS
        const isWanted = mapping.metadata['archived'] !== 'true'
        const drift =
          isActive === isWanted
            ? undefined
            : isWanted
              ? 'it is archived there, and cannot be bought any more.'
              : 'it is on sale there again, and replaced here.'
        return judge(tx, connected, 'price', mapping, drift)
      },

      async gone(tx, connected, id) {
        const mapping = await mapped(tx, connected, 'rate_card', id)
        if (mapping === undefined) return NOT_OURS
        return judge(tx, connected, 'price', mapping, 'it was deleted there.')
      },
    },
  }
}
