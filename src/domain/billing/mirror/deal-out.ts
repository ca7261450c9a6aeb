import type { Currency } from '../../../kit/currency.ts'
import { parseDecimal } from '../../../kit/decimal.ts'
import { formatFraction } from '../../../kit/fraction.ts'
import type { Derivation, DerivationStep, TierStep } from '../derivation.ts'
import { fromMinor } from '../rating/rounding.ts'
import { isFlatFee, type LineGroup, type StripeLineFacts } from './line-group.ts'

/**
 * The derivation of a charge, dealt out to the lines Stripe makes of it: each line gets what was measured and, where
 * there are tiers, its own tier.
 */
export function dealOut(
  derivation: Derivation,
  { lines, price }: LineGroup,
  currency: Currency,
): Derivation[] {
  if (lines.length <= 1) return lines.map(() => derivation)
  const measured = derivation.steps.filter(isMeasured)
  const priced = derivation.steps.find(isTiered)
  if (priced === undefined) {
    // What is included is a free tier to Stripe: it costs nothing, and the other line has the whole trail.
    return lines.map(({ amountMinor }) =>
      amountMinor === 0n ? { ...derivation, steps: measured } : derivation,
    )
  }
  const left = [...priced.tiers]
  let current: TierStep | undefined
  return lines.map((line) => {
    const isFlat = isFlatFee(price, line)
    if (!isFlat) current = takeTier(left, line) ?? current
    if (current === undefined) return derivation
    const amount = formatFraction(fromMinor(line.amountMinor, currency))
    const tier: TierStep = isFlat
      ? { ...current, quantity: '0', amount }
      : { ...current, flatAmount: null, amount }
    return { ...derivation, steps: [...measured, { ...priced, tiers: [tier], amount }] }
  })
}

/** Tiers come in the order of the lines; one that a line skips had nothing in it. */
function takeTier(left: TierStep[], { quantity }: StripeLineFacts): TierStep | undefined {
  const wanted = parseDecimal(quantity ?? '0')
  const at = left.findIndex((tier) => parseDecimal(tier.quantity) === wanted)
  return at === -1 ? undefined : left.splice(0, at + 1).at(-1)
}

function isMeasured({ kind }: DerivationStep): boolean {
  return kind === 'override' || kind === 'usage' || kind === 'conversion' || kind === 'included'
}

function isTiered(
  step: DerivationStep,
): step is Extract<DerivationStep, { kind: 'graduated' | 'volume' }> {
  return step.kind === 'graduated' || step.kind === 'volume'
}
