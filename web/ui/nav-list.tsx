import { NavLink } from './link.tsx'
import styles from './nav-list.module.css'
import type { NavGroup } from './navigation.ts'

interface NavListProps {
  readonly groups: readonly NavGroup[]
  /** What waits behind an entry, by its path. */
  readonly counts?: Readonly<Record<string, number>>
}

const NOTHING_WAITS: Readonly<Record<string, number>> = {}

export function NavList({ groups, counts = NOTHING_WAITS }: NavListProps) {
  const places = groups.flatMap(({ entries }) => entries.map(({ to }) => to))
  return groups.map((group) => (
    <div key={group.label ?? ''} className={styles.group}>
      {group.label !== null && <p className={styles.label}>{group.label}</p>}
      <ul className={styles.list}>
        {group.entries.map((entry) => (
          <li key={entry.to}>
            <NavLink
              to={entry.to}
              icon={entry.icon}
              count={counts[entry.to]}
              activeOptions={{ exact: hasPlacesBelow(entry.to, places), includeSearch: false }}
            >
              {entry.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  ))
}

/** Such a place is current only at its own address; what is below has an entry of its own. */
function hasPlacesBelow(to: string, places: readonly string[]): boolean {
  const below = to.endsWith('/') ? to : `${to}/`
  return places.some((place) => place !== to && place.startsWith(below))
}
