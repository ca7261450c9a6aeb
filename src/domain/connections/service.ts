import { AppError } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import { createStripeApi, modeOfSecretKey, type StripeApi } from '../../stripe/client.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Settings } from '../settings/service.ts'
import type { EntityKind, Mapping, MappingScope } from './mapping.ts'
import {
  fingerprintOf,
  keyAgeDays,
  MAX_KEY_AGE_DAYS,
  readSeenKey,
  writeSeenKey,
} from './key-age.ts'
import * as store from './store.ts'

/** The simulator opens an account for any key; this one is ours. */
export const SIMULATOR_KEY = 'sk_test_farebox'
/** Live mode of the same account, for rehearsing it: set as live mode's key by hand, never by default. */
export const SIMULATOR_LIVE_KEY = 'sk_live_farebox'
const SIMULATOR_KEYS = { test: SIMULATOR_KEY, live: SIMULATOR_LIVE_KEY }

/** Stripe as one mode sees it, and the scope its ids are stored under. */
export interface Connected {
  readonly api: StripeApi
  readonly scope: MappingScope
}

interface ConnectionsDeps {
  readonly database: Database
  readonly settings: Settings
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Log
  /** Where the simulator is; test mode without a key of its own talks to it. */
  readonly simulatorUrl: string | undefined
}

export interface ConnectionView {
  readonly mode: Mode
  readonly isConnected: boolean
  readonly isSimulated: boolean
  readonly account: string | null
  readonly keyEnding: string | null
  /** When the key in use was used first; null before that, and for the simulator. */
  readonly keySince: Instant | null
  /** It should be rolled. */
  readonly isKeyOld: boolean
}

export type Connections = ReturnType<typeof createConnections>

/** News of a changed setting may get lost with the connection they come by; nothing read is older than this. */
const REREAD_MS = MINUTE_MS

interface Reading {
  readonly secretKey: string | null
  readonly account: string | null
  readonly webhookSecrets: readonly string[]
  readonly readAt: Instant
}

