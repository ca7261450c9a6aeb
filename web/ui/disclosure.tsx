import type { ReactNode } from 'react'
import styles from './disclosure.module.css'
import { Icon } from './icon.tsx'

interface DisclosureProps {
  /** What opens: "Explain", "3 price steps". */
  readonly label: ReactNode
  readonly children: ReactNode
}

/** Detail that is there for those who ask. */
export function Disclosure({ label, children }: DisclosureProps) {
  return (
    <details className={styles.disclosure}>
      <summary className={styles.summary}>
        <Icon name="chevron-right" size="sm" />
        {label}
      </summary>
      <div className={styles.content}>{children}</div>
    </details>
  )
}
