import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIMULATOR_KEY } from '../src/domain/connections/service.ts'
import { HOUR_MS } from '../src/kit/instant.ts'
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts'
import { createSimulatedClock } from '../src/start/simulated-clock.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ host: '127.0.0.1', port: 0, data: 'memory', seed: 'clock' })
  // The account whose clock it is comes into being with its first request.
  const headers = { authorization: `Bearer ${SIMULATOR_KEY}` }
  await fetch(`${simulator.url}/v1/balance`, { headers })
})
afterAll(() => simulator.close())

test('the simulated clock reaches the time asked for, and one it has passed already leaves it alone', async () => {
  const clock = createSimulatedClock(simulator.url)
  const start = Date.now()

  const reached = await clock.advanceTo(start + HOUR_MS)
  const kept = await clock.advanceTo(start)

  expect(reached).toBeGreaterThanOrEqual(HOUR_MS - 2_000)
  expect(Math.abs(kept - reached)).toBeLessThanOrEqual(1_000)
})
