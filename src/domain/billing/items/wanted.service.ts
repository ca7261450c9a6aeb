import { DAY_MS, formatInstant, type Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { Db } from '../../../platform/database/database.ts'
import { type ChargeToBill, chargeOfLine, excerpt } from '../charges/billed-charge.ts'
import type { Charges } from '../charges/service.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { lineText } from '../lines.ts'
import { piecesRatedHere, type RatedPiece } from '../rated-here.ts'
import { rateLines, requiredUsage } from '../rate-invoice.ts'
import type { Contract, Rating } from '../rating.service.ts'
import type { UsageReading } from '../usage-reading.ts'
import type { WantedItem } from './item.ts'

/** What was forgotten for longer than this was forgiven. */
const REACH_MS = 400 * DAY_MS

export type WantedItems = ReturnType<typeof createWantedItems>

/** Works out what a draft of Stripe's has to show besides what Stripe puts on it. */
export function createWantedItems({
  charges,
  rating,
}: {
  readonly charges: Charges
  readonly rating: Rating
}) {
  return {
    /**
     * Everything that is charged here, has ended by `closesAt` and is on no final invoice yet, and usage of times that
     * were billed already. So what missed its invoice is on the next one.
     */
    async of(contract: Contract, closesAt: Instant, now: Instant, db: Db): Promise<WantedItem[]> {
      const { mode, id } = contract.subscription
      const since = closesAt - REACH_MS
      const billed = await charges.keysSince(db, mode, id, since)
      const due = piecesRatedHere(contract, since, closesAt).filter(
        ({ lineKey }) => !billed.has(lineKey),
      )
      const items: WantedItem[] = []
      for (const piece of due) items.push(...(await itemsOf(contract, piece, closesAt, db)))
      for (const { line, charge } of await charges.lateLines(contract, now, db)) {
        items.push(itemOf(line, charge))
      }
      return items
    },

    /** Fees for the time that begins with the invoice, where no Stripe subscription bills them. */
    async advance(contract: Contract, opening: Period, db: Db): Promise<WantedItem[]> {
      const { mode, id } = contract.subscription
      const billed = await charges.keysSince(db, mode, id, opening.startsAt)
      const lines = rateLines({
        ...contract,
        closing: null,
        opening,
        usage: new Map(),
        coverage: [],
        lateUsage: [],
        coupons: [],
      })
      return lines
        .filter(({ key }) => !billed.has(key))
        .map((line) => itemOf(line, chargeOfLine(line, 'fee', null)))
    },
  }

  async function itemsOf(
    contract: Contract,
    { piece }: RatedPiece,
    closesAt: Instant,
    db: Db,
  ): Promise<WantedItem[]> {
    const { term, card, startsAt, endsAt } = piece
    const closing = { startsAt, endsAt }
    const scope = {
      ...contract,
      terms: [{ ...term, phase: { ...term.phase, rateCards: [card] } }],
      closing,
    }
    const queries = requiredUsage(scope)
    const usage = await rating.read(contract, queries, 'counted', db)
    const lines = rateLines({
      ...scope,
      opening: null,
      usage,
      coverage: [],
      lateUsage: [],
      coupons: [],
    })
    const reading = queries.length === 0 ? null : excerpt(usage, queries)
    const isLate = endsAt < closesAt && term.endsAt !== endsAt
    return lines.map((line) => itemOf(line, chargeFor(line, lines, reading), isLate))
  }
}

/** An agreed minimum or maximum is part of the charge it is about; as a line of its own it only shows. */
function chargeFor(
  line: InvoiceLine,
  lines: readonly InvoiceLine[],
  reading: UsageReading | null,
): ChargeToBill {
  const [main = line] = lines
  if (line !== main) return { ...chargeOfLine(line, 'fee', null) }
  const sum = (pick: (each: InvoiceLine) => bigint) =>
    lines.reduce((total, each) => total + pick(each), 0n)
  return {
    ...chargeOfLine(line, reading === null ? 'fee' : 'usage', reading),
    grossMinor: sum(({ grossMinor }) => grossMinor),
    amountMinor: sum(({ amountMinor }) => amountMinor),
  }
}

function itemOf(line: InvoiceLine, charge: ChargeToBill, isLate = false): WantedItem {
  const { startsAt } = line.servicePeriod
  const since = isLate ? ` (from ${formatInstant(startsAt).slice(0, 10)})` : ''
  return {
    lineKey: line.key,
    description: `${lineText(line)}${since}`,
    amountMinor: line.amountMinor,
    period: line.servicePeriod,
    rateCardKey: line.rateCardKey,
    derivation: line.derivation,
    charge,
  }
}
