import { FRACTION_ONE, FRACTION_ZERO, fraction, type Fraction } from '../../kit/fraction.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { RateCard } from '../catalog/plan.ts'
import { type Term, wholePeriodAt } from './terms.ts'

/**
 * The unit of charging: one period of a rate card, as far as the term reaches. A stub, a phase that ends in the middle,
 * a change and a cancellation all leave pieces that are shorter than their whole period, and are charged alike.
 */
export interface Piece extends Period {
  readonly term: Term
  readonly card: RateCard
  /** The card's whole period; null for what is charged once per phase. */
  readonly whole: Period | null
}

/** What is charged in advance on an invoice that opens `window`: the pieces that begin in it. */
export function piecesStartingIn(term: Term, card: RateCard, window: Period): Piece[] {
  if (card.billingCadence === null) {
    const isDue = isRunning(term) && within(term.startsAt, window)
    return isDue ? [oncePiece(term, card, window)] : []
  }
  return piecesTouching(term, card, window).filter(({ startsAt }) => within(startsAt, window))
}

/** What is charged afterwards on an invoice that closes `window`: the pieces that end in it. */
export function piecesEndingIn(term: Term, card: RateCard, window: Period): Piece[] {
  if (card.billingCadence === null) {
    const endsAt = term.endsAt ?? Number.POSITIVE_INFINITY
    const isDue = isRunning(term) && window.startsAt < endsAt && endsAt <= window.endsAt
    return isDue ? [{ term, card, whole: null, startsAt: term.startsAt, endsAt }] : []
  }
  return piecesTouching(term, card, window).filter(
    ({ endsAt }) => window.startsAt < endsAt && endsAt <= window.endsAt,
  )
}

/** The piece of a card's period around an instant of its term. */
export function pieceAt(term: Term, card: RateCard, cadence: string, at: Instant): Piece {
  const whole = wholePeriodAt(term, cadence, at)
  return {
    term,
    card,
    whole,
    startsAt: Math.max(whole.startsAt, term.startsAt),
    endsAt: Math.min(whole.endsAt, term.endsAt ?? whole.endsAt),
  }
}

/** How much of a period's fee a piece costs. */
export function feeShare(piece: Piece): Fraction {
  const part = feePart(piece)
  return part === null ? FRACTION_ZERO : timeShare({ ...part, whole: piece.whole })
}

/** Neither a migration to the next version of a plan, nor an override, nor a pause charges the set-up fee again. */
const BEGINS_ANEW: ReadonlySet<Term['startsBy']> = new Set(['subscribe', 'phase', 'change'])

/** The time a piece's fee is for: the piece, unless a change without proration shifts where fees begin or end. */
export function feePart(piece: Piece): Period | null {
  const { term, card, whole } = piece
  if (whole === null) {
    return BEGINS_ANEW.has(term.startsBy)
      ? { startsAt: piece.startsAt, endsAt: piece.endsAt }
      : null
  }
  const isFirst = piece.startsAt === term.startsAt && whole.startsAt < term.startsAt
  if (isFirst && term.feesPaidBefore.includes(card.key)) return null
  const startsAt = Math.max(piece.startsAt, term.feesFrom)
  const isLast = piece.endsAt === term.endsAt && term.feesUntil !== null
  const reach = term.feesPaidBeyond.includes(card.key) ? whole.endsAt : term.feesUntil
  const endsAt = isLast ? Math.min(whole.endsAt, reach ?? whole.endsAt) : piece.endsAt
  return startsAt < endsAt ? { startsAt, endsAt } : null
}

/** The part of its whole period that a piece covers. */
export function timeShare({ startsAt, endsAt, whole }: Pick<Piece, keyof Period | 'whole'>) {
  if (whole === null || (startsAt === whole.startsAt && endsAt === whole.endsAt))
    return FRACTION_ONE
  return fraction(endsAt - startsAt, whole.endsAt - whole.startsAt)
}

/** Pieces that touch the window, in time order. Validation bounds how many periods of a card fit into one of a plan. */
export function piecesTouching(term: Term, card: RateCard, window: Period): Piece[] {
  const pieces: Piece[] = []
  if (card.billingCadence === null) return pieces
  const until = Math.min(term.endsAt ?? Number.POSITIVE_INFINITY, window.endsAt)
  let at = Math.max(term.startsAt, window.startsAt)
  while (at < until) {
    const piece = pieceAt(term, card, card.billingCadence, at)
    pieces.push(piece)
    at = piece.endsAt
  }
  return pieces
}

function oncePiece(term: Term, card: RateCard, window: Period): Piece {
  const endsAt = Math.min(term.endsAt ?? window.endsAt, window.endsAt)
  return { term, card, whole: null, startsAt: term.startsAt, endsAt }
}

function isRunning({ startsAt, endsAt }: Term): boolean {
  return endsAt === null || startsAt < endsAt
}

function within(at: Instant, { startsAt, endsAt }: Period): boolean {
  return startsAt <= at && at < endsAt
}
