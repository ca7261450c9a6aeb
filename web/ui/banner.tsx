import type { ReactNode } from 'react'
import type { Tone } from './badge.tsx'
import styles from './banner.module.css'
import { Icon, type IconName } from './icon.tsx'

type BannerTone = Exclude<Tone, 'accent'>

interface BannerProps {
  readonly tone?: BannerTone
  readonly title: ReactNode
  readonly children?: ReactNode
  /** What the reader can do about it, beside what it says. */
  readonly action?: ReactNode
}

const ICONS: Record<BannerTone, IconName> = {
  neutral: 'info',
  info: 'info',
  success: 'check-circle',
  warning: 'alert',
  danger: 'alert',
}

/** A message that stays with the page or the form it concerns. */
export function Banner({ tone = 'info', title, children, action }: BannerProps) {
  return (
    <div className={styles.banner} data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={ICONS[tone]} />
      <div className={styles.text}>
        <p className={styles.title}>{title}</p>
        {children !== undefined && <div className={styles.body}>{children}</div>}
      </div>
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  )
}
