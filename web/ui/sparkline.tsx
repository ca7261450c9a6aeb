import { sparklinePath } from './sparkline-path.ts'
import styles from './sparkline.module.css'

interface SparklineProps {
  readonly values: readonly number[]
  /** What it shows in a sentence; the picture itself is not read out. */
  readonly summary: string
}

/** The shape of a series in the space of a word. */
export function Sparkline({ values, summary }: SparklineProps) {
  const { line, area } = sparklinePath(values)
  return (
    <svg
      className={styles.sparkline}
      viewBox="0 0 100 32"
      preserveAspectRatio="none"
      role="img"
      aria-label={summary}
    >
      <path className={styles.area} d={area} />
      <path className={styles.line} d={line} />
    </svg>
  )
}
