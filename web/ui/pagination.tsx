import { Button } from './button.tsx'
import styles from './pagination.module.css'

interface PaginationProps {
  /** "25 customers"; the API counts no totals, so neither do we. */
  readonly summary: string
  /** Absent where there is nothing in that direction. */
  readonly onFirst?: (() => void) | undefined
  readonly onPrevious?: (() => void) | undefined
  readonly onNext?: (() => void) | undefined
}

/** Steps through a listing by cursor. Renders nothing but the summary when everything is on one page. */
export function Pagination({ summary, onFirst, onPrevious, onNext }: PaginationProps) {
  const hasSteps = onFirst !== undefined || onNext !== undefined
  return (
    <nav className={styles.pagination} aria-label="Pages">
      <span className={styles.summary}>{summary}</span>
      {hasSteps && (
        <span className={styles.steps}>
          {onPrevious === undefined && onFirst !== undefined && (
            <Button size="sm" onClick={onFirst}>
              First page
            </Button>
          )}
          <Button
            size="sm"
            icon="chevron-left"
            onClick={onPrevious}
            disabledReason={
              onPrevious === undefined ? 'This is the first page seen here.' : undefined
            }
          >
            Previous
          </Button>
          <Button
            size="sm"
            iconAfter="chevron-right"
            onClick={onNext}
            disabledReason={onNext === undefined ? 'This is the last page.' : undefined}
          >
            Next
          </Button>
        </span>
      )}
    </nav>
  )
}
