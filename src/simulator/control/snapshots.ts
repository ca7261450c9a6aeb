import type { Directory } from '../accounts/directory.ts'
import type { SnapshotEntry } from '../store/realm.ts'
import type { RunningRealm } from '../running-realm.ts'
import { ControlError } from './answers.ts'
import type { ControlHandlers } from './control.ts'

interface Snapshot {
  readonly accountId: string
  readonly isLive: boolean
  readonly entries: readonly SnapshotEntry[]
}

const MAX_SNAPSHOTS = 50

/** States to come back to. They are kept in memory, as long as the simulator runs. */
export function snapshotControl(
  directory: Directory,
  running: (accountId: string, isLive: boolean) => RunningRealm,
): ControlHandlers {
  const snapshots = new Map<string, readonly Snapshot[]>()
  return {
    'GET /_sim/snapshots': () => ({ snapshots: [...snapshots.keys()] }),

    'POST /_sim/snapshots/{name}': ({ path, realms }) => {
      const name = path['name'] ?? ''
      if (!snapshots.has(name) && snapshots.size >= MAX_SNAPSHOTS) {
        throw new ControlError(409, `There are ${MAX_SNAPSHOTS} snapshots already; reuse a name.`)
      }
      const taken = realms.map(({ realm }) => ({
        accountId: realm.facts.accountId,
        isLive: realm.facts.isLive,
        entries: realm.snapshot(),
      }))
      snapshots.set(name, taken)
      return { name, accounts: taken.length }
    },

    /** Accounts that were not there then are left alone. */
    'POST /_sim/snapshots/{name}/restore': ({ path }) => {
      const name = path['name'] ?? ''
      const found = snapshots.get(name)
      if (found === undefined) throw new ControlError(404, `There is no snapshot '${name}'.`)
      for (const { accountId, isLive, entries } of found) {
        directory.realmOf(accountId, isLive)
        running(accountId, isLive).realm.replaceAll(entries)
      }
      return { name, accounts: found.length }
    },
  }
}
