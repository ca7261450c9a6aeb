import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accentTokens, DEFAULT_ACCENT } from './accent.ts'
import { contrast, type Hex } from './color.ts'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')

const pairOf = (value: string) => {
  const [, light, dark] = /light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/.exec(value) ?? []
  if (light === undefined || dark === undefined) throw new Error(`Not a pair of colours: ${value}`)
  return { light: light as Hex, dark: dark as Hex }
}
const token = (name: string) => {
  const [, value] = new RegExp(`--${name}: (light-dark\\([^;]+\\));`).exec(css) ?? []
  if (value === undefined) throw new Error(`tokens.css has no --${name}`)
  return pairOf(value)
}

const THEMES = ['light', 'dark'] as const
const hexes = fc
  .integer({ min: 0, max: 0xffffff })
  .map((n): Hex => `#${n.toString(16).padStart(6, '0')}`)

const unreadable = (texts: readonly string[], surfaces: readonly string[], least: number) =>
  THEMES.flatMap((theme) =>
    texts.flatMap((text) =>
      surfaces
        .map((surface) => ({
          text,
          surface,
          ratio: contrast(token(text)[theme], token(surface)[theme]),
        }))
        .filter(({ ratio }) => ratio < least)
        .map(({ surface, ratio }) => `${theme}: ${text} on ${surface} is ${ratio.toFixed(2)}`),
    ),
  )

test('text is readable on every surface in both themes', () => {
  const texts = ['text', 'text-secondary', 'text-muted', 'accent-text']
  const surfaces = [
    'canvas',
    'surface',
    'surface-raised',
    'surface-sunken',
    'hover',
    'neutral-tint',
  ]

  expect(unreadable(texts, surfaces, 4.5)).toEqual([])
})

test.each(['success', 'warning', 'danger', 'info', 'accent'])(
  'the %s text is readable on its own tint and on the page',
  (tone) => {
    const surfaces = [`${tone}-tint`, 'canvas', 'surface', 'surface-raised', 'hover']

    expect(unreadable([`${tone}-text`], surfaces, 4.5)).toEqual([])
  },
)

test('controls and coloured shapes stand out from the surface they lie on', () => {
  const shapes = ['border-control', 'success-fill', 'danger-fill', 'info-fill', 'accent-text']

  expect(unreadable(shapes, ['surface', 'canvas'], 3)).toEqual([])
})

test('labels on filled buttons are readable, hovered or not', () => {
  expect(unreadable(['danger-on-fill'], ['danger-fill', 'danger-fill-hover'], 4.5)).toEqual([])
  expect(unreadable(['accent-on-fill'], ['accent-fill', 'accent-fill-hover'], 4.5)).toEqual([])
})

test('whatever colour an operator picks, text in it and on it is readable in both themes', () => {
  fc.assert(
    fc.property(hexes, fc.constantFrom(...THEMES), (brand, theme) => {
      const tokens = accentTokens(brand)
      const shade = (name: keyof typeof tokens) => pairOf(tokens[name])[theme]

      expect(contrast(shade('--accent-text'), token('surface')[theme])).toBeGreaterThanOrEqual(4.5)
      expect(contrast(shade('--accent-text'), token('pressed')[theme])).toBeGreaterThanOrEqual(4.5)
      expect(contrast(shade('--accent-text'), shade('--accent-tint'))).toBeGreaterThanOrEqual(4.5)
      expect(contrast(shade('--accent-on-fill'), shade('--accent-fill'))).toBeGreaterThanOrEqual(
        4.5,
      )
      expect(
        contrast(shade('--accent-on-fill'), shade('--accent-fill-hover')),
      ).toBeGreaterThanOrEqual(4.5)
      expect(contrast(shade('--accent-fill'), token('surface')[theme])).toBeGreaterThanOrEqual(1.4)
    }),
    { numRuns: 1000 },
  )
})

test('a button has the colour the operator picked, in both themes', () => {
  const asPicked = ['#2f55d4', '#ffcc00', '#e5484d'] as const

  expect(asPicked.map((color) => pairOf(accentTokens(color)['--accent-fill']))).toEqual(
    asPicked.map((color) => ({ light: color, dark: color })),
  )
})

test('the stylesheet starts with the accent that the default colour derives to', () => {
  const written = Object.entries(accentTokens(DEFAULT_ACCENT)).map(
    ([name, value]) => `${name}: ${value};`,
  )

  expect(written.filter((line) => !css.includes(line))).toEqual([])
})
