import { Stripe } from 'stripe'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import { DAY_MS, SECOND_MS } from '../../src/kit/instant.ts'

/** What Stripe sends in a month: every subscription renews, and each renewal is a burst of events about few objects. */
export interface Renewals {
  /** Lets a month pass; answers with the events of it as they are delivered, in order. */
  next(): Promise<string[]>
}

/** The peer fails at what has no id yet. */
const NOT_SENT = new Set(['invoice.upcoming'])
/** Longer than any month, so that each round has exactly one renewal of everybody. */
const FIRST_BY_DAYS = 32
const MONTHS_BY_DAYS = 30.5
/** Stripe delivers at least once; how often twice is ours to choose. */
const TWICE_EACH = 20

export function openRenewals(simulatorUrl: string, types: readonly string[]): Renewals {
  const { hostname, port } = new URL(simulatorUrl)
  const stripe = new Stripe(SIMULATOR_KEY, { host: hostname, port, protocol: 'http' })
  const wanted = new Set(types.filter((type) => !NOT_SENT.has(type)))
  const seen = new Set<string>()
  let byDays = FIRST_BY_DAYS

  async function advance(days: number): Promise<void> {
    const response = await fetch(`${simulatorUrl}/_sim/clock`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SIMULATOR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ by: (days * DAY_MS) / SECOND_MS }),
    })
    if (!response.ok) throw new Error(`The simulator did not advance: ${await response.text()}`)
  }

  /** What was not sent yet, oldest first. */
  async function newEvents(): Promise<Stripe.Event[]> {
    const found: Stripe.Event[] = []
    for await (const event of stripe.events.list({ limit: 100 })) {
      if (seen.has(event.id)) break
      if (wanted.has(event.type)) found.push(event)
    }
    for (const { id } of found) seen.add(id)
    return found.toReversed()
  }

  return {
    async next() {
      await advance(byDays)
      byDays = MONTHS_BY_DAYS
      const events = await newEvents()
      return events.flatMap((event, at) => {
        // Indented, as Stripe sends it.
        const payload = JSON.stringify(event, null, 2)
        return at % TWICE_EACH === 0 ? [payload, payload] : [payload]
      })
    },
  }
}
