import { DAY_MS, formatInstant, type Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { Db } from '../../../platform/database/database.ts'
import { type ChargeToBill, chargeOfLine, excerpt } from '../charges/billed-charge.ts'
import type { Charges } from '../charges/service.ts'
import { type AppliedCoupon, couponDiscounts, spreadCoupons } from '../coupons.ts'
import { creditLine } from '../change/credit-line.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { lineText } from '../lines.ts'
import { paidFees } from '../paid-fee.ts'
import { creditUnused } from '../proration.ts'
import { piecesRatedHere, type RatedPiece } from '../rated-here.ts'
import { rateLines, requiredUsage } from '../rate-invoice.ts'
import { PLAN_DISCOUNT } from '../rating/discounts.ts'
import type { Contract, Rating } from '../rating.service.ts'
import { termsAt } from '../terms.ts'
import type { UsageReading } from '../usage-reading.ts'
import type { WantedItem } from './item.ts'

/** What was forgotten for longer than this was forgiven. */
const REACH_MS = 400 * DAY_MS

export type WantedItems = ReturnType<typeof createWantedItems>

/** A line with the charge it becomes, before coupons off the whole invoice. */
interface WantedLine {
  readonly line: InvoiceLine
  readonly charge: ChargeToBill
  readonly isLate: boolean
}

/** The time an invoice of ours is about: usage up to an instant, fees for what begins with it. */
export interface InvoiceWindow {
  readonly closesAt: Instant | null
  readonly opening: Period | null
}

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
     * were billed already. So what missed its invoice is on the next one. Coupons are Stripe's to take off.
     */
    async of(contract: Contract, closesAt: Instant, now: Instant, db: Db): Promise<WantedItem[]> {
      return (await arrears(contract, closesAt, [], now, db)).map(itemOf)
    },

    /** The whole of an invoice where no Stripe subscription makes any of it, less its coupons. */
    async ofOwn(
      contract: Contract,
      { closesAt, opening }: InvoiceWindow,
      coupons: readonly AppliedCoupon[],
      now: Instant,
      db: Db,
    ): Promise<WantedItem[]> {
      const lines = [
        ...(closesAt === null ? [] : await arrears(contract, closesAt, coupons, now, db)),
        ...(opening === null ? [] : await advance(contract, opening, coupons, db)),
      ]
      const spread = spreadCoupons(
        lines.map(({ line }) => line),
        coupons,
        contract.currency,
      )
      return lines.map((wanted, i) => itemOf(reducedTo(wanted, spread[i] ?? wanted.line)))
    },

    /** The fees and credits of a change of plan, as they were quoted. */
    ofChange: (lines: readonly InvoiceLine[]): WantedItem[] =>
      lines.map((line) => itemOf({ line, charge: chargeOfLine(line, 'fee', null), isLate: false })),

    /** What was paid in advance for the time after an instant, given back. */
    async credits(
      { subscription, currency, terms, planTerms }: Contract,
      at: Instant,
      db: Db,
    ): Promise<WantedItem[]> {
      const { mode, id } = subscription
      const billed = await charges.since(db, mode, id, at)
      const paid = termsAt(terms, at - 1).flatMap((term) =>
        paidFees(billed, planTerms, term).map((fee) => ({ term, fee })),
      )
      return paid.flatMap(({ term, fee }): WantedItem[] => {
        const credit = creditUnused(fee, 'time_based', at, [], currency)
        if (credit === null) return []
        const line = creditLine(term, fee, credit, at, currency)
        return [itemOf({ line, charge: chargeOfLine(line, 'fee', null), isLate: false })]
      })
    },
  }

  async function arrears(
    contract: Contract,
    closesAt: Instant,
    coupons: readonly AppliedCoupon[],
    now: Instant,
    db: Db,
  ): Promise<WantedLine[]> {
    const { mode, id } = contract.subscription
    const since = closesAt - REACH_MS
    const billed = await charges.keysSince(db, mode, id, since)
    const due = piecesRatedHere(contract, since, closesAt).filter(
      ({ lineKey }) => !billed.has(lineKey),
    )
    const lines: WantedLine[] = []
    for (const piece of due) lines.push(...(await linesOf(contract, piece, closesAt, coupons, db)))
    for (const { line, charge } of await charges.lateLines(contract, now, db)) {
      lines.push({ line, charge, isLate: false })
    }
    return lines
  }

  async function advance(
    contract: Contract,
    opening: Period,
    coupons: readonly AppliedCoupon[],
    db: Db,
  ): Promise<WantedLine[]> {
    const { mode, id } = contract.subscription
    const billed = await charges.keysSince(db, mode, id, opening.startsAt)
    const lines = rateLines({
      ...contract,
      closing: null,
      opening,
      usage: new Map(),
      coverage: [],
      lateUsage: [],
      coupons: percentagesOf(coupons),
    })
    return lines
      .filter(({ key }) => !billed.has(key))
      .map((line) => ({ line, charge: chargeOfLine(line, 'fee', null), isLate: false }))
  }

  async function linesOf(
    contract: Contract,
    { piece }: RatedPiece,
    closesAt: Instant,
    coupons: readonly AppliedCoupon[],
    db: Db,
  ): Promise<WantedLine[]> {
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
      coupons: percentagesOf(coupons),
    })
    const reading = queries.length === 0 ? null : excerpt(usage, queries)
    const discounts = couponDiscounts(coupons, { planKey: term.planKey, rateCardKey: card.key })
    const isLate = endsAt < closesAt && term.endsAt !== endsAt
    return lines.map((line) => ({
      line,
      charge: { ...chargeFor(line, lines, reading), discounts },
      isLate,
    }))
  }
}

/** Amounts are off the whole invoice, whose lines are not all known where one of them is rated. */
function percentagesOf(coupons: readonly AppliedCoupon[]): AppliedCoupon[] {
  return coupons.filter(({ off }) => off.type === 'percentage')
}

function reducedTo({ line, charge, isLate }: WantedLine, reduced: InvoiceLine): WantedLine {
  const takenMinor = line.amountMinor - reduced.amountMinor
  return {
    line: reduced,
    charge: { ...charge, amountMinor: charge.amountMinor - takenMinor },
    isLate,
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

function itemOf({ line, charge, isLate }: WantedLine): WantedItem {
  const { startsAt } = line.servicePeriod
  const since = isLate ? ` (from ${formatInstant(startsAt).slice(0, 10)})` : ''
  return {
    lineKey: line.key,
    description: `${lineText(line)}${since}${couponsOn(line)}`,
    amountMinor: line.amountMinor,
    period: line.servicePeriod,
    rateCardKey: line.rateCardKey,
    derivation: line.derivation,
    charge,
  }
}

/** The customer sees on the invoice what took something off. */
function couponsOn({ derivation }: InvoiceLine): string {
  const names = derivation.steps.flatMap((step) =>
    step.kind === 'coupon_amount' || (step.kind === 'discount' && step.name !== PLAN_DISCOUNT)
      ? [step.name]
      : [],
  )
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}
