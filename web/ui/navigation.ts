import type { IconName } from './icon.tsx'

export interface NavEntry {
  readonly label: string
  /** One of the app's `paths`. */
  readonly to: string
  readonly icon: IconName
  /** `g c`: jumps there from anywhere. */
  readonly shortcut?: string
  /** Other words people look for in the palette. */
  readonly keywords?: string
}

export interface NavGroup {
  readonly label: string | null
  readonly entries: readonly NavEntry[]
}

/** The part of the navigation that leads somewhere: an entry appears together with its route, never before. */
export function reachable(
  groups: readonly NavGroup[],
  routesByPath: Readonly<Record<string, unknown>>,
): NavGroup[] {
  return groups
    .map(({ label, entries }) => ({
      label,
      entries: entries.filter((entry) => routesByPath[entry.to] !== undefined),
    }))
    .filter(({ entries }) => entries.length > 0)
}
