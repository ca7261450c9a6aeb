import type { ReactNode } from 'react'
import { formatChange } from './format.ts'
import { Sparkline } from './sparkline.tsx'
import styles from './stat.module.css'

interface StatProps {
  readonly label: string
  readonly value: ReactNode
  /** Against the period before, as a share; `isGoodWhenUp` says which direction is good news. */
  readonly change?: number | undefined
  readonly isGoodWhenUp?: boolean
  readonly note?: ReactNode
  readonly trend?: { readonly values: readonly number[]; readonly summary: string }
}

/** One number that matters. It stands in a link to the list it counts, or in a card of its own. */
export function Stat({ label, value, change, isGoodWhenUp = true, note, trend }: StatProps) {
  return (
    <div className={styles.stat}>
      <p className={styles.label}>{label}</p>
      <p className={styles.value}>{value}</p>
      {(change !== undefined || note !== undefined) && (
        <div className={styles.note}>
          {change !== undefined && <Change share={change} isGoodWhenUp={isGoodWhenUp} />}
          {note}
        </div>
      )}
      {trend !== undefined && <Sparkline values={trend.values} summary={trend.summary} />}
    </div>
  )
}

function Change({
  share,
  isGoodWhenUp,
}: {
  readonly share: number
  readonly isGoodWhenUp: boolean
}) {
  const isGood = share > 0 === isGoodWhenUp
  return (
    <span className={styles.change} data-tone={share === 0 ? undefined : isGood ? 'good' : 'bad'}>
      {formatChange(share)}
    </span>
  )
}
