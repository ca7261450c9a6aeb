import { useNow } from './clock.tsx'
import { formatDate, formatDateTime, formatExact, formatRelative } from './format.ts'
import styles from './time.module.css'
import { Tooltip } from './tooltip.tsx'

interface TimeProps {
  /** ISO 8601, as the API sends it. */
  readonly at: string
  readonly as?: 'relative' | 'date' | 'date-time'
}

/** A moment in the viewer's zone; pointing at it or focusing it gives it to the second, in both zones. */
export function Time({ at, as = 'relative' }: TimeProps) {
  const now = useNow()
  const text = {
    relative: () => formatRelative(at, now),
    date: () => formatDate(at),
    'date-time': () => formatDateTime(at),
  }[as]()
  return (
    <Tooltip
      label={
        <span className={styles.zones}>
          <span>{formatExact(at)}</span>
          <span>{formatExact(at, 'UTC')}</span>
        </span>
      }
    >
      <time className={styles.time} dateTime={at}>
        {text}
      </time>
    </Tooltip>
  )
}
