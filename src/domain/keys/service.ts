import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import { HOUR_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Secrets } from '../../platform/secrets.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import { type ApiKey, newSecret } from './api-key.ts'
import * as store from './store.ts'

const MAX_KEYS_PER_CUSTOMER = 200
const DEFAULT_OVERLAP_HOURS = 24
const MAX_OVERLAP_HOURS = 30 * 24

export interface IssuedKey {
  readonly key: ApiKey
  /** Shown once; nobody can read it again. */
  readonly secret: string
}

interface KeysDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly secrets: Secrets
  readonly audit: Audit
  readonly accessChanges: AccessChanges
}

export type Keys = ReturnType<typeof createKeys>

export function createKeys({ database, accounts, secrets, audit, accessChanges }: KeysDeps) {
  /** Keys live at their customer's time, which is when the gateway asks whether one has expired. */
  async function nowOf(db: Db, mode: Mode, customerId: string): Promise<Instant> {
    return accounts.now(await accounts.get(mode, customerId, db))
  }

  async function getOwn(db: Db, mode: Mode, customerId: string, id: string): Promise<ApiKey> {
    const key = await store.find(db, mode, id)
    // Somebody else's key looks exactly like none at all.
    if (key === undefined || key.customerId !== customerId) throw notFound('API key')
    return key
  }

  async function refuseTooMany(tx: Db, mode: Mode, customerId: string): Promise<void> {
    const keys = await store.listOfCustomer(tx, mode, customerId)
    const working = keys.filter(({ state }) => state !== 'revoked')
    if (working.length >= MAX_KEYS_PER_CUSTOMER) {
      throw new AppError('too_many_keys', { limit: MAX_KEYS_PER_CUSTOMER })
    }
  }

  async function create(
    tx: Db,
    caller: Caller,
    input: { customerId: string; subscriptionId: string | null; name: string; isSealed: boolean },
  ): Promise<IssuedKey> {
    const { secret, hash, start, lastFour } = newSecret(caller.mode)
    const createdAt = await nowOf(tx, caller.mode, input.customerId)
    const key: ApiKey = {
      mode: caller.mode,
      id: newId('key', createdAt),
      customerId: input.customerId,
      subscriptionId: input.subscriptionId,
      name: input.name,
      start,
      lastFour,
      scopes: [],
      allowedIps: [],
      state: 'active',
      rotatedToId: null,
      expiresAt: null,
      lastUsedAt: null,
      createdAt,
      revokedAt: null,
    }
    const sealedSecret = input.isSealed ? secrets.seal(secret, purposeOf(key.id)) : null
    await store.insert(tx, { ...key, hash, sealedSecret })
    await accessChanges.announce(tx, key)
    await audit.record(tx, caller, change('key.issued', key))
    return { key, secret }
  }

  return {
    list: (mode: Mode, customerId: string) => store.listOfCustomer(database.db, mode, customerId),

    get: (mode: Mode, customerId: string, id: string) => getOwn(database.db, mode, customerId, id),

    findById: (mode: Mode, id: string) => store.find(database.db, mode, id),

    /** By the SHA-256 of the secret, in hex. */
    findByHash: (hash: string) => store.findByHash(database.db, hash),

    issue(
      caller: Caller,
      input: { customerId: string; subscriptionId: string | null; name: string },
    ) {
      return database.transaction(async (tx) => {
        await refuseTooMany(tx, caller.mode, input.customerId)
        return create(tx, caller, { ...input, isSealed: false })
      })
    },

    /** The key that comes with a subscription: kept sealed until its owner has seen it once. */
    issueSealed(
      tx: Db,
      caller: Caller,
      input: { customerId: string; subscriptionId: string; name: string },
    ) {
      return create(tx, caller, { ...input, isSealed: true })
    },

    /** Shows the secret of a key that came with a subscription, once. */
    async reveal(caller: Caller, customerId: string, id: string): Promise<string> {
      return database.transaction(async (tx) => {
        const key = await getOwn(tx, caller.mode, customerId, id)
        const sealed = await store.takeSealedSecret(tx, caller.mode, id)
        if (sealed === undefined) throw new AppError('key_already_shown', {})
        await audit.record(tx, caller, change('key.revealed', key))
        return secrets.open(sealed, purposeOf(id))
      })
    },

    unrevealed: (mode: Mode, customerId: string) =>
      store.listUnrevealed(database.db, mode, customerId),

    /** A new secret for the same purpose; the old one works until the overlap is over, 0 ends it at once. */
    async rotate(
      caller: Caller,
      customerId: string,
      id: string,
      overlapHours: number = DEFAULT_OVERLAP_HOURS,
    ): Promise<IssuedKey> {
      return database.transaction(async (tx) => {
        const old = await getOwn(tx, caller.mode, customerId, id)
        if (old.state === 'revoked') throw new AppError('key_is_revoked', {})
        const issued = await create(tx, caller, {
          customerId,
          subscriptionId: old.subscriptionId,
          name: old.name,
          isSealed: false,
        })
        const hours = Math.min(Math.max(overlapHours, 0), MAX_OVERLAP_HOURS)
        const expiresAt = (await nowOf(tx, caller.mode, customerId)) + hours * HOUR_MS
        await store.update(tx, caller.mode, id, { rotatedToId: issued.key.id, expiresAt })
        await audit.record(tx, caller, change('key.rotated', old))
        return issued
      })
    },

    async rename(caller: Caller, customerId: string, id: string, name: string): Promise<ApiKey> {
      return database.transaction(async (tx) => {
        const key = await getOwn(tx, caller.mode, customerId, id)
        await store.update(tx, caller.mode, id, { name })
        await audit.record(tx, caller, change('key.renamed', key))
        return { ...key, name }
      })
    },

    /** Ends the key for good; revoking it twice changes nothing. */
    async revoke(caller: Caller, customerId: string, id: string): Promise<ApiKey> {
      return database.transaction(async (tx) => {
        const key = await getOwn(tx, caller.mode, customerId, id)
        if (key.state === 'revoked') return key
        const revokedAt = await nowOf(tx, caller.mode, customerId)
        await store.update(tx, caller.mode, id, { state: 'revoked', revokedAt })
        await accessChanges.announce(tx, key)
        await audit.record(tx, caller, change('key.revoked', key))
        return { ...key, state: 'revoked', revokedAt }
      })
    },

    rebind: store.rebind,
    touch: (usedAt: ReadonlyMap<string, number>) => store.touch(database.db, usedAt),
  }
}

function purposeOf(keyId: string): string {
  return `key:${keyId}`
}

function change(action: string, { id, customerId, name }: ApiKey) {
  return { action, targetKind: 'key', targetId: id, customerId, after: { name } }
}
