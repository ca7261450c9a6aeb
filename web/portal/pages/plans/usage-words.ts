import { add, decimal, formatDecimal, subtract, ZERO } from '../../../../src/kit/decimal.ts'
import { formatQuantity } from '../../../ui/format.ts'
import { perDuration, windowWords } from '../../../ui/pricing/duration-words.ts'
import { cardWords } from '../../../ui/pricing/plan-words.ts'
import {
  perUnit,
  plural,
  type Price,
  priceWords,
  type RateCard,
  unitsOf,
} from '../../../ui/pricing/price-words.ts'

/**
 * How usage of a feature is sold. `capped` ends at a limit, `included` costs nothing up to one and something beyond,
 * `payAsYouGo` is billed from the first unit. `generic` is what none of these words is true of.
 */
export type UsageShape = 'capped' | 'included' | 'payAsYouGo' | 'generic'

export interface UsageWords {
  readonly shape: UsageShape
  /** The feature's name. */
  readonly label: string
  /** `includes 10,000 requests per month, then $2.00 per 1,000`. */
  readonly text: string
  /** The whole price list, where one line is too short for it. */
  readonly details: readonly string[]
}

interface UsageContext {
  readonly currency: string
  readonly label: string
  /** What the meter counts, in the singular. */
  readonly unit: string
  /** The cadence a sentence has named already; a quota of the same length need not say it again. */
  readonly saidPeriod?: string | undefined
}

type UsagePrice = Exclude<Price, { type: 'flat' }>
type TieredPrice = Extract<Price, { type: 'tiered' }>
type Metered = Extract<NonNullable<RateCard['entitlement']>, { type: 'metered' }>
type Described = Omit<UsageWords, 'label'>
type Said = Pick<Described, 'text' | 'details'>

const MAX_TIERS_IN_A_LINE = 3

/** What of a rate card concerns usage, in one line; undefined for a fee, a switch or a fixed value. */
export function usageWords(card: RateCard, context: UsageContext): UsageWords | undefined {
  const { currency, label, unit } = context
  const price = usagePriceOf(card, currency)
  const entitlement = card.entitlement?.type === 'metered' ? card.entitlement : undefined
  if (price === undefined && entitlement === undefined) return undefined
  const { terms } = cardWords(card, currency, unit)
  const words = describe(price, entitlement, { ...context, unit: pricedUnit(card, unit) })
  return { label, ...words, text: [words.text, ...terms].join(', ') }
}

/** What of a rate card is billed by usage, if anything. */
export function usagePriceOf(card: RateCard, currency: string): UsagePrice | undefined {
  const price = card.prices?.[currency]
  return price === undefined || price.type === 'flat' ? undefined : price
}

function describe(
  price: UsagePrice | undefined,
  entitlement: Metered | undefined,
  context: UsageContext,
): Described {
  const { unit, saidPeriod } = context
  const all = price && sayPrice(price, context)
  const limit = entitlement?.issueAfterReset ?? null
  if (entitlement === undefined) return fromTheFirst(price, all, context)

  const { usagePeriod, onLimit } = entitlement
  const period = usagePeriod === saidPeriod ? '' : ` ${perDuration(usagePeriod)}`
  const amount = limit === null ? `unlimited ${plural(unit)}` : `${unitsOf(limit, unit)}${period}`
  // Without a price nothing is billed, and a limit that only warns bills nothing whatever the price says.
  if (price === undefined || all === undefined || onLimit === 'warn') {
    return unbilled(entitlement, amount, unit)
  }
  if (onLimit === 'bill_overage') {
    if (limit === null) return generic({ text: amount, details: [] })
    if (decimal(limit) === ZERO) return fromTheFirst(price, all, context)
    const { text, details } = sayPrice(price, context, limit)
    return { shape: 'included', text: `includes ${amount}, then ${text}`, details }
  }
  if (limit === null) return fromTheFirst(price, all, context)
  const { text, details } = all
  if (onLimit === 'block') return { shape: 'capped', text: `${text}, stops at ${amount}`, details }
  return generic({ text: `${text}, beyond ${amount} ${slowed(entitlement, unit)}`, details })
}

/** A quota that has no price. */
function unbilled(entitlement: Metered, amount: string, unit: string): Described {
  const { issueAfterReset, onLimit } = entitlement
  if (issueAfterReset === null) return generic({ text: amount, details: [] })
  if (onLimit === 'block') return { shape: 'capped', text: `${amount}, then stops`, details: [] }
  const beyond =
    onLimit === 'throttle' ? `then ${slowed(entitlement, unit)}` : 'more is not refused'
  return generic({ text: `${amount}, ${beyond}`, details: [] })
}

