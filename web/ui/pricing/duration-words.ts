import { countOf } from '../format.ts'

const UNITS = { H: 'hour', D: 'day', W: 'week', M: 'month', Y: 'year' } as const

/** `P1M` is `month`, `P3M` is `3 months`, `PT1H` is `hour`. What is no duration is shown as it is. */
export function durationWords(iso: string): string {
  const words = countedDuration(iso)
  return words.startsWith('1 ') ? words.slice(2) : words
}

/** With its number, where a length stands alone: `1 month`, `14 days`. */
export function countedDuration(iso: string): string {
  const match = /^P(?:(\d+)([DWMY])|T(\d+)(H))$/.exec(iso)
  const unit = match?.[2] ?? match?.[4]
  if (match === null || unit === undefined) return iso
  return countOf(Number(match[1] ?? match[3]), UNITS[unit as keyof typeof UNITS])
}

/** How often something is charged or renewed: `per month`, `every 3 months`, and `once` for null. */
export function perDuration(iso: string | null): string {
  if (iso === null) return 'once'
  const words = durationWords(iso)
  return /^\d/.test(words) ? `every ${words}` : `per ${words}`
}

/** `second`, `minute`, `10 seconds`, `2 hours`: the window of a rate limit. */
export function windowWords(seconds: number): string {
  const [size, unit] =
    seconds % 86_400 === 0
      ? ([86_400, 'day'] as const)
      : seconds % 3_600 === 0
        ? ([3_600, 'hour'] as const)
        : seconds % 60 === 0
          ? ([60, 'minute'] as const)
          : ([1, 'second'] as const)
  const count = seconds / size
  return count === 1 ? unit : countOf(count, unit)
}
