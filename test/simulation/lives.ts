import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MINUTE_MS, SECOND_MS } from '../../src/kit/instant.ts'
import { ensureSimulatedWebhooks } from '../../src/start/first-run.ts'
import { type BackOffice, openBackOffice, openSimulator } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { control } from '../support/simulator-control.ts'
import type { Chance } from './chance.ts'
import { createMortality, type Death, type Mortality } from './mortality.ts'

/** Longer than any lease: what a dead process held is free when the next one begins. */
const BETWEEN_LIVES_MS = 3 * MINUTE_MS

/** One Stripe and one database, and the processes that work on them one after the other. */
export interface Lives {
  /** Whoever is alive now; begins a new life if nobody is. */
  office(): Promise<BackOffice>
  isDead(): boolean
  /** How many have died. */
  deaths(): number
  /** Somewhere in what follows the process dies, or not at all. */
  doom(death: Death | undefined): void
  close(): Promise<void>
}

export function anyDeath(chance: Chance): Death {
  const at = chance.pick(['statement', 'commit', 'request'] as const)
  if (at === 'request') {
    return { at, count: 1 + chance.below(4), isCarriedOut: chance.next() < 0.6 }
  }
  const most = at === 'commit' ? [3, 8, 30] : [20, 80, 400, 1_500]
  return { at, count: 1 + chance.below(chance.pick(most)) }
}

/** The first of them may die while it is being born, like any other. */
export async function openLives(): Promise<Lives> {
  const database = await testDatabase()
  const simulator = await openSimulator()
  let mortality: Mortality = createMortality()
  let office: BackOffice | undefined
  let next: Death | undefined
  let deaths = 0

  const receiver = createServer((request, response) => {
    void take(request).then(
      (status) => response.writeHead(status).end(),
      () => request.socket.destroy(),
    )
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const consoleUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`

  /** What the console does with a webhook; nobody answers while nobody is alive. */
  async function take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (office === undefined || mortality.isDead()) throw new Error('Nobody is there')
    const signature = String(request.headers['stripe-signature'])
    await office.domain.inbox.receive('test', Buffer.concat(chunks), signature)
    return 200
  }

  async function begin(): Promise<BackOffice> {
    mortality = createMortality()
    mortality.doom(next)
    next = undefined
    const url = await mortality.wire(simulator.url)
    const born = await openBackOffice({
      database: mortality.database(database),
      simulatorUrl: simulator.url,
      stripeUrl: () => url,
      aheadMs: deaths * BETWEEN_LIVES_MS,
    })
    await ensureSimulatedWebhooks(born.domain, consoleUrl)
    return born
  }

  async function bury(): Promise<void> {
    mortality.end()
    await office?.close()
    office = undefined
    deaths += 1
    // Time passes for Stripe as it does for whoever comes next.
    await control({ simulatorUrl: simulator.url }, '/_sim/clock', {
      by: BETWEEN_LIVES_MS / SECOND_MS,
    })
  }

  async function alive(): Promise<BackOffice> {
    for (;;) {
      if (office !== undefined && !mortality.isDead()) return office
      if (mortality.isDead()) await bury()
      try {
        office = await begin()
      } catch (error) {
        if (!mortality.isDead()) throw error
      }
    }
  }

  return {
    office: alive,
    isDead: () => mortality.isDead(),
    deaths: () => deaths,
    doom(death) {
      if (office === undefined || mortality.isDead()) next = death
      else mortality.doom(death)
    },

    async close() {
      mortality.end()
      await office?.close()
      receiver.closeAllConnections()
      receiver.close()
      await simulator.close()
    },
  }
}
