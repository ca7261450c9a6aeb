import type { Database } from '../../platform/database/database.ts'
import type { AccessChange, AccessChanges } from './access-changes.ts'

const CHANNEL = 'farebox_access'

/**
 * News for the gateways: sent with the commit of the change, so a revoked key or a paid invoice reaches every gateway
 * within a second, and a rolled back change reaches none.
 */
export function createAccessChanges(
  database: Database,
): AccessChanges & { subscribe(listener: (change: AccessChange) => void): () => void } {
  return {
    announce: (tx, { mode, customerId }) =>
      database.publish(tx, CHANNEL, JSON.stringify({ kind: 'customer', mode, customerId })),
    announceChange: (tx, change) => database.publish(tx, CHANNEL, JSON.stringify(change)),
    subscribe: (listener) =>
      database.subscribe(CHANNEL, (payload) => listener(JSON.parse(payload) as AccessChange)),
  }
}
