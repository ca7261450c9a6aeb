import { randomToken } from '../../kit/crypto.ts'
import { formatInstant } from '../../kit/instant.ts'
import type { Kind } from '../store/documents.ts'
import { accountIdOfKey, deriveToken } from '../store/ids.ts'
import { createRealm, type Realm, realmIdOf, type Rules, type Storage } from '../store/realm.ts'
import { expiredKey, invalidKey, type PresentedKey } from '../wire/authenticate.ts'
import type { ApiKeyDocument } from './documents.ts'

export interface Access {
  readonly realm: Realm
  /** Null for a key without limits. */
  readonly permissions: ApiKeyDocument['permissions'] | null
  /** The simulator's own pages call: what goes wrong on purpose is for the program under test. */
  readonly isOwn?: true
}

export interface NewKey {
  readonly accountId: string
  readonly isLive: boolean
  readonly kind: ApiKeyDocument['kind']
  readonly name: string
  readonly permissions: ApiKeyDocument['permissions']
}

/**
 * Which key opens which account. An `sk_test_X` or `sk_live_X` nobody made opens the account that follows from X, so the
 * test and the live key of the same X are two modes of one account. Keys made here belong to the account they were made for.
 */
export interface Directory {
  authenticate(presented: PresentedKey): Access
  realmOf(accountId: string, isLive: boolean): Realm
  /** Undefined for an account and mode nobody has used. */
  findRealm(accountId: string, isLive: boolean): Realm | undefined
  realms(): readonly Realm[]
  keys(accountId?: string): readonly ApiKeyDocument[]
  issueKey(key: NewKey): ApiKeyDocument
  revokeKey(key: string): ApiKeyDocument | undefined
  onRealm(listener: (realm: Realm) => void): void
}

interface DirectoryOptions {
  readonly rules: Rules
  readonly seed: string
  readonly isSeeded: boolean
  readonly storage: (Storage & { realmIds(): readonly string[] }) | undefined
  readonly baseUrl: string
}

const OWN_ACCOUNT = 'directory'

export function createDirectory(options: DirectoryOptions): Directory {
  const { rules, seed, storage } = options
  const realms = new Map<string, Realm>()
  const listeners: ((realm: Realm) => void)[] = []
  const own = open(OWN_ACCOUNT, false)

  function open(accountId: string, isLive: boolean): Realm {
    return createRealm({
      facts: { accountId, isLive, baseUrl: options.baseUrl },
      rules,
      seed,
      storage,
      existsInOtherMode: (kind: Kind, id: string) =>
        realms.get(realmIdOf(accountId, !isLive))?.tables[kind].get(id) !== undefined,
    })
  }

  for (const id of storage?.realmIds() ?? []) {
    const [accountId = '', mode] = id.split('/')
    if (accountId !== OWN_ACCOUNT) realms.set(id, open(accountId, mode === 'live'))
  }

  function realmOf(accountId: string, isLive: boolean): Realm {
    const id = realmIdOf(accountId, isLive)
    const known = realms.get(id)
    if (known !== undefined) return known
    const realm = open(accountId, isLive)
    realms.set(id, realm)
    for (const listener of listeners) listener(realm)
    return realm
  }

  function nextToken(length: number): string {
    if (!options.isSeeded) return randomToken(length)
    return deriveToken(`${seed}:keys:${own.tables.api_key.size}`, length)
  }

  return {
    authenticate(presented) {
      const record = own.tables.api_key.get(presented.key)
      if (record === undefined) {
        if (presented.kind !== 'secret') throw invalidKey(presented.key)
        const realm = realmOf(accountIdOfKey(presented.suffix), presented.isLive)
        return { realm, permissions: null }
      }
      if (record.revokedAt !== null) throw expiredKey(presented.key)
      return {
        realm: realmOf(record.accountId, record.isLive),
        permissions: record.kind === 'restricted' ? record.permissions : null,
      }
    },
    realmOf,
    findRealm: (accountId, isLive) => realms.get(realmIdOf(accountId, isLive)),
    realms: () => [...realms.values()],
    keys: (accountId) =>
      [...own.tables.api_key.oldestFirst()].filter(
        (key) => accountId === undefined || key.accountId === accountId,
      ),
    issueKey(key) {
      const prefix = { secret: 'sk', restricted: 'rk', publishable: 'pk' }[key.kind]
      const id = `${prefix}_${key.isLive ? 'live' : 'test'}_${nextToken(32)}`
      return own.transact((tx) =>
        tx.insert('api_key', {
          ...key,
          id,
          createdAt: formatInstant(Date.now()),
          revokedAt: null,
        }),
      )
    },
    revokeKey(key) {
      const record = own.tables.api_key.get(key)
      if (record === undefined || record.revokedAt !== null) return record
      const revokedAt = formatInstant(Date.now())
      return own.transact((tx) => tx.update('api_key', key, { revokedAt }))
    },
    onRealm(listener) {
      listeners.push(listener)
      for (const realm of realms.values()) listener(realm)
    },
  }
}
