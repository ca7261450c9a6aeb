import type { ReactNode } from 'react'
import styles from './page-header.module.css'

interface PageHeaderProps {
  readonly title: ReactNode
  /** One sentence, or the ids and dates that identify the object. */
  readonly description?: ReactNode
  /** Links up to the list this object is in. */
  readonly breadcrumbs?: ReactNode
  readonly badges?: ReactNode
  /** At most one primary button. */
  readonly actions?: ReactNode
}

export function PageHeader({ title, description, breadcrumbs, badges, actions }: PageHeaderProps) {
  return (
    <header className={styles.header}>
      {breadcrumbs !== undefined && (
        <nav className={styles.breadcrumbs} aria-label="Breadcrumbs">
          {breadcrumbs}
        </nav>
      )}
      <div className={styles.line}>
        <div className={styles.heading}>
          <h1 className={styles.title}>{title}</h1>
          {badges}
        </div>
        {Boolean(actions) && <div className={styles.actions}>{actions}</div>}
      </div>
      {description !== undefined && <div className={styles.description}>{description}</div>}
    </header>
  )
}
