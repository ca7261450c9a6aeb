import type { ReactNode } from 'react'
import type { Tone } from './badge.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Time } from './time.tsx'
import styles from './timeline.module.css'

export interface TimelineEntry {
  readonly id: string
  readonly at: string
  readonly icon: IconName
  readonly tone?: Tone
  readonly title: ReactNode
  readonly detail?: ReactNode
}

interface TimelineProps {
  readonly label: string
  /** Newest first. */
  readonly entries: readonly TimelineEntry[]
}

/** What happened, in order. */
export function Timeline({ label, entries }: TimelineProps) {
  return (
    <ol className={styles.timeline} aria-label={label}>
      {entries.map((entry) => (
        <li key={entry.id} className={styles.entry}>
          <span className={styles.icon} data-tone={entry.tone ?? 'neutral'}>
            <Icon name={entry.icon} size="sm" />
          </span>
          <div className={styles.text}>
            <div>{entry.title}</div>
            {entry.detail !== undefined && <div className={styles.detail}>{entry.detail}</div>}
          </div>
          <span className={styles.time}>
            <Time at={entry.at} />
          </span>
        </li>
      ))}
    </ol>
  )
}
