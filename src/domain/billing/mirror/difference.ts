import type { Period } from '../../../kit/period.ts'
import type { LineGroup } from './line-group.ts'

/** A charge of Stripe's that is not what our rules make of it. */
export interface Difference {
  readonly category: 'amount' | 'rounding' | 'late'
  readonly rateCardKey: string
  readonly period: Period
  readonly oursMinor: bigint
  readonly theirsMinor: bigint
  readonly why: string
}

/** Why Stripe's amount is not ours, as far as the lines tell. Null: it is. */
export function differenceOf(
  { chargedMinor: theirsMinor, card, startsAt, endsAt, lines }: LineGroup,
  oursMinor: bigint,
  /** What our rules make of the quantity that stands on Stripe's lines; null where lines show none. */
  atTheirQuantityMinor: bigint | null,
): Difference | null {
  if (theirsMinor === oursMinor) return null
  const common = { rateCardKey: card.key, period: { startsAt, endsAt }, oursMinor, theirsMinor }
  const isRounding = (expectedMinor: bigint | null): boolean =>
    expectedMinor !== null &&
    lines.length > 1 &&
    magnitude(theirsMinor - expectedMinor) < BigInt(lines.length)
  if (isRounding(oursMinor)) {
    const why = 'Stripe rounds each tier on its own, we round their sum once.'
    return { category: 'rounding', ...common, why }
  }
  if (atTheirQuantityMinor === theirsMinor || isRounding(atTheirQuantityMinor)) {
    const why = 'Stripe billed another quantity than it was told of; the next invoice evens it out.'
    return { category: 'late', ...common, why }
  }
  return { category: 'amount', ...common, why: 'The price in Stripe is not the one of the plan.' }
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
