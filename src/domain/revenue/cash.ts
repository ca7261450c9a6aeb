import type { Currency } from '../../kit/currency.ts'

/** Money in one currency, on one day, in one month or of one plan. */
export interface CashRow {
  /** `2026-03-01`, `2026-03`, or the plan's key; empty for what no plan brought in, such as credits. */
  readonly group: string
  readonly currency: Currency
  readonly invoicedMinor: bigint
  readonly collectedMinor: bigint
  readonly refundedMinor: bigint
  /** In disputes. */
  readonly lostMinor: bigint
}

/** What stays of what came in. */
export function netOf({ collectedMinor, refundedMinor, lostMinor }: CashRow): bigint {
  return collectedMinor - refundedMinor - lostMinor
}
