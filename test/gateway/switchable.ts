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
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const method = Reflect.get(object, name) as unknown
        if (typeof method !== 'function' || name === 'onRecall' || name === 'isReachable')
          return method
        return (...args: unknown[]) =>
          state.isDown
            ? Promise.reject(new Error('connection refused'))
            : (method as (...args: unknown[]) => unknown).apply(object, args)
      },
    })
  const counters = createMemoryCounters({ clock: systemClock })
  return { state, metering: guard(metering), quotas: guard(authority), counters: guard(counters) }
}
