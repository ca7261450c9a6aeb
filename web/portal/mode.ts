/**
 * Which mode the portal is in: the one a link named, for as long as the tab is open; without one the server decides. Mails
 * about test mode carry such links, because the portal itself is in live mode once that takes money.
 */
export type Mode = 'test' | 'live'

const NAME = 'mode'

export function modeNamed(search: string, remembered: string | null): Mode | undefined {
  const named = new URLSearchParams(search).get(NAME) ?? remembered
  return named === 'test' || named === 'live' ? named : undefined
}

/** Reads it once, when the app starts, and keeps it for the pages that are opened in this tab. */
export function modeOfTab({ search }: Pick<Location, 'search'>, kept: Storage): Mode | undefined {
  const mode = modeNamed(search, kept.getItem(NAME))
  if (mode !== undefined) kept.setItem(NAME, mode)
  return mode
}
