import { type Instant, MINUTE_MS } from '../kit/instant.ts'
import type { Metering } from '../domain/metering/service.ts'
import type { UsageDelta } from '../domain/metering/usage.ts'
import type { Domain } from './compose.ts'

const TOUCH_INTERVAL_MS = MINUTE_MS
const MAX_REMEMBERED_KEYS = 100_000

/**
 * Metering as gateways see it: counting a batch also tells when its keys were last used, at most once a minute for each.
 */
export function meterForGateway(
  { accounts, metering, keys }: Domain,
  clock: { now(): Instant },
): Pick<Metering, 'applyBatch' | 'lastSequence'> {
  const touchedAt = new Map<string, Instant>()

  async function touch(deltas: readonly UsageDelta[]): Promise<void> {
    const now = clock.now()
    const due = new Map(
      deltas
        .filter(({ apiKeyId }) => now - (touchedAt.get(apiKeyId) ?? 0) >= TOUCH_INTERVAL_MS)
        .map((delta) => [delta.apiKeyId, delta]),
    )
    if (due.size === 0) return
    if (touchedAt.size > MAX_REMEMBERED_KEYS) touchedAt.clear()
    const used = [...due.values()].map(async ({ apiKeyId, mode, customerId }) => {
      touchedAt.set(apiKeyId, now)
      return [apiKeyId, accounts.now(await accounts.get(mode, customerId))] as const
    })
    await keys.touch(new Map(await Promise.all(used)))
  }

  return {
    lastSequence: metering.lastSequence,
    async applyBatch(producerId, sequence, deltas, calls = []) {
      const outcome = await metering.applyBatch(producerId, sequence, deltas, calls)
      if (outcome.isNew) await touch([...deltas, ...calls.map(({ delta }) => delta)])
      return outcome
    },
  }
}
