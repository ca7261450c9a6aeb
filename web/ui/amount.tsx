import styles from './amount.module.css'
import { type Amount as AmountValue, formatAmount, formatCredit } from './format.ts'

interface AmountProps {
  readonly value: AmountValue
  /** A credit or a refund: drawn with its sign and in the colour of money coming back. */
  readonly isCredit?: boolean
}

/** Money, with its currency, in figures that line up. */
export function Amount({ value, isCredit = false }: AmountProps) {
  return (
    <span className={styles.amount} data-credit={isCredit || undefined}>
      {isCredit ? formatCredit(value) : formatAmount(value)}
    </span>
  )
}
