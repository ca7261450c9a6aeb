import { blend, contrast, type Hex, nudge } from './color.ts'

/**
 * What one brand colour becomes, as values for the `--accent-…` properties. An operator may pick any colour; whatever
 * it is, text in it and on it stays readable in both themes. `fill` is the brand as it is, for areas with a label on
 * them; `text` is for everything that must be seen by its colour alone, lines and marks included.
 */
export interface AccentTokens {
  readonly '--accent-fill': string
  readonly '--accent-fill-hover': string
  readonly '--accent-on-fill': string
  readonly '--accent-text': string
  readonly '--accent-tint': string
}

export const DEFAULT_ACCENT: Hex = '#2f55d4'

const AA_TEXT = 4.5
/** A yellow button may stay yellow on white, since its label is readable; only what would vanish is moved. */
const VISIBLE = 1.4

/** The backgrounds an accent meets, from tokens.css: the surface, and the one of least contrast with text. */
const THEMES = {
  light: { surface: '#ffffff', hardest: '#e9e9ee', away: 'darker', tint: 0.09 },
  dark: { surface: '#131518', hardest: '#23262b', away: 'lighter', tint: 0.16 },
} as const

type ThemeName = keyof typeof THEMES

export function accentTokens(brand: Hex): AccentTokens {
  const light = shades(brand, 'light')
  const dark = shades(brand, 'dark')
  const pair = (part: keyof typeof light) => `light-dark(${light[part]}, ${dark[part]})`
  return {
    '--accent-fill': pair('fill'),
    '--accent-fill-hover': pair('fillHover'),
    '--accent-on-fill': pair('onFill'),
    '--accent-text': pair('text'),
    '--accent-tint': pair('tint'),
  }
}

function shades(brand: Hex, theme: ThemeName) {
  const { surface, hardest, away, tint: tintShare } = THEMES[theme]
  const fill = nudge(brand, away, (c) => contrast(c, surface) >= VISIBLE)
  // Against any colour one of the two has at least 4.58.
  const onFill: Hex = contrast(fill, '#ffffff') >= AA_TEXT ? '#ffffff' : '#000000'
  // Away from the text on it, so that hovering never costs contrast.
  const fillHover = blend(onFill === '#ffffff' ? '#000000' : '#ffffff', fill, 0.12)
  const tint = blend(fill, surface, tintShare)
  const text = nudge(
    brand,
    away,
    (c) => contrast(c, hardest) >= AA_TEXT && contrast(c, tint) >= AA_TEXT,
  )
  return { fill, fillHover, onFill, tint, text }
}
