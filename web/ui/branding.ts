import { accentTokens } from './accent.ts'
import { isHex } from './color.ts'

/** How an operator's portal looks to their customers. */
export interface Branding {
  readonly name: string
  readonly logoUrl: string | null
  /** `#rrggbb`; anything else keeps the product's own accent. */
  readonly accent: string | null
}

/** Sets the accent on the document, as style properties and not as markup, which the policy would refuse. */
export function applyAccent(accent: string | null): void {
  if (accent === null || !isHex(accent)) return
  for (const [name, value] of Object.entries(accentTokens(accent))) {
    document.documentElement.style.setProperty(name, value)
  }
}
