import { z } from 'zod'
import { type Instant, SECOND_MS } from '../kit/instant.ts'
import type { SimulatedClock } from '../domain/time-travel/service.ts'
import { SIMULATOR_KEY } from '../domain/connections/service.ts'

const TIMEOUT_MS = 120_000

/** Both in seconds: the machine's time and the account's, read at one moment. */
const reading = z.object({ now: z.int(), clocks: z.tuple([z.object({ now: z.int() })]) })

/** The control interface of the simulator: what Stripe itself has no address for. */
export function createSimulatedClock(simulatorUrl: string): SimulatedClock {
  return {
    async advanceTo(to: Instant) {
      const response = await globalThis.fetch(`${simulatorUrl}/_sim/clock`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${SIMULATOR_KEY}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ to: Math.ceil(to / SECOND_MS) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (!response.ok) throw new Error(`The simulator did not advance: ${await response.text()}`)
      const { now, clocks } = reading.parse(await response.json())
      return (clocks[0].now - now) * SECOND_MS
    },
  }
}
