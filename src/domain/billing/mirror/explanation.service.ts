import type { Db } from '../../../platform/database/database.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import { type ChargeToBill, chargeOfLine, excerpt } from '../charges/billed-charge.ts'
import type { Derivation } from '../derivation.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { pieceAt } from '../pieces.ts'
import { isRatedHere } from '../rated-here.ts'
import type { Contract, Rating } from '../rating.service.ts'
import { distinctQueries, usageQueryKey, type UsageReading } from '../usage-reading.ts'
import { dealOut } from './deal-out.ts'
import { type Difference, differenceOf } from './difference.ts'
import {
  groupLines,
  groupQueries,
  type LineGroup,
  quantityOnLines,
  rateGroup,
  type StripeLineFacts,
} from './line-group.ts'

/** What our rules say about the lines of an invoice that Stripe made. */
export interface Explanation {
  /** By the position of the line. */
  readonly lines: ReadonlyMap<number, ExplainedLine>
  readonly differences: readonly Difference[]
  /** What Stripe charges, to be kept once the invoice is final. */
  readonly charges: readonly ChargeToBill[]
}

export interface ExplainedLine {
  readonly lineKey: string
  readonly derivation: Derivation
}

export type Explanations = ReturnType<typeof createExplanations>

/** Rates what Stripe charged once more by our own rules: for the reason of every cent, and for the cent that is wrong. */
export function createExplanations({ rating }: { readonly rating: Rating }) {
  async function explainGroup(
    contract: Contract,
    group: LineGroup,
    reading: UsageReading,
  ): Promise<
    Pick<Explanation, 'differences' | 'charges'> & { readonly explained: ExplainedLine[] }
  > {
    const line = rateGroup(group, contract, reading)
    const oursMinor = line?.amountMinor ?? 0n
    const theirs = atTheirQuantity(contract, group, reading)
    const difference = differenceOf(group, oursMinor, theirs.amountMinor)
    const kept =
      difference?.category === 'late' ? theirs : { reading, derivation: line?.derivation }
    const queries = groupQueries(group, contract)
    const derivations =
      kept.derivation === undefined ? [] : dealOut(kept.derivation, group, contract.currency)
    const isOurs = line === undefined || isItem(contract, group, line)
    return {
      explained:
        line === undefined
          ? []
          : derivations.map((derivation) => ({ lineKey: line.key, derivation })),
      differences: difference === null ? [] : [difference],
      charges: isOurs
        ? []
        : [chargeOf(line, group, queries.length > 0 ? excerpt(kept.reading, queries) : null)],
    }
  }

  return {
    async explain(
      tx: Db,
      subscription: Subscription,
      lines: readonly StripeLineFacts[],
    ): Promise<Explanation> {
      const contract = await rating.contractOf(subscription, tx)
      const groups = groupLines(lines, contract)
      const queries = distinctQueries(groups.flatMap((group) => groupQueries(group, contract)))
      // Stripe can have billed only what it was told of; what else was counted is late usage.
      const reading = await rating.read(contract, queries, 'reported', tx)
      const explainedLines = new Map<number, ExplainedLine>()
      const differences: Difference[] = []
      const charges: ChargeToBill[] = []
      for (const group of groups) {
        const explained = await explainGroup(contract, group, reading)
        for (const [i, line] of explained.explained.entries()) {
          const at = group.indexes[i]
          if (at !== undefined) explainedLines.set(at, line)
        }
        differences.push(...explained.differences)
        charges.push(...explained.charges)
      }
      return { lines: explainedLines, differences, charges }
    },
  }
}

/** The line is there because the price is; what it charges is on an item of ours. */
function isItem(contract: Contract, { term, card }: LineGroup, line: InvoiceLine): boolean {
  const { startsAt } = line.servicePeriod
  const piece =
    card.billingCadence === null
      ? { ...line.servicePeriod, term, card, whole: null }
      : pieceAt(term, card, card.billingCadence, startsAt)
  return line.kind === 'usage' && isRatedHere(piece, contract)
}

/** What stands on the invoice, under the name our rules have for it. */
function chargeOf(
  line: InvoiceLine,
  { chargedMinor, lines }: LineGroup,
  reading: UsageReading | null,
): ChargeToBill {
  const discountMinor = lines.reduce((sum, { discountMinor: off }) => sum + off, 0n)
  return {
    ...chargeOfLine(line, reading === null ? 'fee' : 'usage', reading),
    grossMinor: chargedMinor,
    amountMinor: chargedMinor - discountMinor,
  }
}

/** What our rules make of the number of units that stands on Stripe's lines. */
function atTheirQuantity(
  contract: Contract,
  group: LineGroup,
  reading: UsageReading,
): { amountMinor: bigint | null; reading: UsageReading; derivation: Derivation | undefined } {
  const [query, ...more] = groupQueries(group, contract)
  const isComparable = query !== undefined && more.length === 0 && query.dimensions.length === 0
  if (!isComparable) return { amountMinor: null, reading, derivation: undefined }
  const quantity = quantityOnLines(group)
  const theirs: UsageReading = new Map([
    [usageQueryKey(query), [{ dimensions: {}, quantity, eventCount: 0n, eventValues: [] }]],
  ])
  const line = rateGroup(group, contract, theirs)
  return { amountMinor: line?.amountMinor ?? 0n, reading: theirs, derivation: line?.derivation }
}
