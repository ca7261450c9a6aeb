import {
  add,
  type Decimal,
  decimal,
  formatDecimal,
  ONE,
  subtract,
  ZERO,
} from '../../kit/decimal.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { SharedStock } from '../../platform/counters/redis-stock.ts'
import type { Log } from '../../platform/log.ts'
import type { QuotaAuthority } from './quota-authority.service.ts'
import type { BlockKey, QuotaBlocks } from './quota-blocks.service.ts'
import type { LeaseAnswer, LeaseAsk, QuotaKey, Spending } from './quota.ts'

/**
 * The authority of a large fleet: producers take from blocks in a stock outside of the database, and come to the
 * database when a block is used up, is gone, or the limit is near. What is in a block is debited, so a stock that is
 * lost loses nothing but time: closed, the block gives back what nobody took.
 */
interface SharedQuotaAuthorityDeps {
  readonly authority: QuotaAuthority
  readonly blocks: QuotaBlocks
  readonly stock: SharedStock
  readonly log: Log
}

export interface SharedQuotaAuthority extends QuotaAuthority {
  /** Stops listening and joining; what was joined is left when its producers retire. */
  close(): Promise<void>
}

/** What a producer of this process has to do with the blocks of one window. */
interface Membership {
  readonly producerId: string
  readonly key: QuotaKey
  /** The block it may take from; undefined while it joins or has left. */
  number: number | undefined
  ceiling: Decimal
  /** Units it got from the block and did not bring back. */
  taken: Decimal
  /** The newest block that was heard to be closed. */
  closedNumber: number
  /** Questions since the last look, and looks since the last question. */
  asked: number
  idleLooks: number
  readonly underWay: Set<Promise<unknown>>
  work: Promise<void> | undefined
}

const DECIMALS_PER_MICRO = 1_000_000n
const RETRY_MS = SECOND_MS
/** Who asks so often between two looks is worth a block. */
const WORTH_A_BLOCK = 2
/** After so many looks without a question the block is left. */
const IDLE_LOOKS = 12
/** News may be lost with a connection; who depends on them looks, too. */
const LOOK_MS = 5 * SECOND_MS
/** A block with stock for fewer than so many more asks is filled up. */
const LOW_STOCKS = 4

