import { type Redis, script } from '../redis/redis.ts'

/**
 * Units in stock for many processes at once, under a key and a number: later stocks of the key have higher numbers.
 * A stock is worth something only in the server it was put into, for as long as that server has been the one that takes
 * writes: after a restart, a fail-over or an eviction it is missing, whatever a snapshot or a replica says, because what
 * was taken last may not be in there. Whoever put it there knows what it was and decides what follows.
 */
export interface SharedStock {
  /** Tells how much was put in all; `isNew` once, by whoever numbered it. Repeated or overtaken it adds nothing. */
  fill(key: string, stock: Filling): Promise<'filled' | 'missing'>
  /** All of `need` and up to `want`, beyond `need` in multiples of `grain`; or nothing. */
  take(key: string, number: number, ask: Wish): Promise<Taking | 'missing'>
  giveBack(key: string, number: number, units: number): Promise<'returned' | 'missing'>
  /** Whether it is worth asking. */
  mayAnswer(): boolean
}

export interface Filling {
  readonly number: number
  /** Whole units below 2^52. */
  readonly filled: number
  /** A word that goes with the stock. */
  readonly note: string
  readonly isNew: boolean
}

export interface Wish {
  readonly need: number
  readonly want: number
  readonly grain: number
}

export interface Taking {
  readonly granted: number
  readonly left: number
  readonly note: string
}

/** Long enough for who is slow, short enough not to collect what nobody uses. */
const LIFE_MS = 3_600_000

/** A server has a new replication id whenever it starts or becomes the one that takes writes. */
const HEAD = `
local function server()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
end
local stock = redis.call('HMGET', KEYS[1], 'number', 'server', 'left', 'filled', 'note')
local isHere = stock[1] == ARGV[1] and stock[2] == server()`

const FILL = script(`${HEAD}
if isHere then
  local more = ARGV[2] - stock[4]
  if more > 0 then
    redis.call('HSET', KEYS[1], 'left', string.format('%d', stock[3] + more), 'filled', ARGV[2], 'note', ARGV[3])
  end
else
  if ARGV[4] ~= '1' then return 'missing' end
  if stock[1] and tonumber(stock[1]) >= tonumber(ARGV[1]) then return 'missing' end
  redis.call('HSET', KEYS[1], 'number', ARGV[1], 'server', server(), 'left', ARGV[2], 'filled', ARGV[2], 'note', ARGV[3])
end
redis.call('PEXPIRE', KEYS[1], ${LIFE_MS})
return 'filled'`)

const TAKE = script(`${HEAD}
if not isHere then return 'missing' end
local left, need, want, grain = tonumber(stock[3]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local granted = 0
if left >= need then granted = math.max(need, math.min(want, math.floor(left / 2 / grain) * grain)) end
left = left - granted
if granted > 0 then
  redis.call('HSET', KEYS[1], 'left', string.format('%d', left))
  redis.call('PEXPIRE', KEYS[1], ${LIFE_MS})
end
return {granted, left, stock[5]}`)

const GIVE_BACK = script(`${HEAD}
if not isHere then return 'missing' end
redis.call('HSET', KEYS[1], 'left', string.format('%d', stock[3] + ARGV[2]))
return 'returned'`)

export function createRedisStock(redis: Redis): SharedStock {
  const keyOf = (key: string): string => `stock:${key}`
  return {
    async fill(key, { number, filled, note, isNew }) {
      const args = [number, filled, note, isNew ? 1 : 0]
      const answer = await redis.run(FILL, keyOf(key), args)
      return answer === 'filled' ? 'filled' : 'missing'
    },
    async take(key, number, { need, want, grain }) {
      const answer = await redis.run(TAKE, keyOf(key), [number, need, want, grain])
      if (!Array.isArray(answer)) return 'missing'
      const [granted, left, note] = answer as [number, number, string]
      return { granted, left, note }
    },
    async giveBack(key, number, units) {
      const answer = await redis.run(GIVE_BACK, keyOf(key), [number, units])
      return answer === 'returned' ? 'returned' : 'missing'
    },
    mayAnswer: () => redis.mayAnswer(),
  }
}