export function createConnections(deps: ConnectionsDeps) {
  const { database, settings, audit, clock, log, simulatorUrl } = deps
  const open = new Map<Mode, { readonly secretKey: string; readonly connected: Connected }>()
  const readings = new Map<Mode, Promise<Reading>>()
  settings.onChange(() => readings.clear())

  /** Asked with every webhook, so it is kept in memory until a setting changes. */
  async function reading(mode: Mode): Promise<Reading> {
    const known = await readings.get(mode)
    if (known !== undefined && clock.now() - known.readAt < REREAD_MS) return known
    const asked = read(mode)
    readings.set(mode, asked)
    asked.catch(() => readings.delete(mode))
    return asked
  }

  async function read(mode: Mode): Promise<Reading> {
    const key = await settings.get(mode, 'payment.stripe.secret_key')
    const secrets = await settings.get(mode, 'payment.stripe.webhook_secret')
    const fallback = mode === 'test' && simulatorUrl !== undefined ? SIMULATOR_KEY : null
    return {
      secretKey: key ?? fallback,
      account: await settings.get(mode, 'payment.stripe.account'),
      webhookSecrets: secrets === null ? [] : secrets.split(',').map((secret) => secret.trim()),
      readAt: clock.now(),
    }
  }

  async function secretKeyOf(mode: Mode): Promise<string | null> {
    return (await reading(mode)).secretKey
  }

  function apiFor(mode: Mode, secretKey: string): StripeApi {
    const baseUrl = secretKey === SIMULATOR_KEYS[mode] ? simulatorUrl : undefined
    return createStripeApi({ mode, secretKey, baseUrl }, log)
  }

  /**
   * The mode is bound to the first account it is connected to: objects do not move between accounts, so a key of another
   * one would turn every stored id into a stranger's.
   */
  async function bindAccount(mode: Mode, api: StripeApi): Promise<string> {
    const account = await api.account()
    const bound = await settings.get(mode, 'payment.stripe.account')
    if (bound === account) return account
    if (bound !== null) throw new AppError('stripe_account_changed', { account, bound, mode })
    await settings.write(database.db, mode, 'payment.stripe.account', account)
    return account
  }

  /** Where the key came from, a setting or the environment, nothing says how old it is; so its first use is remembered. */
  async function noteKey(mode: Mode, secretKey: string): Promise<void> {
    const fingerprint = fingerprintOf(secretKey)
    const seen = readSeenKey(await settings.get(mode, 'payment.stripe.key_seen'))
    if (seen?.fingerprint === fingerprint) return
    const text = writeSeenKey({ fingerprint, since: clock.now() })
    await settings.write(database.db, mode, 'payment.stripe.key_seen', text)
  }

  async function keySince(mode: Mode): Promise<Instant | null> {
    const { secretKey } = await reading(mode)
    if (secretKey === null || secretKey === SIMULATOR_KEYS[mode]) return null
    const seen = readSeenKey(await settings.get(mode, 'payment.stripe.key_seen'))
    return seen?.fingerprint === fingerprintOf(secretKey) ? seen.since : null
  }

  return {
    /** Throws `stripe_not_connected` where no key is set. */
    async stripe(mode: Mode): Promise<Connected> {
      const secretKey = await secretKeyOf(mode)
      if (secretKey === null) throw new AppError('stripe_not_connected', { mode })
      const known = open.get(mode)
      if (known?.secretKey === secretKey) return known.connected
      const api = apiFor(mode, secretKey)
      const connected = { api, scope: { mode, account: await bindAccount(mode, api) } }
      await noteKey(mode, secretKey)
      open.set(mode, { secretKey, connected })
      return connected
    },

    async isConnected(mode: Mode): Promise<boolean> {
      const provider = await settings.get(mode, 'payment.provider')
      return provider === 'stripe' && (await secretKeyOf(mode)) !== null
    },

    async view(mode: Mode): Promise<ConnectionView> {
      const key = await secretKeyOf(mode)
      const since = await keySince(mode)
      const isSimulated = simulatorUrl !== undefined && key === SIMULATOR_KEYS[mode]
      return {
        mode,
        isConnected: key !== null,
        isSimulated,
        account: await settings.get(mode, 'payment.stripe.account'),
        keyEnding: key === null || isSimulated ? null : key.slice(-4),
        keySince: since,
        isKeyOld: since !== null && keyAgeDays(since, clock.now()) > MAX_KEY_AGE_DAYS,
      }
    },

    /** Says once a day, for whoever watches the log, that the key should be rolled. */
    async warnOfOldKey(mode: Mode): Promise<void> {
      const since = await keySince(mode)
      if (since === null) return
      const ageDays = keyAgeDays(since, clock.now())
      if (ageDays > MAX_KEY_AGE_DAYS) log.warn('stripe.key_old', { mode, ageDays })
    },

    /** Checks the key with Stripe before it is stored. */
    async connect(caller: Caller, secretKey: string): Promise<void> {
      const { mode } = caller
      const keyMode = modeOfSecretKey(secretKey)
      if (keyMode !== mode)
        throw new AppError('stripe_key_mode', { mode, keyMode: keyMode ?? 'no' })
      await bindAccount(mode, apiFor(mode, secretKey))
      await settings.set(caller, 'payment.stripe.secret_key', secretKey)
    },

    /** The account this mode is bound to; empty before the first connection. */
    async boundAccount(mode: Mode): Promise<string> {
      return (await reading(mode)).account ?? ''
    },

    /** Signing secrets that are valid now; several while one is rotated. */
    async webhookSecrets(mode: Mode): Promise<readonly string[]> {
      return (await reading(mode)).webhookSecrets
    },

    /** Drawn before fetching from Stripe; orders what was fetched, whoever applies it first. */
    ticket: () => store.nextTicket(database.db),

    map(tx: Db, scope: MappingScope, mapping: Omit<Mapping, 'isStale'>): Promise<void> {
      return store.save(tx, scope, mapping, clock.now())
    },

    /** Stripe's id of one of our entities; a stale one is not given out. */
    async externalId(
      scope: MappingScope,
      kind: EntityKind,
      entityId: string,
      db: Db = database.db,
    ): Promise<string | undefined> {
      const mapping = await store.findByEntity(db, scope, kind, entityId)
      return mapping?.isStale === true ? undefined : mapping?.externalId
    },

    /** Whether Stripe has, or had, an id for one of our entities. */
    async isMapped(
      scope: MappingScope,
      kind: EntityKind,
      entityId: string,
      db: Db,
    ): Promise<boolean> {
      return (await store.findByEntity(db, scope, kind, entityId)) !== undefined
    },

    /** A subscription is another one in Stripe from now on, or none. Answers what it was. */
    async release(
      tx: Db,
      mode: Mode,
      kind: EntityKind,
      entityId: string,
    ): Promise<string | undefined> {
      const { account } = await reading(mode)
      if (account === null) return undefined
      const mapping = await store.findByEntity(tx, { mode, account }, kind, entityId)
      if (mapping !== undefined) await store.remove(tx, { mode, account }, kind, entityId)
      return mapping?.externalId
    },

    /** Which of our entities a Stripe id stands for. */
    async entityId(
      scope: MappingScope,
      kind: EntityKind,
      externalId: string,
      db: Db = database.db,
    ): Promise<string | undefined> {
      return (await store.findByExternal(db, scope, kind, externalId))?.entityId
    },

    /** The same of several Stripe ids; those that stand for nothing are left out. */
    async entityIds(
      scope: MappingScope,
      kind: EntityKind,
      externalIds: readonly string[],
      db: Db,
    ): Promise<ReadonlyMap<string, string>> {
      const mappings = await store.listByExternal(db, scope, kind, externalIds)
      return new Map(mappings.map(({ externalId, entityId }) => [externalId, entityId]))
    },

    /** All that is known about what a Stripe id stands for. */
    byExternalId: (scope: MappingScope, kind: EntityKind, externalId: string, db: Db) =>
      store.findByExternal(db, scope, kind, externalId),
    /** One of our entities with what is noted about its object in Stripe. */
    mapping(scope: MappingScope, kind: EntityKind, entityId: string): Promise<Mapping | undefined> {
      return store.findByEntity(database.db, scope, kind, entityId)
    },

    mappings(scope: MappingScope, kind: EntityKind, db: Db = database.db): Promise<Mapping[]> {
      return store.list(db, scope, kind)
    },

    markStale: store.markStale,

    /**
     * The Stripe customer that one of ours had before: stale while nobody has decided about it, or given up by an
     * operator. Undefined for a customer who has one, or never had.
     */
    async formerCustomer(
      scope: MappingScope,
      customerId: string,
    ): Promise<{ stripeCustomerId: string; isStale: boolean } | undefined> {
      const mapping = await store.findByEntity(database.db, scope, 'customer', customerId)
      if (mapping !== undefined) {
        return mapping.isStale ? { stripeCustomerId: mapping.externalId, isStale: true } : undefined
      }
      const mirrored = await store.findMirrored(database.db, scope.mode, customerId)
      return mirrored && { stripeCustomerId: mirrored.stripeCustomerId, isStale: false }
    },

    /** What Stripe says about a customer of ours, as it was looked at last. */
    mirrored: (mode: Mode, customerId: string, db: Db = database.db) =>
      store.findMirrored(db, mode, customerId),

    /** Forgets what Stripe calls an entity, so that it is made anew; for objects deleted in Stripe. */
    async unmap(caller: Caller, kind: EntityKind, entityId: string): Promise<boolean> {
      const account = await settings.get(caller.mode, 'payment.stripe.account')
      if (account === null) return false
      const scope = { mode: caller.mode, account }
      return database.transaction(async (tx) => {
        const mapping = await store.findByEntity(tx, scope, kind, entityId)
        // What it was is kept: made anew under the same idempotency key it would be the deleted one again.
        if (mapping !== undefined && kind === 'customer') {
          await store.abandon(tx, caller.mode, entityId, mapping.externalId, clock.now())
        }
        const wasThere = await store.remove(tx, scope, kind, entityId)
        const target = { targetKind: kind, targetId: entityId }
        if (wasThere) await audit.record(tx, caller, { action: 'mapping.deleted', ...target })
        return wasThere
      })
    },
  }
}
