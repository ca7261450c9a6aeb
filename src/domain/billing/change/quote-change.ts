import type { Currency } from '../../../kit/currency.ts'
import { HOUR_MS, type Instant, SECOND_MS } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import { type ChangeDirection, directionOf } from '../../catalog/plan-order.ts'
import {
  type Collection as CollectionMethod,
  isUsable,
  type Lifecycle,
} from '../../subscriptions/subscription.ts'
import type { AppliedCoupon } from '../coupons.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { creditUnused, type PaidFee } from '../proration.ts'
import {
  composeInvoice,
  type InvoiceCredits,
  type RatedInvoice,
  rateLines,
  requiredUsage,
} from '../rate-invoice.ts'
import type { RatedMeter, UnitCoverage } from '../rating/billable-usage.ts'
import type { TaxRate } from '../tax.ts'
import { billingPeriodAt, type Term } from '../terms.ts'
import { distinctQueries, type UsageQuery, type UsageReading } from '../usage-reading.ts'
import { changeNotices } from './change-notices.ts'
import {
  type ChangePayment,
  type ChangeQuote,
  hashQuote,
  type NextInvoice,
  type QuotedChange,
  type RefusedChange,
} from './change-quote.ts'
import { type ChangedTerms, type ChangeTarget, changeTerms } from './change-terms.ts'
import { creditLine } from './credit-line.ts'
import { quotaEffects, quotaQueries, quotaUses } from './quota-effects.ts'

/** Everything a change of plan depends on. */
export interface QuoteChangeInput {
  readonly subscription: ChangingSubscription
  readonly target: ChangeTarget
  /** `auto` is now for an upgrade and at the period's end for anything else. */
  readonly timing: 'auto' | 'immediate' | 'at_period_end'
  readonly planOrder: readonly string[]
  /** When the customer asks. The whole second of it is when the change counts, in the preview and in the execution. */
  readonly at: Instant
  /** Fees invoiced in advance whose time is not over. */
  readonly paidFees: readonly PaidFee[]
  readonly meters: ReadonlyMap<string, RatedMeter>
  /** Whether the change's own invoice bills the usage so far, or the next regular one does. */
  readonly usageIsBilled: 'now' | 'with_its_period'
  /** Answers to every query of `changeUsage`. */
  readonly usage: UsageReading
  readonly coverage: readonly UnitCoverage[]
  readonly coupons: readonly AppliedCoupon[]
  readonly credits: InvoiceCredits | null
  readonly tax: TaxRate | null
  /** What the customer owes from before; negative is a credit. */
  readonly startingBalanceMinor: bigint
}

export interface ChangingSubscription {
  readonly id: string
  readonly version: number
  readonly currency: Currency
  readonly collection: CollectionMethod
  readonly lifecycle: Lifecycle
  readonly term: Term
}

/** As long as Stripe keeps an update waiting for its payment. */
const PENDING_CHANGE_MS = 23 * HOUR_MS

/** What has to be asked of metering before a change can be quoted. */
export function changeUsage(
  input: Pick<
    QuoteChangeInput,
    'subscription' | 'target' | 'at' | 'meters' | 'timing' | 'planOrder' | 'usageIsBilled'
  >,
): UsageQuery[] {
  const { subscription, meters } = input
  const { term, currency } = subscription
  const plan = planChange(input)
  const closing =
    plan.timing === 'immediate' && billsUsageNow(term, input) ? plan.terms.closed : null
  const terms = plan.terms.before
  return distinctQueries([
    ...requiredUsage({ currency, terms, closing, meters }),
    ...quotaQueries([term, ...plan.terms.after.slice(0, 1)], meters, plan.effectiveAt),
  ])
}

/** One function for preview, portal, API and execution: what a change costs, gives, takes and when. */
export function quoteChange(input: QuoteChangeInput): ChangeQuote {
  const refused = refuse(input)
  if (refused !== undefined) return refused
  const { subscription, target, meters, usage } = input
  const { term } = subscription
  const { direction, timing, effectiveAt, terms } = planChange(input)
  const [after] = terms.after
  if (after === undefined) throw new RangeError('A plan has at least one phase')

  const invoice = timing === 'immediate' ? changeInvoice(input, terms, effectiveAt) : null
  const quotas = quotaEffects(term, after, meters, usage, effectiveAt)
  const quote: Omit<QuotedChange, 'hash'> = {
    kind: 'quoted',
    basis: {
      subscriptionId: subscription.id,
      subscriptionVersion: subscription.version,
      fromPlan: { key: term.planKey, version: term.planVersion },
      toPlan: { key: target.planKey, version: target.planVersion },
      at: wholeSecond(input.at),
    },
    direction,
    timing,
    effectiveAt,
    currency: subscription.currency,
    policy: term.definition.proration,
    after: {
      phaseKey: after.phase.key,
      billingAnchor: after.billingAnchor,
      usageAnchor: after.usageAnchor,
      feesFrom: after.feesFrom,
      period: terms.opened,
    },
    invoice,
    payment: paymentFor(invoice, subscription.collection, direction, effectiveAt),
    nextInvoice: nextInvoice(input, terms, timing, invoice),
    quotas,
    notices: changeNotices(term, after, terms, quotas),
  }
  return { ...quote, hash: hashQuote(quote) }
}

interface PlannedChange {
  readonly direction: ChangeDirection
  readonly timing: QuotedChange['timing']
  readonly effectiveAt: Instant
  readonly terms: ChangedTerms
}

