import { type ReactNode, useEffect } from 'react'
import { Icon } from './icon.tsx'
import styles from './test-banner.module.css'

interface TestBannerProps {
  readonly children: ReactNode
  /** The way out of test mode, or a remark such as the simulated date. */
  readonly aside?: ReactNode
}

/** Test mode cannot be mistaken for live: a bar in a colour of its own, always on top, with words. */
export function TestBanner({ children, aside }: TestBannerProps) {
  // What sticks to the top of the page sticks below the bar; the height is a token so that CSS can calculate with it.
  useEffect(() => {
    document.documentElement.style.setProperty('--banner-height', '2rem')
    return () => {
      document.documentElement.style.removeProperty('--banner-height')
    }
  }, [])
  return (
    <div className={styles.banner} role="note" aria-label="Test mode">
      <span className={styles.text}>
        <Icon name="flag" size="sm" />
        <strong>Test mode</strong>
        <span className={styles.detail}>{children}</span>
      </span>
      {aside !== undefined && <span className={styles.aside}>{aside}</span>}
    </div>
  )
}
