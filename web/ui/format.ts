import { fractionDigits } from '../../src/kit/currency.ts'
import { formatMoney, money } from '../../src/kit/money.ts'

/**
 * How values read on screen. Pure: the moment, the zone and the words come in as arguments or are fixed here.
 * Amounts and quantities never pass through a floating-point number on their way.
 */

const LOCALE = 'en-US'
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Money as the API sends it; safe as a number, because the API refuses amounts beyond 2^53. */
export interface Amount {
  readonly amountMinor: number
  readonly currency: string
}

/** `$1,234.50`, `¥2,900`. */
export function formatAmount({ amountMinor, currency }: Amount): string {
  return formatMoney(money(amountMinor, currency), LOCALE)
}

/** What is taken off or given back, with its sign; nothing has none. */
export function formatCredit({ amountMinor, currency }: Amount): string {
  return formatAmount({ amountMinor: amountMinor === 0 ? 0 : -amountMinor, currency })
}

/** A price per unit with every digit it has, at least the currency's: `0.0005` usd is `$0.0005`, `29` is `$29.00`. */
export function formatUnitPrice(decimal: string, currency: string): string {
  const least = fractionDigits(currency)
  const given = decimal.split('.')[1]?.length ?? 0
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    minimumFractionDigits: least,
    maximumFractionDigits: Math.max(least, given),
  }).format(decimal as unknown as number)
}

/** A decimal string with grouping and all its digits: `1234567.5` is `1,234,567.5`. */
export function formatQuantity(decimal: string): string {
  const [whole = '0', fraction] = decimal.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',').replace('-', '−')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** Three significant digits for axes and tiles: `1.23M`, `950`. The exact value belongs beside it or in a tooltip. */
export function formatCompact(value: number): string {
  return new Intl.NumberFormat(LOCALE, {
    notation: 'compact',
    maximumSignificantDigits: 3,
  }).format(value)
}

/** A share of one: 0.1234 is `12.3%`; 0.9996 is `99.9%`, because a quota shows as full only when it is. */
export function formatShare(share: number, fractionDigits = 1): string {
  const scale = 10 ** (fractionDigits + 2)
  const floored = share < 1 ? Math.floor(share * scale + 1e-9) / scale : share
  return new Intl.NumberFormat(LOCALE, {
    style: 'percent',
    maximumFractionDigits: fractionDigits,
  }).format(floored)
}

/** A change against before, with its sign: `+4.2%`, `−1%`. */
export function formatChange(share: number): string {
  return new Intl.NumberFormat(LOCALE, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })
    .format(share)
    .replace('-', '−')
}

/** `undefined` is the viewer's own zone. */
type Zone = string | undefined

/** `Mar 16, 2026`. */
export function formatDate(iso: string, timeZone?: Zone): string {
  return dateFormat({ dateStyle: 'medium', timeZone }).format(new Date(iso))
}

/** `Mar 16, 2026, 14:05`. */
export function formatDateTime(iso: string, timeZone?: Zone): string {
  return dateFormat({ dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(iso))
}

/** To the second and with the zone's name, for tooltips: `Mar 16, 2026, 14:05:33 UTC`. */
export function formatExact(iso: string, timeZone?: Zone): string {
  const format = dateFormat({
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone,
  })
  return format.format(new Date(iso))
}

/** The days a period covers. Its end is exclusive, so a period until April 1 reads `Mar 1 – 31, 2026`. */
export function formatPeriod(startsAt: string, endsAt: string, timeZone?: Zone): string {
  const lastMoment = Math.max(Date.parse(endsAt) - 1, Date.parse(startsAt))
  return dateFormat({ dateStyle: 'medium', timeZone })
    .formatRange(new Date(startsAt), new Date(lastMoment))
    .replaceAll(/\s*–\s*/g, ' – ')
}

/** `in 3 days`, `12 minutes ago`, `just now`. Further away than a month the date says more: `Mar 16, 2026`. */
export function formatRelative(iso: string, now: number, timeZone?: Zone): string {
  const seconds = Math.trunc((Date.parse(iso) - now) / 1000)
  const distance = Math.abs(seconds)
  if (distance < 45) return 'just now'
  if (distance > 30 * DAY) return formatDate(iso, timeZone)
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' })
  if (distance < HOUR) return words.format(awayFromZero(seconds / MINUTE), 'minute')
  if (distance < DAY) return words.format(Math.round(seconds / HOUR), 'hour')
  return words.format(Math.round(seconds / DAY), 'day')
}

/** The two largest units: `320 ms`, `1.2 s`, `3 min 20 s`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`
  const whole = Math.floor(seconds)
  if (whole < MINUTE) return `${whole} s`
  if (whole < HOUR) return twoUnits(whole, MINUTE, 'min', 1, 's')
  if (whole < DAY) return twoUnits(whole, HOUR, 'h', MINUTE, 'min')
  return twoUnits(whole, DAY, 'd', HOUR, 'h')
}

/** Enough of an id to tell neighbours apart: `customer_01k9…x7f2`. Copying always takes the whole. */
export function shortId(id: string): string {
  const separator = id.lastIndexOf('_') + 1
  const unique = id.slice(separator)
  return unique.length <= 12 ? id : `${id.slice(0, separator + 4)}…${unique.slice(-4)}`
}

/** `1 key`, `12 keys`, `2,400 calls`; the plural is given when it is not just an s. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${new Intl.NumberFormat(LOCALE).format(count)} ${count === 1 ? singular : plural}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  const rest = items.slice(0, -1).join(', ')
  return rest === '' ? (items[0] ?? '') : `${rest} and ${items.at(-1)}`
}

function dateFormat(options: Intl.DateTimeFormatOptions & { timeZone?: Zone }) {
  const { timeZone, ...rest } = options
  const zone = timeZone === undefined ? {} : { timeZone }
  return new Intl.DateTimeFormat(LOCALE, { hourCycle: 'h23', ...rest, ...zone })
}

function twoUnits(value: number, unit: number, name: string, lesser: number, lesserName: string) {
  const rest = Math.floor((value % unit) / lesser)
  const whole = `${Math.floor(value / unit)} ${name}`
  return rest === 0 ? whole : `${whole} ${rest} ${lesserName}`
}

/** Between 45 and 90 seconds a minute has not quite passed, yet "0 minutes ago" helps nobody. */
function awayFromZero(value: number): number {
  const rounded = Math.round(value)
  if (rounded !== 0) return rounded
  return value < 0 ? -1 : 1
}
