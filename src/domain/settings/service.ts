import { AppError, invalidRequest } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Secrets } from '../../platform/secrets.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { definitionOf, SETTINGS, type SettingKey } from './setting.ts'
import * as store from './store.ts'

/** Where a value comes from; the environment wins over the database, which wins over the default. */
export type SettingSource = 'environment' | 'database' | 'default'

export interface SettingView {
  readonly key: SettingKey
  readonly description: string
  readonly isSecret: boolean
  /** Secrets are masked to their last four characters. */
  readonly value: string | null
  readonly source: SettingSource
  readonly updatedAt: Instant | null
}

interface SettingsDeps {
  readonly database: Database
  readonly clock: Clock
  readonly secrets: Secrets
  readonly audit: Audit
  /** Values the environment pins, per mode and setting. */
  readonly pinned: Readonly<Record<Mode, Partial<Record<SettingKey, string>>>>
}

export type Settings = ReturnType<typeof createSettings>

const CHANNEL = 'farebox_settings'

export function createSettings({ database, clock, secrets, audit, pinned }: SettingsDeps) {
  const listeners = new Set<() => void>()

  /** This process hears of its own change before whoever made it goes on; the others when the database tells them. */
  function tell(): void {
    for (const listener of listeners) listener()
  }

  async function resolve(db: Db, mode: Mode, key: SettingKey) {
    const { isSecret, fallback } = definitionOf(key)
    const fromEnvironment = pinned[mode][key]
    if (fromEnvironment !== undefined) {
      return { value: fromEnvironment, source: 'environment' as const, updatedAt: null }
    }
    const stored = await store.find(db, scopeOf(mode, key), key)
    if (stored === undefined)
      return { value: fallback, source: 'default' as const, updatedAt: null }
    const value = isSecret
      ? secrets.open(stored.sealedValue ?? '', purposeOf(mode, key))
      : stored.value
    return { value, source: 'database' as const, updatedAt: stored.updatedAt }
  }

  async function write(tx: Db, mode: Mode, key: SettingKey, value: string): Promise<void> {
    const { isSecret } = definitionOf(key)
    await store.save(tx, scopeOf(mode, key), key, {
      value: isSecret ? null : value,
      sealedValue: isSecret ? secrets.seal(value, purposeOf(mode, key)) : null,
      updatedAt: clock.now(),
    })
    await database.publish(tx, CHANNEL, key)
  }

  return {
    async get(mode: Mode, key: SettingKey, db: Db = database.db): Promise<string | null> {
      return (await resolve(db, mode, key)).value
    },

    /** Hears of every change, in whichever process, so that what was read may be kept until then. */
    onChange(listener: () => void): () => void {
      const unsubscribe = database.subscribe(CHANNEL, listener)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        unsubscribe()
      }
    },

    async list(mode: Mode): Promise<SettingView[]> {
      const keys = Object.keys(SETTINGS) as SettingKey[]
      return Promise.all(
        keys.map(async (key) => {
          const { isSecret, description } = definitionOf(key)
          const { value, source, updatedAt } = await resolve(database.db, mode, key)
          const shown = isSecret && value !== null ? `…${value.slice(-4)}` : value
          return { key, description, isSecret, value: shown, source, updatedAt }
        }),
      )
    },

    async set(caller: Caller, key: SettingKey, value: string): Promise<void> {
      if (pinned[caller.mode][key] !== undefined) throw new AppError('setting_pinned', { key })
      const problem = definitionOf(key).check?.(value)
      if (problem !== undefined) throw invalidRequest([{ path: 'value', message: problem }])
      await database.transaction(async (tx) => {
        const before = definitionOf(key).isSecret
          ? null
          : await store.find(tx, scopeOf(caller.mode, key), key)
        await write(tx, caller.mode, key, value)
        const after = definitionOf(key).isSecret ? '[secret]' : value
        const target = { targetKind: 'setting', targetId: key }
        await audit.record(tx, caller, {
          action: 'setting.changed',
          ...target,
          before: before?.value,
          after,
        })
      })
      tell()
    },

    /** For what the product itself keeps here, such as the clock and the connected account; not audited. */
    write,

    async remove(caller: Caller, key: SettingKey): Promise<void> {
      await database.transaction(async (tx) => {
        await store.remove(tx, scopeOf(caller.mode, key), key)
        await database.publish(tx, CHANNEL, key)
        await audit.record(tx, caller, {
          action: 'setting.removed',
          targetKind: 'setting',
          targetId: key,
        })
      })
      tell()
    },
  }
}

function scopeOf(mode: Mode, key: SettingKey): store.Scope {
  return definitionOf(key).scope === 'mode' ? mode : 'installation'
}

function purposeOf(mode: Mode, key: SettingKey): string {
  return `setting:${scopeOf(mode, key)}:${key}`
}
