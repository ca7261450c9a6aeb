import { parseDecimal } from '../../kit/decimal.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import { roundFraction, toFraction } from '../../kit/fraction.ts'
import type { PaymentStatus } from '../subscriptions/subscription.ts'

/** An invoice as far as its payment is concerned. */
export interface InvoiceStanding {
  readonly state: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
  readonly amountDueMinor: bigint
  readonly amountPaidMinor: bigint
  /** Charged automatically, when it was finalized; sent, by when it is to be paid. */
  readonly dueAt: Instant | null
  readonly attemptCount: number
  /** How the last attempt stands, where more is known than that there was one. */
  readonly attempt?: 'none' | 'processing' | 'requires_action' | 'failed'
  /** When a delayed payment, such as a bank debit, was under way; open while it is. */
  readonly processing?: readonly { readonly startsAt: Instant; readonly endsAt: Instant | null }[]
}

export interface PaymentStanding {
  readonly status: PaymentStatus
  /** When the oldest unpaid invoice became due. */
  readonly overdueSince: Instant | null
}

const FROM_WORST: readonly PaymentStatus[] = ['uncollectible', 'failed', 'pending']

/**
 * The payment status of a subscription is that of its worst unpaid invoice. Without one it is `paid`, or `not_required`
 * where nothing is billed: by default where nothing ever was, but a phase that is free now is free whatever was before.
 */
export function paymentStatusOf(
  invoices: readonly InvoiceStanding[],
  isBillable = invoices.some((invoice) => isCharge(invoice)),
): PaymentStanding {
  const unpaid = invoices.filter(isUnpaid)
  const statuses = new Set(unpaid.map(statusOf))
  const worst = FROM_WORST.find((status) => statuses.has(status))
  return {
    status: worst ?? (isBillable ? 'paid' : 'not_required'),
    overdueSince: earliest(unpaid.map(({ dueAt }) => dueAt)),
  }
}

/** Days of access with an overdue invoice, and who said so. */
export interface Grace {
  readonly days: string
  readonly source: 'customer' | 'plan' | 'mode' | 'default'
}

interface GraceRule {
  readonly maxPaymentOverdueDays: string | null
  readonly metadata?: Readonly<Record<string, string>>
}

const DEFAULT_GRACE_DAYS = '3'
const METADATA_ALIASES = ['maxPaymentOverdueDays', 'zuplo_max_payment_overdue_days']

/** The customer's own rule, else the plan's, else the mode's, else three days. `0` blocks at once. */
export function resolveGrace(
  customer: GraceRule | null,
  plan: GraceRule | null,
  mode: GraceRule | null,
): Grace {
  const rules = [
    { source: 'customer' as const, days: graceDays(customer) },
    { source: 'plan' as const, days: graceDays(plan) },
    { source: 'mode' as const, days: graceDays(mode) },
  ]
  const rule = rules.find(({ days }) => days !== null)
  if (rule === undefined || rule.days === null)
    return { days: DEFAULT_GRACE_DAYS, source: 'default' }
  return { days: rule.days, source: rule.source }
}

/**
 * When access ends for want of payment; null while no clock is running: nothing is overdue, or every overdue invoice
 * has a payment under way. Time spent processing does not count against the customer.
 */
export function graceEndsAt(
  invoices: readonly InvoiceStanding[],
  grace: Grace,
  { pauseWhileProcessing }: { pauseWhileProcessing: boolean },
  now: Instant,
): Instant | null {
  const graceMs = daysToMs(grace.days)
  const ends = invoices.filter(isUnpaid).map((invoice) => {
    if (invoice.dueAt === null) return null
    if (!pauseWhileProcessing) return invoice.dueAt + graceMs
    return endOfPausedGrace(invoice.dueAt, graceMs, invoice.processing ?? [], now)
  })
  return earliest(ends)
}

/** A whole number of milliseconds for a decimal number of days; `0.5` is twelve hours. */
export function daysToMs(days: string): number {
  const parsed = parseDecimal(days)
  if (parsed === undefined || parsed < 0n) throw new RangeError(`Not a number of days: ${days}`)
  return Number(roundFraction(toFraction(parsed), BigInt(DAY_MS)))
}

function statusOf({ state, attempt, attemptCount }: InvoiceStanding): PaymentStatus {
  if (state === 'uncollectible') return 'uncollectible'
  if (attempt === undefined) return attemptCount > 0 ? 'failed' : 'pending'
  return attempt === 'failed' ? 'failed' : 'pending'
}

function isUnpaid(invoice: InvoiceStanding): boolean {
  const isDemand = invoice.state === 'open' || invoice.state === 'uncollectible'
  return isDemand && invoice.amountDueMinor > invoice.amountPaidMinor
}

function isCharge({ state, amountDueMinor }: InvoiceStanding): boolean {
  return state !== 'void' && state !== 'draft' && amountDueMinor > 0n
}

function graceDays(rule: GraceRule | null): string | null {
  if (rule === null) return null
  const aliased = METADATA_ALIASES.map((key) => rule.metadata?.[key]).find(isDays)
  return rule.maxPaymentOverdueDays ?? aliased ?? null
}

function isDays(text: string | undefined): text is string {
  const days = text === undefined ? undefined : parseDecimal(text)
  return days !== undefined && days >= 0n
}

/** The due date plus grace plus all time spent processing before that; null while processing. */
function endOfPausedGrace(
  dueAt: Instant,
  graceMs: number,
  processing: NonNullable<InvoiceStanding['processing']>,
  now: Instant,
): Instant | null {
  let endsAt = dueAt + graceMs
  for (const spell of processing.toSorted((a, b) => a.startsAt - b.startsAt)) {
    const startsAt = Math.max(spell.startsAt, dueAt)
    if (startsAt >= endsAt) break
    if (spell.endsAt === null || spell.endsAt > now) return null
    endsAt += Math.max(0, spell.endsAt - startsAt)
  }
  return endsAt
}

function earliest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((at) => at !== null)
  return known.length === 0 ? null : Math.min(...known)
}
