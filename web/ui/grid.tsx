import type { CSSProperties, ReactNode } from 'react'
import styles from './grid.module.css'
import type { Space } from './stack.tsx'

interface GridProps {
  readonly gap?: Space
  /** As many equal columns as fit at this width. */
  readonly minWidth?: string
  /** Or exactly these on a wide screen, one below the other on a narrow one: `2fr 1fr`. */
  readonly columns?: string
  readonly children: ReactNode
}

export function Grid({ gap = 4, minWidth = '16rem', columns, children }: GridProps) {
  const custom = {
    '--gap': `var(--space-${gap})`,
    '--min-width': minWidth,
    '--columns': columns,
  } as CSSProperties
  return (
    <div className={styles.frame}>
      <div className={styles.grid} data-fixed={columns !== undefined || undefined} style={custom}>
        {children}
      </div>
    </div>
  )
}
