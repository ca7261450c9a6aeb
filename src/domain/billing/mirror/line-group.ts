import { add, type Decimal, parseDecimal, ZERO } from '../../../kit/decimal.ts'
import { SECOND_MS } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import { isUsagePrice, type Price, type RateCard } from '../../catalog/plan.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { rateLines } from '../rate-invoice.ts'
import { type RatedMeter, usageQueries } from '../rating/billable-usage.ts'
import { priceOf, usagePieces } from '../rating/rate-card.ts'
import type { Term } from '../terms.ts'
import type { UsageQuery, UsageReading } from '../usage-reading.ts'

/** A line as Stripe shows it, with the rate card its price stands for. */
export interface StripeLineFacts extends Period {
  readonly planKey: string | null
  readonly rateCardKey: string | null
  /** Before coupons, as Stripe shows it. */
  readonly amountMinor: bigint
  readonly discountMinor: bigint
  readonly quantity: string | null
  readonly unitAmountDecimal: string | null
  readonly isProration: boolean
}

/** The lines Stripe makes of one charge: one for each tier of a metered price, else one. */
export interface LineGroup extends Period {
  readonly term: Term
  readonly card: RateCard
  readonly price: Price
  readonly indexes: readonly number[]
  readonly lines: readonly StripeLineFacts[]
  readonly chargedMinor: bigint
}

interface Known {
  readonly currency: string
  readonly terms: readonly Term[]
  readonly meters: ReadonlyMap<string, RatedMeter>
}

/** Puts the lines together that are one charge of ours. Lines of no rate card, and credits, belong to none. */
export function groupLines(lines: readonly StripeLineFacts[], known: Known): LineGroup[] {
  const charges = lines
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.rateCardKey !== null && !(line.isProration && line.amountMinor < 0n))
  const groups = Map.groupBy(charges, ({ line }) =>
    [line.planKey, line.rateCardKey, line.startsAt, line.endsAt].join('|'),
  )
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    if (first === undefined) return []
    const found = cardOf(first.line, known)
    if (found === undefined) return []
    return [
      {
        ...found,
        startsAt: first.line.startsAt,
        endsAt: first.line.endsAt,
        indexes: members.map(({ index }) => index),
        lines: members.map(({ line }) => line),
        chargedMinor: members.reduce((sum, { line }) => sum + line.amountMinor, 0n),
      },
    ]
  })
}

/** Usage is priced by the term it ends in, a fee by the one it begins in. */
function cardOf(
  { planKey, rateCardKey, startsAt, endsAt }: StripeLineFacts,
  { terms, currency }: Known,
): Pick<LineGroup, 'term' | 'card' | 'price'> | undefined {
  const candidates = terms.flatMap((term) => {
    const card = term.phase.rateCards.find(({ key }) => key === rateCardKey)
    const price = card && priceOf(card, currency)
    return card && price && term.planKey === planKey ? [{ term, card, price }] : []
  })
  return candidates.find(({ term, price }) => {
    const at = isUsagePrice(price) ? endsAt - 1 : startsAt
    return term.startsAt <= at && (term.endsAt === null || at < term.endsAt)
  })
}

/** What metering has to be asked to rate a group. */
export function groupQueries(
  { term, card, price, startsAt, endsAt }: LineGroup,
  known: Known,
): UsageQuery[] {
  if (!isUsagePrice(price)) return []
  return usagePieces(term, card, { startsAt, endsAt }, known).flatMap(usageQueries)
}

/** What our rules make of the same charge. */
export function rateGroup(
  { term, card, price, lines, startsAt, endsAt }: LineGroup,
  known: Known,
  usage: UsageReading,
): InvoiceLine | undefined {
  // What is charged once is charged where its term begins; Stripe dates it with the moment it was put on the invoice.
  const isOnce = card.billingCadence === null
  const window = isOnce
    ? { startsAt: term.startsAt, endsAt: Math.max(endsAt, term.startsAt + SECOND_MS) }
    : { startsAt, endsAt }
  const isUsage = isUsagePrice(price)
  const [line] = rateLines({
    ...known,
    terms: [
      {
        ...(isUsage ? term : asCharged(term, lines, endsAt)),
        phase: { ...term.phase, rateCards: [card] },
      },
    ],
    closing: isUsage ? window : null,
    opening: isUsage ? null : window,
    usage,
    coverage: [],
    lateUsage: [],
    coupons: [],
  })
  return line
}

/** What came within a period was charged to its end. If it is gone before, that is given back on a line of its own. */
function asCharged(term: Term, lines: readonly StripeLineFacts[], until: number): Term {
  const isCut = term.endsAt !== null && term.endsAt < until
  if (!isCut || !lines.every(({ isProration }) => isProration)) return term
  return { ...term, endsAt: until, feesUntil: until }
}

/** How many units Stripe's lines add up to; the flat fee of a tier is a line of its own, and no units. */
export function quantityOnLines({ lines, price }: LineGroup): Decimal {
  return lines.reduce((sum, line) => {
    return isFlatFee(price, line) ? sum : add(sum, parseDecimal(line.quantity ?? '0') ?? ZERO)
  }, ZERO)
}

/** Stripe shows what a tier costs flat as one piece of something. */
export function isFlatFee(
  price: Price,
  { quantity, unitAmountDecimal, amountMinor }: StripeLineFacts,
): boolean {
  const hasFlat = price.type === 'tiered' && price.tiers.some(({ flatPrice }) => flatPrice !== null)
  if (!hasFlat || quantity !== '1' || unitAmountDecimal === null) return false
  const isItsPrice = price.tiers.some(({ unitPrice, flatPrice }) => {
    const flat = parseDecimal(flatPrice ?? '0') ?? ZERO
    const unit = parseDecimal(unitPrice ?? '0') ?? ZERO
    return flat !== ZERO && flat !== unit && sameRatio(unitAmountDecimal, flat)
  })
  return isItsPrice && amountMinor !== 0n
}

/** Minor and major units differ by a power of ten. */
function sameRatio(minorText: string, major: Decimal): boolean {
  const minor = parseDecimal(minorText) ?? ZERO
  return [1n, 100n, 1000n].some((factor) => minor === major * factor)
}
