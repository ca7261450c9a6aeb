import type { ReactNode } from 'react'
import styles from './key-value-list.module.css'

interface KeyValueListProps {
  readonly items: readonly { readonly label: string; readonly value: ReactNode }[]
  /** Labels above the values, in as many columns as fit. */
  readonly isStacked?: boolean
}

/** The facts of one object. A missing value reads "–", so that nobody wonders whether it failed to load. */
export function KeyValueList({ items, isStacked = false }: KeyValueListProps) {
  return (
    <dl className={styles.list} data-stacked={isStacked || undefined}>
      {items.map(({ label, value }) => (
        <div key={label} className={styles.item}>
          <dt className={styles.label}>{label}</dt>
          <dd className={styles.value}>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}