/** Shares of amounts, and prices that come with the events, make no claim about the price of a unit. */
function fromTheFirst(
  price: UsagePrice | undefined,
  said: Said | undefined,
  { unit }: UsageContext,
): Described {
  if (price === undefined || said === undefined) return generic({ text: plural(unit), details: [] })
  const isClaim = price.type !== 'percentage' && price.type !== 'dynamic'
  return isClaim ? { shape: 'payAsYouGo', ...said } : generic(said)
}

function generic(said: Said): Described {
  return { shape: 'generic', ...said }
}

function slowed({ throttle }: Metered, unit: string): string {
  if (throttle === null) return 'slowed down'
  const speed = unitsOf(String(throttle.limit), unit)
  return `slowed down to ${speed} per ${windowWords(throttle.windowSeconds)}`
}

/**
 * The price in one line: of all units, or of those beyond what is included. Tiers that contain the allowance as their
 * free first one go on behind it, others begin anew there; either way customers count from their first unit, so the
 * bounds move along.
 */
function sayPrice(price: UsagePrice, { currency, unit }: UsageContext, included?: string): Said {
  const each = (amount: string, isSaid: boolean) => {
    const words = perUnit(amount, currency, unit)
    return isSaid ? withoutUnit(words, unit) : words
  }
  const isSaid = included !== undefined
  switch (price.type) {
    case 'unit':
      return { text: each(price.amount, isSaid), details: [] }
    case 'tiered': {
      const paidFrom = isSaid ? freeTierBound(price) : undefined
      const shift = subtract(decimal(included ?? '0'), decimal(paidFrom ?? '0'))
      const tiers = paidFrom === undefined ? price.tiers : price.tiers.slice(1)
      const lines = tiers.map((tier, index) => {
        const isFirst = index === 0 && paidFrom === undefined
        const bound = tier.upToAmount && formatDecimal(add(decimal(tier.upToAmount), shift))
        return [
          price.mode === 'volume' && 'all at ',
          each(tier.unitPrice ?? '0', isSaid || index > 0),
          // The first tier's flat price is a fee, and said with the fees.
          !isFirst && isCharged(tier.flatPrice) && ` plus ${perUnit(tier.flatPrice, currency, '')}`,
          bound !== null && ` up to ${formatQuantity(bound)}`,
        ]
          .filter((part) => part !== false)
          .join('')
      })
      if (lines.length <= MAX_TIERS_IN_A_LINE) {
        return { text: lines.join(price.mode === 'volume' ? ', ' : ', then '), details: [] }
      }
      const ends = priceRange(tiers.map(({ unitPrice }) => unitPrice ?? '0'))
      return {
        text: `${ends.map((end) => each(end, isSaid)).join(' to ')} by volume`,
        details: lines,
      }
    }
    case 'matrix': {
      const ends = priceRange([...price.cells.map(({ amount }) => amount), price.defaultAmount])
      const by = price.dimensions.join(' and ').replaceAll('_', ' ')
      const text = `${ends.map((end) => each(end, isSaid)).join(' to ')}, by ${by}`
      return { text, details: priceWords(price, currency, unit) }
    }
    default:
      return { text: priceWords(price, currency, unit).join(', '), details: [] }
  }
}

function isCharged(amount: string | null): amount is string {
  return amount !== null && decimal(amount) !== ZERO
}

/** The lowest and the highest, or the one there is. */
function priceRange(amounts: readonly string[]): string[] {
  const sorted = amounts.toSorted((a, b) => Number(decimal(a) - decimal(b)))
  return [...new Set([sorted[0] ?? '0', sorted.at(-1) ?? '0'])]
}

/** Behind "10,000 requests" a price is `$0.01 each` or `$2.00 per 1,000`. */
function withoutUnit(words: string, unit: string): string {
  if (words.endsWith(` per ${unit}`)) return `${words.slice(0, -` per ${unit}`.length)} each`
  const units = ` ${plural(unit)}`
  return words.endsWith(units) ? words.slice(0, -units.length) : words
}

/** Where a price's own free first tier ends. Volume prices have none: leaving it would charge all. */
function freeTierBound({ mode, tiers }: TieredPrice): string | undefined {
  const [first] = tiers
  if (mode === 'volume' || first === undefined || tiers.length === 1) return undefined
  return isCharged(first.unitPrice) ? undefined : (first.upToAmount ?? undefined)
}

/** Units that were divided have no name of their own: a gigabyte of bytes is `1,000,000,000 bytes`. */
function pricedUnit({ conversion }: RateCard, unit: string): string {
  if (conversion?.operation !== 'divide') return unit
  return unitsOf(conversion.factor, unit)
}
