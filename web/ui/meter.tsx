import { Meter as BaseMeter } from '@base-ui/react/meter'
import type { CSSProperties, ReactNode } from 'react'
import { formatQuantity, formatShare } from './format.ts'
import styles from './meter.module.css'
import { type OnLimit, quotaState } from './quota.ts'

interface MeterProps {
  readonly label: string
  /** Decimal strings, as the API sends quantities. `limit` null is unlimited. */
  readonly used: string
  readonly limit: string | null
  readonly unit?: string
  /** How one quantity reads; money has a currency. */
  readonly format?: (quantity: string) => string
  readonly onLimit?: OnLimit
  /** Below the bar: the reset date, the projected date of exhaustion, what happens beyond. */
  readonly note?: ReactNode
}

/** How much of a quota is used. The bar, the percentage and the word beyond 80 % say the same thing three ways. */
export function Meter({
  label,
  used,
  limit,
  unit = '',
  format = formatQuantity,
  onLimit = 'block',
  note,
}: MeterProps) {
  const { share, level, word } = quotaState(used, limit, onLimit)
  const amount =
    share === undefined
      ? `${format(used)} ${unit}`
      : `${format(used)} of ${format(limit ?? '0')} ${unit}`
  return (
    <BaseMeter.Root
      className={styles.meter}
      data-level={level}
      value={Math.min(share ?? 0, 1)}
      max={1}
      aria-valuetext={`${amount}, ${share === undefined ? (word ?? 'unlimited') : formatShare(share)}`}
    >
      <div className={styles.top}>
        <BaseMeter.Label className={styles.label}>{label}</BaseMeter.Label>
        <span className={styles.share}>
          {word !== undefined && <span className={styles.word}>{word}</span>}
          {share !== undefined && formatShare(share)}
          {share === undefined && word === undefined && 'Unlimited'}
        </span>
      </div>
      {share !== undefined && (
        <BaseMeter.Track className={styles.track}>
          <BaseMeter.Indicator
            className={styles.bar}
            style={{ '--share': `${Math.min(share, 1) * 100}%` } as CSSProperties}
          />
        </BaseMeter.Track>
      )}
      <div className={styles.bottom}>
        <span>{amount}</span>
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </div>
    </BaseMeter.Root>
  )
}
