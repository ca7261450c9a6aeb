/**
 * Test and live are two worlds at two addresses, `/admin/test` and `/admin/live`. Going from one to the other loads the
 * app anew, so nothing fetched in one can be shown in the other, a link says which it means, and two tabs cannot
 * change each other's mode.
 */
export type Mode = 'test' | 'live'

export function modeOf(pathname: string): Mode | undefined {
  const segment = /^\/admin\/(test|live)(?:\/|$)/.exec(pathname)?.[1]
  return segment === 'test' || segment === 'live' ? segment : undefined
}

export function basePathOf(mode: Mode): `/admin/${Mode}` {
  return `/admin/${mode}`
}

/** The same list in the other mode. What stands deeper is an object, and objects live in one mode only. */
export function counterpart(pathname: string, mode: Mode): string {
  const section = /^\/admin\/(?:test|live)\/([\w-]+)/.exec(pathname)?.[1]
  return section === undefined ? basePathOf(mode) : `${basePathOf(mode)}/${section}`
}
