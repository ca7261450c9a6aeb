import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Account, allEvents, allObjects, asShown, openAccount } from './histories/account.ts'
import { eventProblems, moneyProblems } from './histories/invariants.ts'
import { anyHistory, take } from './histories/steps.ts'
import { type TestSimulator, useSimulator } from './support.ts'

const simulator = useSimulator()

/** More of them, or those of one seed: `HISTORIES=500 HISTORY_SEED=42 npx vitest run test/simulator/histories.test.ts`. */
const RUNS = Number(process.env['HISTORIES'] ?? 10)
const seed = Number(process.env['HISTORY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

let accounts = 0

test(
  `whatever happens, money adds up, events tell all of it, and repeating requests changes nothing (seed ${seed})`,
  { timeout: 60_000 + RUNS * 5_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (steps) => {
        accounts += 1
        const account = await openAccount(simulator, `sk_test_history${accounts}`)
        await take(account, { verb: 'signUp', a: 0, b: 0 })
        for (const step of steps) await take(account, step)

        const events = await allEvents(account)
        expect(await moneyProblems(account, events)).toEqual([])
        expect(eventProblems(events, await allObjects(account))).toEqual([])
        await repeat(account)
      }),
      { seed, numRuns: RUNS, endOnFailure: RUNS < 50 },
    )
  },
)

/** Sends everything again that Stripe would have remembered: each gets its first answer, and nothing has changed. */
async function repeat(account: Account): Promise<void> {
  const before = { objects: await allObjects(account), events: await allEvents(account) }
  for (const { url, body, key, answer } of account.kept) {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${account.key}`,
        'Content-Type': 'application/x-www-form-urlencoded',
        'Idempotency-Key': key,
        'Stripe-Version': '2026-10-28.endive',
      },
      body,
    })
    expect(response.headers.get('idempotent-replayed')).toBe('true')
    expect(await response.text()).toBe(answer)
  }
  const after = { objects: await allObjects(account), events: await allEvents(account) }
  expect(after).toEqual(before)
}

const twin = useSimulator()

test('the same seed and the same history give the same ids, order and outcome', async () => {
  const [steps = []] = fc.sample(anyHistory, { seed: 2_026, numRuns: 1 })

  const tell = async (where: TestSimulator): Promise<readonly object[]> => {
    const key = 'sk_test_twin'
    await where.stripe(key).balance.retrieve()
    await where.control('POST', '/_sim/clock', { to: 2_000_000_000, frozen: true }, key)
    const account = await openAccount(where, key)
    await take(account, { verb: 'signUp', a: 0, b: 0 })
    for (const step of steps) await take(account, step)
    // Requests are numbered as they come, and clients ask a clock more or less often whether it is ready.
    return (await allEvents(account)).map((event) => ({ ...asShown(event), request: null }))
  }

  const told = await tell(simulator)
  expect(told.length).toBeGreaterThan(40)
  expect(JSON.stringify(await tell(twin)).replaceAll(twin.url, simulator.url)).toBe(
    JSON.stringify(told),
  )
})
