import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Meter } from '../catalog/meter.ts'
import { isUsagePrice, type RateCard } from '../catalog/plan.ts'
import type { Period } from '../../kit/period.ts'
import { transportOf } from '../catalog/stripe-price.ts'
import { lineKey } from './lines.ts'
import { type Piece, piecesEndingIn, piecesTouching } from './pieces.ts'
import { allowanceOf, slicesOf } from './rating/included-units.ts'
import { priceOf } from './rating/rate-card.ts'
import type { Term } from './terms.ts'

interface Known {
  readonly currency: Currency
  readonly terms: readonly Term[]
  readonly meters: ReadonlyMap<string, Meter>
  /** No Stripe subscription bills anything of it, whatever its plans say: every charge is an item of ours. */
  readonly isAllBilledHere: boolean
}

/**
 * Whether a piece of a card on a Stripe subscription is charged by an item that we rate. Some cards always are, because
 * Stripe has no words for them. Usage is where a change of plan cuts a period in two: Stripe takes the usage of a price
 * that goes for what it heard of by then, and gives the allowance of the one that comes in full once more.
 */
export function isRatedHere(
  piece: Piece,
  { currency, meters, isAllBilledHere }: Omit<Known, 'terms'>,
): boolean {
  const { card, term } = piece
  const meter = card.featureKey === null ? undefined : meters.get(card.featureKey)
  const transport = transportOf(card, currency, meter)
  if (transport === undefined) return false
  const isBilledHere = isAllBilledHere || term.definition.engine !== 'stripe_subscription'
  if (isBilledHere || transport.kind === 'invoice_items') return true
  const price = priceOf(card, currency)
  if (price === undefined || price.type === 'flat') return false
  if (isCutByChange(piece) || (term.isOpenedHere && piece.startsAt === term.startsAt)) return true
  return slicesOf(piece, allowanceOf(card, price)).some(
    ({ countsFrom, startsAt }) => countsFrom < startsAt,
  )
}

function isCutByChange({ term, whole, startsAt, endsAt }: Piece): boolean {
  if (whole === null) return false
  const comesInside =
    isChange(term.startsBy) && startsAt === term.startsAt && startsAt > whole.startsAt
  const goesInside = isChange(term.endsBy) && endsAt === term.endsAt && endsAt < whole.endsAt
  return comesInside || goesInside
}

const CUTS: ReadonlySet<NonNullable<Term['startsBy'] | Term['endsBy']>> = new Set([
  'change',
  'migrate',
  'override',
  'pause',
  'resume',
])

function isChange(by: Term['startsBy'] | Term['endsBy']): boolean {
  return by !== null && CUTS.has(by)
}

/** Whether usage of a meter in a stretch of time is for Stripe to bill: only that is reported to it. */
export function isForStripe(known: Known, meterKey: string, window: Period): boolean {
  const pieces = known.terms.flatMap((term) =>
    term.phase.rateCards
      .filter(({ featureKey }) => known.meters.get(featureKey ?? '')?.key === meterKey)
      .flatMap((card) => piecesTouching(term, card, window)),
  )
  const charged = pieces.filter(({ card }) => {
    return transportOf(card, known.currency, known.meters.get(card.featureKey ?? '')) !== undefined
  })
  return charged.length > 0 && charged.every((piece) => !isRatedHere(piece, known))
}

/** A piece that has ended and is charged here, with the key of its line. */
export interface RatedPiece {
  readonly piece: Piece
  readonly lineKey: string
}

/** Everything that is charged here and ended after one instant and up to another. */
export function piecesRatedHere(known: Known, after: Instant, until: Instant): RatedPiece[] {
  const window = { startsAt: after, endsAt: until }
  return known.terms.flatMap((term) =>
    term.phase.rateCards.flatMap((card) =>
      arrearsPieces(term, card, window, known).map((piece) => ({
        piece,
        lineKey: lineKey(kindOf(card, known.currency), term, card.key, piece.startsAt),
      })),
    ),
  )
}

function arrearsPieces(
  term: Term,
  card: RateCard,
  window: { readonly startsAt: Instant; readonly endsAt: Instant },
  known: Known,
): Piece[] {
  const price = priceOf(card, known.currency)
  const isArrears =
    price !== undefined && (price.type !== 'flat' || price.paymentTerm === 'in_arrears')
  if (!isArrears) return []
  return piecesEndingIn(term, card, window).filter((piece) => isRatedHere(piece, known))
}

function kindOf(card: RateCard, currency: Currency): 'fee' | 'usage' {
  const price = priceOf(card, currency)
  return price !== undefined && isUsagePrice(price) ? 'usage' : 'fee'
}
