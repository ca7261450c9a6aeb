import styles from './icon.module.css'
import { type IconName, PATHS } from './icon-paths.ts'

export type { IconName } from './icon-paths.ts'

interface IconProps {
  readonly name: IconName
  readonly size?: 'sm' | 'md' | 'lg'
}

/** Decoration beside a word, hidden from assistive technology; where an icon stands alone, its button has the label. */
export function Icon({ name, size = 'md' }: IconProps) {
  return (
    <svg className={styles.icon} data-size={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
