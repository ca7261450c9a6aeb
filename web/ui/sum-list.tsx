import { Amount } from './amount.tsx'
import type { Amount as AmountValue } from './format.ts'
import styles from './sum-list.module.css'

interface SumRow {
  readonly label: string
  readonly value: AmountValue
  /** Taken off: a discount, credit that was used. */
  readonly isCredit?: boolean
  /** What the rows before come to. */
  readonly isStrong?: boolean
  /** Otherwise a row is there when it is not zero. */
  readonly isShown?: boolean
}

/** From the lines of a bill to what is to pay, below their table. */
export function SumList({ rows }: { readonly rows: readonly SumRow[] }) {
  return (
    <dl className={styles.sums}>
      {rows
        .filter(({ value, isShown }) => isShown ?? value.amountMinor !== 0)
        .map(({ label, value, isCredit = false, isStrong }) => (
          <div key={label} className={styles.row} data-strong={isStrong || undefined}>
            <dt>{label}</dt>
            <dd>
              <Amount value={value} isCredit={isCredit} />
            </dd>
          </div>
        ))}
    </dl>
  )
}
