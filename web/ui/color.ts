/** Colour arithmetic for the accent: sRGB hex in and out, OKLCH in between, WCAG contrast. */

export type Hex = `#${string}`

interface Oklch {
  readonly lightness: number
  readonly chroma: number
  readonly hue: number
}

type Triple = readonly [number, number, number]

const HEX = /^#[\da-f]{6}$/i

export function isHex(text: string): text is Hex {
  return HEX.test(text)
}

/** WCAG 2 contrast, 1 to 21. Text needs 4.5, the shape of a control 3. */
export function contrast(a: Hex, b: Hex): number {
  const [brighter, darker] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return ((brighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05)
}

/** `share` of `color` laid over `base`, as a translucent layer would look. */
export function blend(color: Hex, base: Hex, share: number): Hex {
  const over = channels(color)
  const under = channels(base)
  return toHex([
    over[0] * share + under[0] * (1 - share),
    over[1] * share + under[1] * (1 - share),
    over[2] * share + under[2] * (1 - share),
  ])
}

/**
 * The colour itself when it passes, else the nearest lighter (or darker) one of the same hue that does. White and black
 * end the search, so it always ends.
 */
export function nudge(
  color: Hex,
  direction: 'lighter' | 'darker',
  passes: (c: Hex) => boolean,
): Hex {
  const start = toOklch(color)
  const step = direction === 'lighter' ? 0.01 : -0.01
  let candidate = color
  for (let lightness = start.lightness; lightness >= 0 && lightness <= 1; lightness += step) {
    if (passes(candidate)) return candidate
    candidate = fromOklch({ ...start, lightness })
  }
  return direction === 'lighter' ? '#ffffff' : '#000000'
}

function luminance(color: Hex): number {
  const [r, g, b] = linear(color)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function channels(color: Hex): Triple {
  const value = Number.parseInt(color.slice(1), 16)
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255]
}

function toHex(rgb: Triple): Hex {
  const byte = (c: number) => Math.round(Math.min(1, Math.max(0, c)) * 255)
  return `#${rgb.map((c) => byte(c).toString(16).padStart(2, '0')).join('')}`
}

function linear(color: Hex): Triple {
  const decode = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  const [r, g, b] = channels(color)
  return [decode(r), decode(g), decode(b)]
}

function encode(c: number): number {
  return c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055
}

/** Björn Ottosson's OKLab matrices: https://bottosson.github.io/posts/oklab/ */
function toOklch(color: Hex): Oklch {
  const [r, g, b] = linear(color)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  return {
    lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    chroma: Math.hypot(a, bb),
    hue: Math.atan2(bb, a),
  }
}

/** Chroma the screen cannot show at this lightness is given up; the hue stays. */
function fromOklch({ lightness, chroma, hue }: Oklch): Hex {
  for (let c = chroma; c > 0.002; c *= 0.94) {
    const rgb = oklchToRgb(lightness, c, hue)
    if (rgb.every((channel) => channel >= -0.002 && channel <= 1.002)) return toHex(rgb)
  }
  return toHex(oklchToRgb(lightness, 0, hue))
}

function oklchToRgb(lightness: number, chroma: number, hue: number): Triple {
  const a = chroma * Math.cos(hue)
  const b = chroma * Math.sin(hue)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}
