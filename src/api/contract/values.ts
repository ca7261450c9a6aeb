import { z } from 'zod'
import { CURRENCIES } from '../../kit/currency.ts'
import { parseDecimal } from '../../kit/decimal.ts'
import { parseInstant } from '../../kit/instant.ts'
import { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT } from '../../kit/page.ts'
import { parseDuration } from '../../kit/period.ts'

/** The values all routes are written in. */

/** ISO 8601 with an offset; answers are in UTC. */
export const instant = z
  .string()
  .refine(
    (text) => parseInstant(text) !== undefined,
    'must be a date-time such as 2026-12-01T00:00:00Z',
  )
  .meta({ format: 'date-time' })

/** Exact: at most twelve fractional digits, never a JSON number. */
export const decimal = z
  .string()
  .refine((text) => parseDecimal(text) !== undefined, 'must be a decimal such as "0.0005"')
  .meta({ examples: ['0.0005'] })

export const duration = z
  .string()
  .refine(
    (text) => parseDuration(text) !== undefined,
    'must be a duration such as P1M, P1Y, P1D or PT1H',
  )
  .meta({ examples: ['P1M'] })

export const currency = z
  .string()
  .refine((code) => CURRENCIES.has(code), 'must be a currency code such as usd')
  .meta({ examples: ['usd'] })

/** Whole minor units: 2900 usd is $29.00. */
export const money = z.object({ amountMinor: z.int(), currency }).meta({ id: 'Money' })

export const key = z
  .string()
  .regex(/^[a-z0-9_]{1,64}$/, 'must be 1 to 64 lower-case letters, digits or underscores')

/** What customers type in; capitals do not matter. */
export const promotionCodeText = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{3,40}$/, 'must be 3 to 40 letters, digits, - or _')

export const id = z.string().min(1).max(64)

export const name = z.string().trim().min(1).max(200)

/** What somebody may do for an account. */
export const memberRole = z.enum(['owner', 'admin', 'developer', 'billing', 'viewer'])

export const metadata = z.record(z.string().max(40), z.string().max(500))

export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
  .meta({ examples: ['Europe/Berlin'] })

export const mode = z.enum(['test', 'live'])

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_LIMIT).default(DEFAULT_PAGE_LIMIT),
  cursor: z.string().max(2_000).optional(),
})

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() })
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item) })
}

export const done = z.object({ ok: z.literal(true) })

/** RFC 9457. `code` is what programs match; a few codes carry further members. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