export function createSharedQuotaAuthority(deps: SharedQuotaAuthorityDeps): SharedQuotaAuthority {
  const { authority, blocks, stock, log } = deps
  const memberships = new Map<string, Membership>()
  const producers = new Set<string>()
  let isClosed = false
  const stopListening = blocks.onClose((block) => {
    for (const producerId of producers) {
      const membership = memberships.get(`${producerId} ${stockKey(block)}`)
      if (membership !== undefined) hearClosed(membership, block.number)
    }
  })
  const timer = setInterval(() => void look().catch(report), LOOK_MS)
  timer.unref()

  function report(error: unknown): void {
    log.warn('quota.block_failed', { error })
  }

  function membershipOf(producerId: string, key: QuotaKey): Membership {
    const id = `${producerId} ${stockKey(key)}`
    const known = memberships.get(id)
    if (known !== undefined) return known
    const membership: Membership = {
      producerId,
      key: keyOnly(key),
      number: undefined,
      ceiling: ZERO,
      taken: ZERO,
      closedNumber: 0,
      asked: 0,
      idleLooks: 0,
      underWay: new Set(),
      work: undefined,
    }
    memberships.set(id, membership)
    producers.add(producerId)
    return membership
  }

  /** One thing at a time with the database for each membership. */
  function begin(membership: Membership, work: () => Promise<void>): void {
    if (membership.work !== undefined || isClosed) return
    membership.work = work()
      .catch(async (error: unknown) => {
        report(error)
        await pause(RETRY_MS)
      })
      .finally(() => {
        membership.work = undefined
        if (isOutdated(membership)) begin(membership, () => leave(membership))
      })
  }

  function hearClosed(membership: Membership, number: number): void {
    membership.closedNumber = Math.max(membership.closedNumber, number)
    if (isOutdated(membership)) begin(membership, () => leave(membership))
  }

  async function join(membership: Membership, ask: LeaseAsk & { ceiling: Decimal }): Promise<void> {
    const answer = await blocks.join(membership.producerId, ask)
    if (answer.kind === 'still_in') {
      // An answer that was lost: nothing was ever taken from a block this process does not know of.
      if (membership.number === undefined) {
        const { producerId, key } = membership
        await blocks.leave(producerId, { ...key, number: answer.number }, ZERO)
      } else membership.closedNumber = Math.max(membership.closedNumber, membership.number)
      return
    }
    if (answer.kind === 'none') return
    const { number, isNew, filled, total } = answer
    membership.number = number
    membership.ceiling = ask.ceiling
    const filling = { number, filled: toMicros(filled), note: formatDecimal(total), isNew }
    const outcome = await stock.fill(stockKey(membership.key), filling)
    if (outcome === 'missing') await blocks.close({ ...membership.key, number })
  }

  /** Whatever is under way may still bring units, so it is waited for; it ends soon, one way or the other. */
  async function leave(membership: Membership): Promise<void> {
    const { producerId, key, number } = membership
    if (number === undefined) return
    await Promise.allSettled(membership.underWay)
    const { taken } = membership
    await blocks.leave(producerId, { ...key, number }, taken)
    membership.number = undefined
    membership.taken = ZERO
  }

  async function look(): Promise<void> {
    for (const [id, membership] of memberships) {
      const isAsked = membership.asked > 0
      membership.asked = 0
      membership.idleLooks = isAsked ? 0 : membership.idleLooks + 1
      if (membership.work !== undefined || isAsked) continue
      if (membership.number === undefined) memberships.delete(id)
      else if (membership.idleLooks > IDLE_LOOKS) begin(membership, () => leave(membership))
    }
    if (producers.size === 0) return
    for (const block of await blocks.closedFor([...producers])) {
      const membership = membershipOf(block.producerId, block)
      if (membership.number === undefined && membership.work === undefined) {
        await blocks.leave(block.producerId, block, ZERO)
      } else hearClosed(membership, block.number)
    }
  }

  async function take(membership: Membership, ask: LeaseAsk): Promise<LeaseAnswer | undefined> {
    const { number, key } = membership
    if (number === undefined) return undefined
    membership.asked++
    const want = toMicros(ask.want)
    const wish = { need: toMicros(ask.need), want, grain: toMicros(ONE) }
    const taking = await stock.take(stockKey(key), number, wish)
    if (taking === 'missing') {
      blocks.close({ ...key, number }).catch(report)
      return undefined
    }
    const granted = fromMicros(taking.granted)
    membership.taken = add(membership.taken, granted)
    const mayJoin = ask.ceiling === membership.ceiling
    if (mayJoin && taking.left < want * LOW_STOCKS) refill(membership, ask)
    if (taking.granted === 0) return undefined
    const total = subtract(decimal(taking.note), fromMicros(taking.left))
    return { kind: 'leased', granted, total, isRecalling: false }
  }

  function refill(membership: Membership, ask: LeaseAsk): void {
    const { ceiling } = ask
    if (ceiling === null || !stock.mayAnswer() || isOutdated(membership)) return
    begin(membership, () => join(membership, { ...ask, ceiling }))
  }

  /** What was asked of the stock, if it can be; undefined sends the ask to the database. */
  async function tryStock(producerId: string, ask: LeaseAsk): Promise<LeaseAnswer | undefined> {
    if (!mayComeFromStock(ask) || !stock.mayAnswer()) return undefined
    const membership = memberships.get(`${producerId} ${stockKey(ask)}`)
    if (membership === undefined || membership.ceiling !== ask.ceiling || isOutdated(membership)) {
      return undefined
    }
    const taking = take(membership, ask).catch(() => undefined)
    return follow(membership, taking)
  }

  async function follow<T>(membership: Membership, work: Promise<T>): Promise<T> {
    membership.underWay.add(work)
    try {
      return await work
    } finally {
      membership.underWay.delete(work)
    }
  }

  /** The units are the stock's from the moment they are sent: if they do not arrive, the block gives them back. */
  async function returnToStock(producerId: string, spending: Spending): Promise<boolean> {
    const membership = memberships.get(`${producerId} ${stockKey(spending)}`)
    if (membership === undefined || !stock.mayAnswer()) return false
    const { number, key, taken } = membership
    const { units } = spending
    const isWhole = units % DECIMALS_PER_MICRO === 0n
    if (number === undefined || isOutdated(membership) || taken < units || !isWhole) return false
    membership.taken = subtract(taken, units)
    const outcome = await follow(
      membership,
      stock.giveBack(stockKey(key), number, toMicros(units)).then((answer) => {
        if (answer === 'missing') membership.taken = add(membership.taken, units)
        return answer
      }),
    )
    return outcome === 'returned'
  }

  return {
    ...authority,

    async lease(producerId, asks) {
      const answers = await Promise.all(asks.map((ask) => tryStock(producerId, ask)))
      const rest = asks.filter((_, i) => answers[i] === undefined)
      const others = await authority.lease(producerId, rest)
      for (const [i, ask] of rest.entries()) {
        const answer = others[i]
        if (answer?.kind !== 'leased' || answer.granted < ask.need || !mayComeFromStock(ask))
          continue
        const membership = membershipOf(producerId, ask)
        membership.asked++
        if (membership.number === undefined) {
          if (membership.asked >= WORTH_A_BLOCK) refill(membership, ask)
        }
        // The database found room under the changed limit, with all that is in the block debited.
        else if (ask.ceiling !== null) membership.ceiling = ask.ceiling
      }
      let next = 0
      return answers.map((answer) => answer ?? (others[next++] as LeaseAnswer))
    },

    async giveBack(producerId, unspent) {
      const results = await Promise.all(
        unspent.map((spending) => returnToStock(producerId, spending).catch(() => true)),
      )
      await authority.giveBack(
        producerId,
        unspent.filter((_, i) => !results[i]),
      )
    },

    async retire(producerId) {
      const own = [...memberships].filter(([, membership]) => membership.producerId === producerId)
      for (const [id, membership] of own) {
        await membership.work
        await leave(membership)
        memberships.delete(id)
      }
      producers.delete(producerId)
      await authority.retire(producerId)
    },

    async close() {
      isClosed = true
      clearInterval(timer)
      stopListening()
      await Promise.allSettled([...memberships.values()].flatMap(({ work }) => work ?? []))
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}

/** It is in a block that is closed. */
function isOutdated({ number, closedNumber }: Membership): boolean {
  return number !== undefined && number <= closedNumber
}

/** Only what is asked for ahead of use; what was used already is debited where it lasts. */
/** Credits never do: each unit is held on a grant. */
function mayComeFromStock({ ceiling, credit, debt, need, want }: LeaseAsk): boolean {
  return credit === undefined && ceiling !== null && debt === ZERO && (need > ZERO || want > ZERO)
}

function keyOnly({ mode, subscriptionId, quotaKey, window }: QuotaKey): QuotaKey {
  return { mode, subscriptionId, quotaKey, window }
}

function stockKey({ mode, subscriptionId, quotaKey, window }: QuotaKey | BlockKey): string {
  return `{${mode} ${subscriptionId}} ${quotaKey} ${window.startsAt}`
}

/** Up: what is needed is granted in full. Units that come back are whole. */
function toMicros(units: Decimal): number {
  return Number((units + DECIMALS_PER_MICRO - 1n) / DECIMALS_PER_MICRO)
}

function fromMicros(micros: number): Decimal {
  return (BigInt(micros) * DECIMALS_PER_MICRO) as Decimal
}
