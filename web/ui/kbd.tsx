import styles from './kbd.module.css'

interface KbdProps {
  /** As `useShortcuts` takes it: `g c`, `mod+k`, `?`. */
  readonly keys: string
}

const IS_APPLE = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

export function Kbd({ keys }: KbdProps) {
  return (
    <span className={styles.keys}>
      {keys.split(' ').map((key) => (
        <kbd key={key} className={styles.key}>
          {nameOf(key)}
        </kbd>
      ))}
    </span>
  )
}

function nameOf(key: string): string {
  if (key.startsWith('mod+')) return `${IS_APPLE ? '⌘' : 'Ctrl '}${key.slice(4).toUpperCase()}`
  return key.length === 1 ? key.toUpperCase() : key
}
