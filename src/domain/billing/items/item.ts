import type { Currency } from '../../../kit/currency.ts'
import type { Period } from '../../../kit/period.ts'
import type { ChargeToBill } from '../charges/billed-charge.ts'
import type { Derivation } from '../derivation.ts'

/** A line that we want to stand on an invoice of Stripe's. */
export interface WantedItem {
  readonly lineKey: string
  readonly description: string
  readonly amountMinor: bigint
  readonly period: Period
  readonly rateCardKey: string | null
  readonly derivation: Derivation
  /** What it becomes once the invoice is final. */
  readonly charge: ChargeToBill
}

export type ItemState = 'wanted' | 'shown' | 'unwanted'

/** The same with its row: written before Stripe is asked, and the idempotency key of the asking. */
export interface InvoiceItem extends WantedItem {
  readonly id: string
  readonly customerId: string
  readonly subscriptionId: string
  readonly invoiceId: string
  readonly currency: Currency
  readonly state: ItemState
  readonly stripeItemId: string | null
  readonly revision: number
}

export type ItemChange =
  | { readonly kind: 'add'; readonly wanted: WantedItem }
  | { readonly kind: 'rewrite'; readonly item: InvoiceItem; readonly wanted: WantedItem }
  /** The words are those Stripe shows; what the charge is made of may still be newer. */
  | { readonly kind: 'keep'; readonly item: InvoiceItem; readonly wanted: WantedItem }
  | { readonly kind: 'drop'; readonly item: InvoiceItem }

/** What has to change for a draft to show exactly these lines. */
export function decideItems(
  items: readonly InvoiceItem[],
  wanted: readonly WantedItem[],
): ItemChange[] {
  const left = new Map(items.map((item) => [item.lineKey, item]))
  const changes = wanted.map((line): ItemChange => {
    const item = left.get(line.lineKey)
    left.delete(line.lineKey)
    if (item === undefined) return { kind: 'add', wanted: line }
    const isSame =
      item.state !== 'unwanted' &&
      item.amountMinor === line.amountMinor &&
      item.description === line.description
    return { kind: isSame ? 'keep' : 'rewrite', item, wanted: line }
  })
  const dropped = [...left.values()].filter(({ state }) => state !== 'unwanted')
  return [...changes, ...dropped.map((item): ItemChange => ({ kind: 'drop', item }))]
}
