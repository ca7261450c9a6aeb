const WIDTH = 100
const HEIGHT = 32
/** Half a line's width, so that extremes are not cut off. */
const INSET = 1.5

/** Paths in a box of 100 × 32. The floor is zero, so a small series looks small; a flat one lies where it belongs. */
export function sparklinePath(values: readonly number[]): {
  readonly line: string
  readonly area: string
} {
  if (values.length === 0) return { line: '', area: '' }
  const top = Math.max(...values, 0)
  const bottom = Math.min(...values, 0)
  const span = top - bottom || 1
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0
  const points = values.map((value, index) => {
    const y = HEIGHT - INSET - ((value - bottom) / span) * (HEIGHT - 2 * INSET)
    return `${round(index * step)} ${round(y)}`
  })
  const last = values.length > 1 ? '' : `L${WIDTH} ${points[0]?.split(' ')[1] ?? HEIGHT}`
  const line = `M${points.join('L')}${last}`
  return { line, area: `${line}V${HEIGHT}H0Z` }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
