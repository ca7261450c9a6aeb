import type { CSSProperties } from 'react'
import styles from './skeleton.module.css'

interface SkeletonProps {
  /** CSS lengths: the size of what is coming, so that nothing jumps. */
  readonly width?: string
  readonly height?: string
  /** So many lines of text, the last one shorter. */
  readonly lines?: number
}

/** Stands where something is being loaded. Hidden from assistive technology: the region around it says "loading". */
export function Skeleton({ width = '100%', height = '1rem', lines = 1 }: SkeletonProps) {
  return (
    <span className={styles.lines} aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span
          key={line}
          className={styles.skeleton}
          style={
            {
              '--width': lines > 1 && line === lines - 1 ? '60%' : width,
              '--height': height,
            } as CSSProperties
          }
        />
      ))}
    </span>
  )
}
