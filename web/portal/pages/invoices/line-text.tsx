import { Badge } from '../../../ui/badge.tsx'
import { Disclosure } from '../../../ui/disclosure.tsx'
import { formatPeriod } from '../../../ui/format.ts'
import styles from './line-text.module.css'

interface LineTextProps {
  readonly line: {
    readonly description: string
    readonly explanation?: readonly string[]
    readonly isProration?: boolean
  }
  readonly period: { readonly startsAt: string; readonly endsAt: string }
}

/** What is charged, for which time, and for those who ask how it came about. */
export function LineText({ line, period }: LineTextProps) {
  const { description, explanation = [], isProration = false } = line
  return (
    <div className={styles.line}>
      <span className={styles.description}>
        {description}
        {isProration && <Badge tone="info">proration</Badge>}
      </span>
      <span className={styles.period}>{formatPeriod(period.startsAt, period.endsAt)}</span>
      {explanation.length > 0 && (
        <Disclosure label="How this came about">
          <ul className={styles.explanation}>
            {explanation.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Disclosure>
      )}
    </div>
  )
}
