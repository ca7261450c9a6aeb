import { beforeAll, expect, test } from 'vitest'
import { operations } from '../../src/simulator/operations.ts'
import { createRouter } from '../../src/simulator/wire/router.ts'
import { createRandom, createRequests, type Pool } from './fuzz/requests.ts'
import { useSimulator } from './support.ts'
import { walkCatalog, walkCustomers } from './walk/catalog.ts'
import { walkHosted } from './walk/hosted.ts'
import { walkCreditNotes, walkInvoices } from './walk/invoices.ts'
import { walkAfterSales, walkPayments, walkSetups } from './walk/payments.ts'
import { startWalk } from './walk/recorder.ts'
import { walkSchedules, walkSubscriptions } from './walk/subscriptions.ts'
import { walkUsage } from './walk/usage.ts'

// An answer or an event that Stripe could not have sent becomes a 500 here.
const simulator = useSimulator({ checksShapes: true })
const KEY = 'sk_test_fuzz'
const { routes } = createRouter(operations, [])

/** More of them, or those of one seed: `FUZZ=50000 FUZZ_SEED=42 npx vitest run test/simulator/fuzz.test.ts`. */
const CALLS = Number(process.env['FUZZ'] ?? 1_000)
const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const pool: Pool = new Map()

/** Ids of everything an answer shows. */
function learn(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(learn)
  if (typeof value !== 'object' || value === null) return
  const { id, object } = value as { readonly id?: unknown; readonly object?: unknown }
  if (typeof id === 'string' && typeof object === 'string') {
    const known = pool.get(object) ?? []
    if (!known.includes(id)) pool.set(object, [...known.slice(-40), id])
  }
  for (const child of Object.values(value)) learn(child)
}

beforeAll(async () => {
  const walk = startWalk(simulator, KEY)
  const chapters = [
    walkCatalog,
    walkCustomers,
    walkPayments,
    walkSetups,
    walkAfterSales,
    walkSubscriptions,
    walkSchedules,
    walkInvoices,
    walkCreditNotes,
    walkUsage,
    walkHosted,
  ]
  for (const chapter of chapters) await chapter(walk)
  for (let page = 0, after = ''; page < 8; page++) {
    const events = await walk.stripe.events.list({
      limit: 100,
      ...(after === '' ? {} : { starting_after: after }),
    })
    learn(JSON.parse(JSON.stringify(events.data)))
    after = events.data.at(-1)?.id ?? ''
    if (!events.has_more) break
  }
})

test(
  `a well-formed request is answered or refused, and never breaks the simulator (seed ${seed})`,
  { timeout: 60_000 + CALLS * 50 },
  async () => {
    const random = createRandom(seed)
    const request = createRequests(pool, random)
    const forms = routes.filter(
      // Deleting and advancing clocks would take the customers of all others with them, or time to wait for.
      ({ segments, key }) =>
        segments[0] === 'v1' && !/test_clocks|DELETE \/v1\/customers\/{id}$/.test(key),
    )
    const broken: string[] = []
    const answered = new Set<string>()
    for (let n = 0; n < CALLS; n++) {
      const route = forms[Math.floor(random() * forms.length)]!
      const { path, pairs } = request(route)
      const form = new URLSearchParams(
        pairs.map(([name, value]): [string, string] => [name, value]),
      ).toString()
      const isQuery = route.method !== 'POST'
      const response = await fetch(`${simulator.url}${path}${isQuery ? `?${form}` : ''}`, {
        method: route.method,
        headers: {
          Authorization: `Bearer ${KEY}`,
          'Stripe-Version': '2026-10-28.endive',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        ...(isQuery ? {} : { body: form }),
      })
      const text = await response.text()
      if (response.status >= 500) broken.push(`${route.method} ${path} ${decodeURIComponent(form)}`)
      if (response.status === 200) answered.add(route.key)
      if (response.status === 200 && text.startsWith('{')) learn(JSON.parse(text))
    }
    expect(broken).toEqual([])
    // It would prove nothing if nearly everything were refused.
    expect(answered.size).toBeGreaterThan(forms.length / 3)
  },
)
