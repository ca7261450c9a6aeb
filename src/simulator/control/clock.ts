import { formatInstant, parseInstant } from '../../kit/instant.ts'
import type { RunningRealm } from '../running-realm.ts'
import { ControlError } from './answers.ts'
import type { Body, ControlHandlers } from './control.ts'

/** The account's own time, for everything that is not on a test clock. */
export const clockControl: ControlHandlers = {
  'GET /_sim/clock': ({ realms }) => ({
    now: Math.floor(Date.now() / 1_000),
    clocks: realms.map(showClock),
  }),

  /**
   * Moves time to an instant (`to`, in seconds or ISO 8601) or by a number of seconds, runs everything that falls due on
   * the way, in order, and answers when all of it is done. With `frozen` time stands still there.
   */
  'POST /_sim/clock': async ({ body, realms }) => {
    const isFrozen = body['frozen'] === true || body['frozen'] === 'true'
    for (const running of realms) {
      running.meters.drain()
      await running.runner.advanceRealm(targetOf(body, running), { isFrozen })
    }
    return { now: Math.floor(Date.now() / 1_000), clocks: realms.map(showClock) }
  },
}

function showClock({ realm }: RunningRealm) {
  const now = realm.transact((tx) => tx.now(null))
  const clock = realm.tables.realm_clock.get('clock')
  return {
    account: realm.facts.accountId,
    mode: realm.facts.isLive ? 'live' : 'test',
    now,
    iso: formatInstant(now * 1_000),
    is_frozen: (clock?.frozenAt ?? null) !== null,
  }
}

const MAX_ADVANCE_SECONDS = 10 * 366 * 86_400

function targetOf(body: Body, { realm }: RunningRealm): number {
  const now = realm.transact((tx) => tx.now(null))
  const target =
    body['by'] === undefined ? readInstant(body['to'], now) : now + readNumber(body['by'])
  if (target < now) {
    throw new ControlError(
      400,
      `Time goes forward only: it is ${now} (${formatInstant(now * 1_000)}) already. Reset the simulator to start over.`,
    )
  }
  if (target > now + MAX_ADVANCE_SECONDS) {
    throw new ControlError(400, 'Time can be moved by at most ten years at once.')
  }
  return target
}

/** Without `to` and `by` time stays where it is, which is how to freeze or thaw it. */
function readInstant(value: unknown, now: number): number {
  if (value === undefined) return now
  if (typeof value === 'string' && !/^\d+$/.test(value)) {
    const instant = parseInstant(value)
    if (instant !== undefined) return Math.floor(instant / 1_000)
  }
  const seconds = Number(value)
  if (Number.isSafeInteger(seconds) && seconds > 0) return seconds
  throw new ControlError(400, '`to` is a time in seconds since 1970, or ISO 8601 with its offset.')
}

function readNumber(value: unknown): number {
  const seconds = Number(value)
  if (Number.isSafeInteger(seconds) && seconds >= 0) return seconds
  throw new ControlError(400, '`by` is a whole number of seconds.')
}
