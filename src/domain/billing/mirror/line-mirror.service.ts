import { toMajorString } from '../../../kit/money.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { StripeInvoice, StripeInvoiceLine } from '../../../stripe/invoices.ts'
import type { Connected, Connections } from '../../connections/service.ts'
import type { FindingInput } from '../../findings/finding.ts'
import type { Findings } from '../../findings/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import type { Charges } from '../charges/service.ts'
import type { Invoice, StoredLine } from '../invoice.ts'
import type { Items } from '../items/service.ts'
import type { Difference } from './difference.ts'
import type { Explanation, Explanations } from './explanation.service.ts'
import type { StripeLineFacts } from './line-group.ts'

interface LineMirrorDeps {
  readonly charges: Charges
  readonly connections: Connections
  readonly explanations: Explanations
  readonly findings: Findings
  readonly items: Items
}

export type MirroredLine = Omit<StoredLine, 'id'> & { readonly stripeLineId: string }

/** The lines of an invoice of Stripe's, and what our rules say about them. */
export interface MirroredLines {
  readonly lines: readonly MirroredLine[]
  readonly explanation: Explanation | null
  readonly shownItemIds: ReadonlySet<string>
}

export type LineMirror = ReturnType<typeof createLineMirror>

/** Mirrors the lines of Stripe's invoices, each with the reason our rules have for it. */
export function createLineMirror(deps: LineMirrorDeps) {
  const { charges, connections, explanations, findings, items } = deps

  return {
    async read(
      tx: Db,
      connected: Connected,
      stripe: StripeInvoice,
      invoice: Invoice,
      subscription: Subscription | undefined,
    ): Promise<MirroredLines> {
      const facts: StripeLineFacts[] = []
      for (const line of stripe.lines) facts.push(await factsOf(tx, connected, line))
      const explanation =
        subscription === undefined ? null : await explanations.explain(tx, subscription, facts)
      const own = new Map(
        (await items.of(invoice.mode, invoice.id, tx)).map((item) => [item.id, item]),
      )
      const lines = stripe.lines.map((line, i) => {
        const item = own.get(line.itemId ?? '')
        const explained = explanation?.lines.get(i)
        return {
          ...toLine(line),
          rateCardKey: item?.rateCardKey ?? facts[i]?.rateCardKey ?? null,
          lineKey: item?.lineKey ?? explained?.lineKey ?? null,
          derivation: item?.derivation ?? explained?.derivation ?? null,
        }
      })
      const shownItemIds = new Set(stripe.lines.flatMap(({ itemId }) => itemId ?? []))
      return { lines, explanation, shownItemIds }
    },

    /** The invoice is final: what it charges is billed, and what it charges otherwise than we would is told. */
    async settle(
      tx: Db,
      { mode, id }: Subscription,
      invoice: Invoice,
      { explanation, shownItemIds }: MirroredLines,
    ): Promise<void> {
      const shown = await items.settle(tx, mode, invoice.id, shownItemIds)
      await charges.bill(tx, mode, id, invoice.id, [
        ...(explanation?.charges ?? []),
        ...shown.map(({ charge }) => charge),
      ])
      for (const difference of explanation?.differences ?? []) {
        await findings.report(tx, findingOf(invoice, difference))
      }
    },
  }

  async function factsOf(
    tx: Db,
    { scope }: Connected,
    line: StripeInvoiceLine,
  ): Promise<StripeLineFacts> {
    const { priceId, ...facts } = line
    const entityId =
      priceId === null ? undefined : await connections.entityId(scope, 'rate_card', priceId, tx)
    const [planKey = null, rateCardKey = null] = entityId?.split('/') ?? []
    return { ...facts, planKey, rateCardKey }
  }
}

function toLine(
  line: StripeInvoiceLine,
): Omit<MirroredLine, 'rateCardKey' | 'lineKey' | 'derivation'> {
  return {
    description: line.description,
    quantity: line.quantity,
    unitAmountDecimal: line.unitAmountDecimal,
    amountMinor: line.amountMinor,
    isProration: line.isProration,
    startsAt: line.startsAt,
    endsAt: line.endsAt,
    stripeLineId: line.id,
  }
}

function findingOf(invoice: Invoice, difference: Difference): FindingInput {
  const { currency, number } = invoice
  const { category, rateCardKey, period, oursMinor, theirsMinor, why } = difference
  const amount = (amountMinor: bigint) => toMajorString({ amountMinor, currency })
  return {
    mode: invoice.mode,
    category,
    state: category === 'amount' ? 'open' : 'explained',
    subjectKind: 'invoice',
    subjectId: invoice.id,
    customerId: invoice.customerId,
    summary:
      `${rateCardKey} on ${number ?? 'an invoice'}: Stripe charged ${amount(theirsMinor)} ${currency}, ` +
      `our rules make it ${amount(oursMinor)}. ${why}`,
    ours: { amount: amount(oursMinor) },
    theirs: { amount: amount(theirsMinor) },
    dedupeKey: `invoice:${invoice.id}:${rateCardKey}:${period.startsAt}`,
  }
}
