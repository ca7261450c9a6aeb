import styles from './logo.module.css'

interface LogoProps {
  /** An operator's own picture; without one the product's mark is drawn in the accent. */
  readonly src?: string | null
  readonly size?: 'md' | 'lg'
}

/** A coin on its way into the slot. Decoration: the name stands beside it. */
export function Logo({ src, size = 'md' }: LogoProps) {
  if (src !== undefined && src !== null) {
    return <img className={styles.logo} data-size={size} src={src} alt="" />
  }
  return (
    <svg className={styles.logo} data-size={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect className={styles.box} width="32" height="32" rx="8" />
      <path className={styles.coin} d="M10 15a6 6 0 0 1 12 0Z" />
      <rect className={styles.coin} x="7" y="17.5" width="18" height="3" rx="1.5" />
    </svg>
  )
}
