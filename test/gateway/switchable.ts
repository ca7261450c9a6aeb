import { createQuotaAuthority } from '../../src/domain/entitlements/quota-authority.service.ts'
import { createMetering } from '../../src/domain/metering/service.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { createMemoryCounters } from '../../src/platform/counters/memory-counters.ts'
import { testDatabase } from '../support/database.ts'

/** A database and counters that can be taken away: real, behind a switch. */
export async function switchable() {
  const database = await testDatabase()
  const metering = createMetering({ database, clock: systemClock })
  const authority = createQuotaAuthority({ database, clock: systemClock })
  const state = { isDown: false }
  const counters = createMemoryCounters({ clock: systemClock })
  return {
    state,
    metering: guarded(state, metering),
    quotas: guarded(state, authority),
    counters: guarded(state, counters),
  }
}

/** What rejects everything it is asked while its state is down. */
export function guarded<T extends object>(state: { readonly isDown: boolean }, target: T): T {
  return new Proxy(target, {
    get(object, name) {
      const method = Reflect.get(object, name) as unknown
      const isNoQuestion = ['onRecall', 'isReachable', 'subscribe'].includes(String(name))
      if (typeof method !== 'function' || isNoQuestion) return method
      return (...args: unknown[]) =>
        state.isDown
          ? Promise.reject(new Error('connection refused'))
          : (method as (...args: unknown[]) => unknown).apply(object, args)
    },
  })
}
