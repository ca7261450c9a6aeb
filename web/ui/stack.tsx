import type { CSSProperties, ReactNode } from 'react'
import styles from './stack.module.css'

export type Space = 1 | 2 | 3 | 4 | 5 | 6 | 8 | 10 | 12 | 16

interface StackProps {
  readonly gap?: Space
  readonly direction?: 'column' | 'row'
  readonly align?: 'start' | 'center' | 'end' | 'baseline' | 'stretch'
  readonly justify?: 'start' | 'center' | 'end' | 'between'
  readonly canWrap?: boolean
  readonly children: ReactNode
}

/** Puts things under or beside one another with one distance of the grid. Components have no outer margins. */
export function Stack({
  gap = 4,
  direction = 'column',
  align,
  justify,
  canWrap = false,
  children,
}: StackProps) {
  return (
    <div
      className={styles.stack}
      data-direction={direction}
      data-align={align ?? (direction === 'row' ? 'center' : 'stretch')}
      data-justify={justify}
      data-wrap={canWrap || undefined}
      style={{ '--gap': `var(--space-${gap})` } as CSSProperties}
    >
      {children}
    </div>
  )
}
