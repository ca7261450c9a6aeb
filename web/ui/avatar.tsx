import styles from './avatar.module.css'

interface AvatarProps {
  readonly name: string
  readonly size?: 'sm' | 'md'
}

/** Initials on a tint. Decoration: the name always stands beside it. */
export function Avatar({ name, size = 'md' }: AvatarProps) {
  return (
    <span className={styles.avatar} data-size={size} aria-hidden="true">
      {initialsOf(name)}
    </span>
  )
}

function initialsOf(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean)
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
}
