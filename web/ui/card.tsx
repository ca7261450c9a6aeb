import { type ReactNode, useId } from 'react'
import styles from './card.module.css'

interface CardProps {
  readonly title?: ReactNode
  readonly description?: ReactNode
  /** Beside the title: a link, a menu, a range picker. */
  readonly actions?: ReactNode
  readonly footer?: ReactNode
  /** Content that brings its own edges, such as a table, reaches the card's. */
  readonly isFlush?: boolean
  readonly children?: ReactNode
}

export function Card({
  title,
  description,
  actions,
  footer,
  isFlush = false,
  children,
}: CardProps) {
  const titleId = useId()
  const hasHeader = title !== undefined || actions !== undefined
  return (
    <section
      className={styles.card}
      data-flush={isFlush || undefined}
      aria-labelledby={title === undefined ? undefined : titleId}
    >
      {hasHeader && (
        <header className={styles.header}>
          <div className={styles.heading}>
            <h2 className={styles.title} id={titleId}>
              {title}
            </h2>
            {description !== undefined && <div className={styles.description}>{description}</div>}
          </div>
          {actions !== undefined && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      {children !== undefined && <div className={styles.body}>{children}</div>}
      {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
    </section>
  )
}
