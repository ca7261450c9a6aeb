import { expect, test } from 'vitest'
import { DAY_MS } from '../../src/kit/instant.ts'
import { control } from '../support/simulator-control.ts'
import { until } from '../support/until.ts'
import { type Chance, createChance } from './chance.ts'
import { DEEDS, type Deed, type Expected, isExpected } from './deeds.ts'
import { judge } from './judgement.ts'
import { anyDeath, type Lives, openLives } from './lives.ts'
import { stock, TERMS } from './terms.ts'

/**
 * A year in the lives of customers who subscribe, use, change, cancel, come back, cannot pay, are refunded and dispute,
 * while answers of Stripe get lost, its webhooks come twice, late, in any order or never, and processes die between any
 * two effects. Whenever it gets quiet, every cent is where Stripe says it is.
 */
const CUSTOMERS = 4
const YEAR_MS = 365 * DAY_MS
/** So often in the year everybody holds still and looks. */
const JUDGEMENTS = 4
const MAX_STEPS = 400
const MAX_TRIES = 50
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 3)
const SEED = Number(process.env['SIMULATION_SEED'] ?? 20_261_120)

interface Member {
  readonly id: string
  readonly keyId: string
  readonly expected: Expected
}

interface History {
  readonly lives: Lives
  readonly chance: Chance
  readonly members: readonly Member[]
  readonly told: string[]
}

async function arrive(lives: Lives): Promise<Member[]> {
  const office = await lives.office()
  const { domain, caller, customer } = office
  await stock(office)
  const members: Member[] = []
  for (let n = 0; n < CUSTOMERS; n++) {
    const { id } = await customer(`customer${n}`)
    const { key } = await domain.keys.issue(caller, {
      customerId: id,
      subscriptionId: null,
      name: 'key',
    })
    members.push({ id, keyId: key.id, expected: { usage: 0, burned: 0 } })
  }
  return members
}

/** One thing happens; a process that dies of it is followed by another. */
async function happen({ lives, chance, told }: History, deed: Deed, member: Member, id: string) {
  // The same thing is tried again, so its chances have to be the same.
  const seed = chance.below(2 ** 31)
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const office = await lives.office()
    const deathsBefore = lives.deaths()
    try {
      const payer = await office.payer(member.id)
      const scene = { office, payer, chance: createChance(seed), expected: member.expected, id }
      told.push(`${id} ${deed.name} of ${member.id}: ${await deed(scene)}`)
      return
    } catch (error) {
      const hasDied = lives.isDead()
      if (!hasDied && !isExpected(error)) throw error
      const why = hasDied ? `death ${deathsBefore + 1}` : (error as { code?: string }).code
      told.push(`${id} ${deed.name} of ${member.id}: ${why}`)
      if (!deed.isRepeated || !hasDied) return
    }
  }
  throw new Error(`${deed.name} came to no end`)
}

/** Webhooks arrive, some of what they say is applied. */
async function listen({ lives, chance }: History): Promise<void> {
  const office = await lives.office()
  if (chance.next() < 0.8) await control(office, '/_sim/flush', {})
  const how = chance.next()
  try {
    if (how < 0.6) await office.domain.inbox.apply()
    if (how < 0.4) await office.settle()
  } catch (error) {
    if (!lives.isDead()) throw error
  }
}

/** Nothing goes wrong any more, and what is left to do is done. */
async function quiet({ lives }: History): Promise<void> {
  lives.doom(undefined)
  const office = await lives.office()
  await control(office, '/_sim/faults/clear', {})
  await control(office, '/_sim/declines/clear', {})
  await control(office, '/_sim/flush', {})
  // Longer than whoever failed before waits until the next try.
  for (let round = 0; round < 3; round++) {
    await office.advance('P1D')
    await office.domain.refunds.resolve('test', office.domain.clocks.now('test') + 1, 100)
  }
  // Stripe goes on telling while the last of it is applied.
  await until(
    async () => {
      await control(office, '/_sim/flush', {})
      await office.settle()
      return office.domain.inbox.backlog('test')
    },
    (backlog) => backlog.length === 0,
  )
}

async function look(history: History): Promise<void> {
  const { lives, members } = history
  await quiet(history)
  const office = await lives.office()
  const { domain } = office
  for (const { id, keyId, expected } of members) {
    await judge(office, await office.payer(id), keyId, expected)
  }
  expect(await domain.audit.verify('test'), 'the audit chain holds').toBeUndefined()
}

async function live(history: History): Promise<void> {
  const { lives, chance, members, told } = history
  const { clocks } = (await lives.office()).domain
  const start = clocks.now('test')
  const passed = async () => (await lives.office()).domain.clocks.now('test') - start
  let judged = 0
  for (let step = 0; step < MAX_STEPS && judged < JUDGEMENTS; step++) {
    if (chance.next() < 0.4) {
      const death = anyDeath(chance)
      lives.doom(death)
      told.push(`  to die: ${JSON.stringify(death)}`)
    }
    await happen(history, chance.pick([...DEEDS, ...TERMS]), chance.pick(members), `step${step}`)
    await listen(history)
    if ((await passed()) < ((judged + 1) * YEAR_MS) / JUDGEMENTS) continue
    told.push(`  judgement ${++judged}, after ${lives.deaths()} deaths`)
    await look(history)
  }
  expect(judged, 'a year has passed').toBe(JUDGEMENTS)
}

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  'whatever happens in a year, every cent is explained, agrees with Stripe, and nobody has access without right (seed %i)',
  async (seed) => {
    const chance = createChance(seed)
    const lives = await openLives()
    const told: string[] = []
    try {
      await live({ lives, chance, members: await arrive(lives), told })
    } catch (error) {
      throw new Error(`SIMULATION_SEED=${seed}:\n${told.join('\n')}`, { cause: error })
    } finally {
      await lives.close()
    }
  },
)
