import type { Mode } from '../../kit/mode.ts'
import type { Letter } from './letter.ts'

/**
 * A link to the portal, in the mode of what it is about. The portal is in live mode as soon as that takes money; what
 * concerns test mode has to say so.
 */
export function portalLinkIn(mode: Mode, url: string): string {
  if (mode === 'live') return url
  const link = new URL(url)
  link.searchParams.set('mode', mode)
  return link.href
}

/** The letter with the link of its action in this mode. Stripe's pages and the admin center know theirs. */
export function letterIn(mode: Mode, letter: Letter, portalUrl: string): Letter {
  const { action } = letter
  if (action === undefined || !isBelow(action.url, portalUrl)) return letter
  return { ...letter, action: { ...action, url: portalLinkIn(mode, action.url) } }
}

function isBelow(url: string, base: string): boolean {
  return url === base || url.startsWith(`${base}/`)
}