function planChange({
  subscription,
  target,
  timing,
  planOrder,
  at,
}: Pick<
  QuoteChangeInput,
  'subscription' | 'target' | 'timing' | 'planOrder' | 'at'
>): PlannedChange {
  const { term, currency } = subscription
  const direction = directionOf(term, target, planOrder, currency)
  const decided =
    timing === 'auto' ? (direction === 'upgrade' ? 'immediate' : 'at_period_end') : timing
  const now = wholeSecond(at)
  const periodEnd = billingPeriodAt([term], now)?.endsAt ?? now
  const effectiveAt = decided === 'immediate' ? now : periodEnd
  const startsBy = target.planKey === term.planKey ? 'migrate' : 'change'
  return {
    direction,
    timing: decided,
    effectiveAt,
    terms: changeTerms(term, target, effectiveAt, startsBy),
  }
}

function refuse({ subscription, target }: QuoteChangeInput): RefusedChange | undefined {
  const { term, lifecycle, currency } = subscription
  const refused = (code: RefusedChange['code']): RefusedChange => ({
    kind: 'refused',
    code,
    lifecycle,
  })
  if (!isUsable(lifecycle)) return refused('not_changeable')
  if (lifecycle === 'canceling') return refused('cancellation_pending')
  if (term.planKey === target.planKey && term.planVersion === target.planVersion) {
    return refused('already_on_plan')
  }
  return target.definition.currencies.includes(currency)
    ? undefined
    : refused('currency_not_offered')
}

/**
 * Usage and arrears of the old plan up to the change, credits for what is left of its fees, the new plan's fees from
 * then on. Null when all of that is nothing. Without proration only one-time fees are charged now; the rest waits.
 */
function changeInvoice(
  input: QuoteChangeInput,
  terms: ChangedTerms,
  at: Instant,
): RatedInvoice | null {
  const { subscription, paidFees, meters, usage, coupons } = input
  const { currency, term } = subscription
  const closing = billsUsageNow(term, input) ? terms.closed : null
  // Amounts off an invoice wait for the next regular one; each percentage holds for every line it is for.
  const percentages = coupons.filter(({ off }) => off.type === 'percentage')
  const common = { ...input, currency, lateUsage: [], coupons: percentages }
  const left = rateLines({ ...common, terms: terms.before, closing, opening: null })
  const opened = rateLines({
    ...common,
    terms: openedNow(terms, term),
    closing: null,
    opening: terms.opened,
  })
  const uses = quotaUses(term, meters, usage, at)
  const { mode } = term.definition.proration
  const credits = paidFees.flatMap((fee) => {
    const credit = creditUnused(fee, mode, at, uses, currency)
    return credit === null ? [] : [creditLine(term, fee, credit, at, currency)]
  })
  const lines = [...left, ...credits, ...opened.map(ofRemainingTime)]
  if (lines.length === 0) return null
  return composeInvoice(lines, { ...input, currency, closing, opening: terms.opened })
}

/** Under a plan without proration a change makes no invoice of its own for recurring fees and usage. */
function invoicesNow({ definition }: Term): boolean {
  return definition.proration.mode !== 'none'
}

function billsUsageNow(
  term: Term,
  { usageIsBilled }: Pick<QuoteChangeInput, 'usageIsBilled'>,
): boolean {
  return invoicesNow(term) && usageIsBilled === 'now'
}

function openedNow({ after }: ChangedTerms, left: Term): Term[] {
  if (invoicesNow(left)) return [...after]
  return after.map((term) => {
    const rateCards = term.phase.rateCards.filter(({ billingCadence }) => billingCadence === null)
    return { ...term, phase: { ...term.phase, rateCards } }
  })
}

function ofRemainingTime(line: InvoiceLine): InvoiceLine {
  return line.isProration ? { ...line, description: `${line.description} (remaining time)` } : line
}

function paymentFor(
  invoice: RatedInvoice | null,
  collection: CollectionMethod,
  direction: ChangeDirection,
  at: Instant,
): ChangePayment {
  if (invoice === null) return { kind: 'none' }
  const { amountDueMinor } = invoice.collection
  if (invoice.totalMinor < 0n) return { kind: 'credit', amountMinor: -invoice.totalMinor }
  if (amountDueMinor === 0n) return { kind: 'none' }
  const waits = collection === 'charge_automatically' && direction !== 'downgrade'
  return waits
    ? { kind: 'before_change', amountMinor: amountDueMinor, expiresAt: at + PENDING_CHANGE_MS }
    : { kind: 'by_invoice', amountMinor: amountDueMinor }
}

function nextInvoice(
  input: QuoteChangeInput,
  terms: ChangedTerms,
  timing: QuotedChange['timing'],
  invoice: RatedInvoice | null,
): NextInvoice | null {
  const { currency } = input.subscription
  const at = timing === 'immediate' ? terms.opened.endsAt : terms.opened.startsAt
  const opening: Period | undefined = billingPeriodAt(terms.after, at)
  if (opening === undefined) return null
  const lines = rateLines({
    ...input,
    coupons: input.coupons.filter(({ endsAt }) => endsAt === null || at < endsAt),
    currency,
    lateUsage: [],
    terms: terms.after,
    closing: null,
    opening,
  })
  const balanceMinor = invoice?.collection.endingBalanceMinor ?? input.startingBalanceMinor
  const fees = composeInvoice(lines, {
    ...input,
    currency,
    credits: null,
    closing: null,
    opening,
    startingBalanceMinor: balanceMinor,
  })
  const { amountDueMinor } = fees.collection
  return { at, feesMinor: fees.totalMinor, balanceMinor, amountDueMinor }
}

function wholeSecond(at: Instant): Instant {
  return at - (at % SECOND_MS)
}
