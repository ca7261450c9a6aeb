import { z } from 'zod'
import { type Instant, SECOND_MS } from '../kit/instant.ts'
import type { SimulatedClock } from '../domain/time-travel/service.ts'
import { SIMULATOR_KEY } from '../domain/connections/service.ts'

const TIMEOUT_MS = 120_000

/** Both in seconds: the machine's time and the account's, read at one moment. */
const reading = z.object({ now: z.int(), clocks: z.tuple([z.object({ now: z.int() })]) })

/** The control interface of the simulator: what Stripe itself has no address for. */
export function createSimulatedClock(simulatorUrl: string): SimulatedClock {
  async function ask(init: RequestInit) {
    const response = await globalThis.fetch(`${simulatorUrl}/_sim/clock`, {
      ...init,
      headers: { authorization: `Bearer ${SIMULATOR_KEY}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) throw new Error(`The simulator did not advance: ${await response.text()}`)
    const { now, clocks } = reading.parse(await response.json())
    return { at: clocks[0].now, offset: (clocks[0].now - now) * SECOND_MS }
  }

  return {
    async advanceTo(to: Instant) {
      const { at } = await ask({ method: 'GET' })
      // Its clock runs on meanwhile and may have passed the time already; then it stays where it is.
      const by = Math.max(0, Math.ceil(to / SECOND_MS) - at)
      const { offset } = await ask({ method: 'POST', body: JSON.stringify({ by }) })
      return offset
    },
  }
}
