import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Connections } from '../connections/service.ts'
import type { Sync, SyncResult } from './sync.ts'

export type Look = ReturnType<typeof createLook>

/**
 * Looks at one object of Stripe's now, without waiting for its event: after something we did ourselves, so that whoever
 * asked for it sees what it led to. The event will say the same again, harmlessly.
 */
export function createLook(deps: {
  readonly database: Database
  readonly connections: Connections
}) {
  const { database, connections } = deps
  return async <Fetched>(
    mode: Mode,
    sync: Sync<Fetched>,
    objectId: string,
  ): Promise<SyncResult> => {
    const connected = await connections.stripe(mode)
    const ticket = await connections.ticket()
    const fetched = await sync.fetch(connected, objectId)
    return database.transaction(async (tx) => {
      if (fetched !== undefined) return sync.apply(tx, connected, fetched, ticket)
      const gone = await sync.gone?.(tx, connected, objectId, ticket)
      return gone ?? { kind: 'ignored', why: 'Stripe does not have the object' }
    })
  }
}
