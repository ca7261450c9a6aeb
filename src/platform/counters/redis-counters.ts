import { type Redis, script } from '../redis/redis.ts'
import {
  type Counters,
  HOLDER_LIFE_MS,
  type PlaceAnswer,
  STOCK_SHARE,
  type TokenAnswer,
} from './counters.ts'

/** What `grantTokens` says, in the server's own time. */
const TAKE_TOKENS = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval, bucket, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ahead = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or 0) - now, 0), bucket)
local available = math.floor((bucket - ahead) / interval + 0.001)
local granted = 0
if available > 0 then
  granted = math.min(available, math.max(1, math.min(want, math.floor(available / ${STOCK_SHARE}))))
end
ahead = ahead + granted * interval
if ahead > 0 then
  redis.call('SET', KEYS[1], string.format('%.3f', now + ahead), 'PX', string.format('%d', math.ceil(ahead)))
end
return {granted, string.format('%.3f', ahead)}`)

const RETURN_TOKENS = script(`
local fullAt = redis.call('GET', KEYS[1])
if not fullAt then return 0 end
local time = redis.call('TIME')
local ahead = fullAt - ARGV[1] - (time[1] * 1000 + time[2] / 1000)
if ahead <= 0 then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], string.format('%.3f', fullAt - ARGV[1]), 'PX', string.format('%d', math.ceil(ahead)))
return 1`)

/**
 * A holder says how many places it has, and takes more. Because it says so each time, a server that forgot everything
 * knows again after the next word of every holder.
 */
const HOLD_PLACES = script(`
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local holder, held, want, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local taken = held
local places = redis.call('HGETALL', KEYS[1])
for i = 1, #places, 2 do
  if places[i] ~= holder then
    local count, seenAt = string.match(places[i + 1], '^(%d+) (%d+)$')
    if now - seenAt > ${HOLDER_LIFE_MS} then
      redis.call('HDEL', KEYS[1], places[i])
    else
      taken = taken + count
    end
  end
end
local granted = math.max(math.min(want, limit - taken), 0)
if held + granted > 0 then
  redis.call('HSET', KEYS[1], holder, string.format('%d %d', held + granted, now))
  redis.call('PEXPIRE', KEYS[1], ${2 * HOLDER_LIFE_MS})
else
  redis.call('HDEL', KEYS[1], holder)
end
return {granted, taken + granted}`)

/** Counters that all machines share. Every script touches one key, so a cluster may spread them as it likes. */
export function createRedisCounters(redis: Redis): Counters {
  /** What each holder of this process has, which is the truth: Redis may forget. */
  const held = new Map<string, Map<string, number>>()
  /** One word of a holder about a key after the other, so that none is overtaken. */
  const words = new Map<string, Promise<unknown>>()

  function inTurn<T>(holder: string, key: string, work: () => Promise<T>): Promise<T> {
    const id = `${holder} ${key}`
    const next = (words.get(id) ?? Promise.resolve()).then(work, work)
    const settled: Promise<unknown> = next
      .catch(() => undefined)
      .finally(() => {
        if (words.get(id) === settled) words.delete(id)
      })
    words.set(id, settled)
    return next
  }

  function note(holder: string, key: string, change: number): number {
    const places = held.get(holder) ?? new Map<string, number>()
    held.set(holder, places)
    const count = Math.max((places.get(key) ?? 0) + change, 0)
    if (count > 0) places.set(key, count)
    else places.delete(key)
    return count
  }

  async function say(holder: string, key: string, want = 0, limit = 0): Promise<PlaceAnswer> {
    const count = held.get(holder)?.get(key) ?? 0
    const answer = await redis.run(HOLD_PLACES, `places:${key}`, [holder, count, want, limit])
    const [granted = 0, taken = 0] = answer as number[]
    if (granted > 0) note(holder, key, granted)
    return { granted, taken }
  }

  async function sayAll(holder: string, keys: Iterable<string>): Promise<void> {
    await Promise.all([...keys].map((key) => inTurn(holder, key, () => say(holder, key))))
  }

  return {
    takeTokens: (asks) =>
      Promise.all(
        asks.map(async ({ key, intervalMs, bucketMs, want }): Promise<TokenAnswer> => {
          const args = [intervalMs, bucketMs, want]
          const [granted, aheadMs] = (await redis.run(TAKE_TOKENS, `rate:${key}`, args)) as [
            number,
            string,
          ]
          return { granted, aheadMs: Number(aheadMs) }
        }),
      ),

    async returnTokens(returned) {
      await Promise.all(
        returned.map(({ key, intervalMs, count }) =>
          redis.run(RETURN_TOKENS, `rate:${key}`, [count * intervalMs]),
        ),
      )
    },

    takePlaces: (holder, asks) =>
      Promise.all(
        asks.map(({ key, limit, want }) =>
          inTurn(holder, key, () => say(holder, key, want, limit)),
        ),
      ),

    async returnPlaces(holder, returned) {
      for (const { key, count } of returned) note(holder, key, -count)
      await sayAll(
        holder,
        returned.map(({ key }) => key),
      )
    },

    keepAlive: (holder) => sayAll(holder, held.get(holder)?.keys() ?? []),

    async retire(holder) {
      const keys = [...(held.get(holder)?.keys() ?? [])]
      held.delete(holder)
      await sayAll(holder, keys)
    },

    isReachable: () => redis.isReachable(),
    close: () => Promise.resolve(),
  }
}
