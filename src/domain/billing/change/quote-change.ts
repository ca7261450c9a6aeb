import type { Currency } from '../../../kit/currency.ts'
import { HOUR_MS, type Instant, SECOND_MS } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import { choiceOf, type HeldAddOn, isSameAddOn } from '../../catalog/add-ons.ts'
import { isFreePhase, phaseOf, type PlanVersion } from '../../catalog/plan.ts'
import { type ChangeDirection, directionOf, type OrderedPlan } from '../../catalog/plan-order.ts'
import {
  type Collection as CollectionMethod,
  isUsable,
  type Lifecycle,
} from '../../subscriptions/subscription.ts'
import {
  isOverriding,
  overriddenPhase,
  type SubscriptionOverrides,
} from '../../subscriptions/overrides.ts'
import { ADD_ON_PRORATION, addOnTerms, grantedTerm } from '../add-on-terms.ts'
import type { AppliedCoupon } from '../coupons.ts'
import { creditUnused, type PaidFee } from '../proration.ts'
import {
  composeInvoice,
  type InvoiceCredits,
  type RatedInvoice,
  rateLines,
} from '../rate-invoice.ts'
import type { RatedMeter, UnitCoverage } from '../rating/billable-usage.ts'
import type { TaxRate } from '../tax.ts'
import { billingPeriodAt, cadencePeriodAt, type Term } from '../terms.ts'
import { distinctQueries, type UsageQuery, type UsageReading } from '../usage-reading.ts'
import { addOnChanges, directionOfAddOns, endedAddOns } from './add-on-changes.ts'
import { changeNotices } from './change-notices.ts'
import {
  type ChangePayment,
  canonicalJson,
  type ChangeCause,
  type ChangeQuote,
  hashQuote,
  type NextInvoice,
  type QuotedChange,
  type RefusedChange,
} from './change-quote.ts'
import { type ChangedTerms, type ChangeTarget, changeTerms } from './change-terms.ts'
import { ofRemainingTime } from '../lines.ts'
import { creditLine } from './credit-line.ts'
import { quotaEffects, quotaQueries, quotaUses } from './quota-effects.ts'

/** Everything a change of plan depends on. */
export interface QuoteChangeInput {
  readonly subscription: ChangingSubscription
  /** The plan it has already where only add-ons change. */
  readonly target: ChangeTarget
  readonly addOns: readonly HeldAddOn[]
  /** `auto` is now for an upgrade and at the period's end for anything else. */
  readonly timing: 'auto' | 'immediate' | 'at_period_end'
  readonly planOrder: readonly string[]
  /** When the customer asks. The whole second of it is when the change counts, in the preview and in the execution. */
  readonly at: Instant
  /** Fees invoiced in advance whose time is not over. */
  readonly paidFees: readonly PaidFee[]
  readonly meters: ReadonlyMap<string, RatedMeter>
  /** Answers to every query of `changeUsage`. */
  readonly usage: UsageReading
  readonly coverage: readonly UnitCoverage[]
  readonly coupons: readonly AppliedCoupon[]
  readonly credits: InvoiceCredits | null
  readonly tax: TaxRate | null
  /** What the customer owes from before; negative is a credit. */
  readonly startingBalanceMinor: bigint
  /** An operator agrees other terms of the same plan version. */
  readonly isOverride: boolean
  /** Other terms of the plan that are scheduled, and stay so while add-ons are bought. */
  readonly upcoming?:
    | { readonly overrides: SubscriptionOverrides; readonly from: Instant }
    | undefined
}

export interface ChangingSubscription {
  readonly id: string
  readonly version: number
  readonly currency: Currency
  readonly collection: CollectionMethod
  readonly lifecycle: Lifecycle
  /** Of its plan. */
  readonly term: Term
  /** What it has on top of it, and the terms that is charged by. */
  readonly addOns: readonly HeldAddOn[]
  readonly addOnTerms: readonly Term[]
}

/** As long as Stripe keeps an update waiting for its payment. */
const PENDING_CHANGE_MS = 23 * HOUR_MS

/** What has to be asked of metering before a change can be quoted. */
export function changeUsage(
  input: Pick<
    QuoteChangeInput,
    'subscription' | 'target' | 'addOns' | 'at' | 'meters' | 'timing' | 'planOrder' | 'isOverride'
  >,
): UsageQuery[] {
  const { meters } = input
  const plan = planChange(input)
  const terms = Object.values(grantedBy(input, plan.terms))
  return distinctQueries(quotaQueries(terms, meters, plan.effectiveAt))
}

/** One function for preview, portal, API and execution: what a change costs, gives, takes and when. */
export function quoteChange(input: QuoteChangeInput): ChangeQuote {
  const refused = refuse(input)
  if (refused !== undefined) return refused
  const { subscription, target, meters, usage } = input
  const { term } = subscription
  const { direction, timing, effectiveAt, terms, cause } = planChange(input)
  const { before, after } = grantedBy(input, terms)
  const invoice = timing === 'immediate' ? changeInvoice(input, terms, effectiveAt) : null
  const quotas = quotaEffects(before, after, meters, usage, effectiveAt)
  const quote: Omit<QuotedChange, 'hash'> = {
    kind: 'quoted',
    basis: {
      subscriptionId: subscription.id,
      subscriptionVersion: subscription.version,
      fromPlan: { key: term.planKey, version: term.planVersion },
      toPlan: { key: target.planKey, version: target.planVersion },
      addOns: input.addOns.map(choiceOf),
      at: wholeSecond(input.at),
    },
    cause,
    direction,
    timing,
    effectiveAt,
    currency: subscription.currency,
    policy: cause === null ? ADD_ON_PRORATION : term.definition.proration,
    after: {
      phaseKey: after.phase.key,
      phaseEndsAt: cause === 'change' ? null : after.endsAt,
      billingAnchor: after.billingAnchor,
      usageAnchor: after.usageAnchor,
      feesFrom: after.feesFrom,
      period: terms.opened,
      overrides: target.overrides,
    },
    invoice,
    payment: paymentFor(input, invoice, direction, effectiveAt),
    nextInvoice: nextInvoice(input, terms, timing, invoice),
    quotas,
    addOns: addOnChanges(input),
    notices: changeNotices(before, after, terms, quotas, endedAddOns(input), cause),
  }
  return { ...quote, hash: hashQuote(quote) }
}

interface PlannedChange {
  readonly direction: ChangeDirection
  readonly timing: QuotedChange['timing']
  readonly effectiveAt: Instant
  readonly terms: ChangedTerms
  readonly cause: ChangeCause
}

function planChange(
  input: Pick<
    QuoteChangeInput,
    'subscription' | 'target' | 'addOns' | 'timing' | 'planOrder' | 'at' | 'isOverride'
  >,
): PlannedChange {
  const { subscription, target, addOns, timing, planOrder, at } = input
  const { term, currency } = subscription
  const cause = causeOf(input)
  const direction =
    cause === null
      ? directionOfAddOns(subscription.addOns, addOns)
      : directionOf(asSold(term), asSold(target), planOrder, currency)
  const decided =
    timing === 'auto' ? (direction === 'upgrade' ? 'immediate' : 'at_period_end') : timing
  const now = wholeSecond(at)
  const periodEnd = billingPeriodAt([term], now)?.endsAt ?? now
  const effectiveAt = decided === 'immediate' ? now : periodEnd
  return {
    direction,
    timing: decided,
    effectiveAt,
    terms:
      cause === null ? sameTerms(term, effectiveAt) : changeTerms(term, target, effectiveAt, cause),
    cause,
  }
}

/** A plan at the prices that were agreed. */
function asSold({
  planKey,
  definition,
  overrides,
}: Pick<ChangeTarget, 'planKey' | 'definition' | 'overrides'>): OrderedPlan {
  const phases = definition.phases.map((phase) => overriddenPhase(phase, overrides))
  return { planKey, definition: { ...definition, phases } }
}

/** Only add-ons change: the plan's term goes on as if nothing had happened. */
function sameTerms(term: Term, at: Instant): ChangedTerms {
  const opened = billingPeriodAt([term], at) ?? cadencePeriodAt(term, at)
  return { before: [], after: [term], closed: null, opened }
}

function causeOf({
  subscription: { term },
  target,
  isOverride,
}: Pick<QuoteChangeInput, 'subscription' | 'target' | 'isOverride'>): ChangeCause {
  if (isOverride) return 'override'
  if (term.planKey !== target.planKey) return 'change'
  return term.planVersion === target.planVersion ? null : 'migrate'
}

/** The terms before and after with what add-ons grant. */
function grantedBy(
  { subscription, addOns }: Pick<QuoteChangeInput, 'subscription' | 'addOns'>,
  terms: ChangedTerms,
): { readonly before: Term; readonly after: Term } {
  const [after] = terms.after
  if (after === undefined) throw new RangeError('A plan has at least one phase')
  return {
    before: grantedTerm(subscription.term, subscription.addOns),
    after: grantedTerm(after, addOns),
  }
}

function refuse(input: QuoteChangeInput): RefusedChange | undefined {
  const { subscription, target } = input
  const { term, lifecycle, currency } = subscription
  const refused = (code: RefusedChange['code']): RefusedChange => ({
    kind: 'refused',
    code,
    lifecycle,
  })
  if (!isUsable(lifecycle)) return refused('not_changeable')
  if (lifecycle === 'canceling') return refused('cancellation_pending')
  const cause = causeOf(input)
  if (cause === 'override') {
    const isSame = isOverriding(term.overrides)
      ? canonicalJson(term.overrides) === canonicalJson(target.overrides)
      : !isOverriding(target.overrides)
    if (isSame) return refused('already_on_plan')
  }
  if (cause === null) {
    if (addOnChanges(input).length === 0) return refused('already_on_plan')
    // What costs nothing yet has nothing to add to; a trial shows the plan as it is.
    if (isFreePhase(term.phase)) return refused('add_ons_in_trial')
  }
  return target.definition.currencies.includes(currency)
    ? undefined
    : refused('currency_not_offered')
}

/**
 * Credits for what is left of the old plan's fees, the new plan's fees from then on. Null when all of that is nothing.
 * Usage waits for the next regular invoice: calls go on between preview and confirmation. Without proration only
 * one-time fees are charged now.
 */
function changeInvoice(
  input: QuoteChangeInput,
  terms: ChangedTerms,
  at: Instant,
): RatedInvoice | null {
  const { subscription, paidFees, meters, usage, coupons } = input
  const { currency, term } = subscription
  // Amounts off an invoice wait for the next regular one; each percentage holds for every line it is for.
  const percentages = coupons.filter(({ off }) => off.type === 'percentage')
  const common = { ...input, currency, lateUsage: [], coupons: percentages }
  const addOns = addOnsCharged(input, terms)
  const opened = rateLines({
    ...common,
    terms: [
      ...(causeOf(input) === null ? [] : openedNow(terms, term)),
      ...addOnTerms(
        terms.after,
        addOns.coming.map((each) => ({ ...each, startsAt: at, endsAt: null })),
      ),
    ],
    closing: null,
    opening: terms.opened,
  })
  const uses = quotaUses(grantedTerm(term, subscription.addOns), meters, usage, at)
  const { mode } = term.definition.proration
  const isStaying = causeOf(input) === null
  const kept = terms.after[0]?.feesPaidBefore ?? []
  const credits = paidFees.flatMap((fee) => {
    const addOn = subscription.addOnTerms.find(({ planKey }) => planKey === fee.planKey)
    const isLeft =
      addOn === undefined
        ? !isStaying && !kept.includes(fee.rateCardKey)
        : addOns.going.some(({ version }) => isOfAddOn(fee, version))
    if (!isLeft) return []
    const by = addOn === undefined ? mode : ADD_ON_PRORATION.mode
    const credit = creditUnused(fee, by, at, uses, currency)
    return credit === null ? [] : [creditLine(addOn ?? term, fee, credit, at, currency)]
  })
  const lines = [...credits, ...opened.map(ofRemainingTime)]
  if (lines.length === 0) return null
  return composeInvoice(lines, { ...input, currency, closing: null, opening: terms.opened })
}

/** A new period charges every add-on anew; within one only those that change are. Without proration nothing is. */
function addOnsCharged(
  input: QuoteChangeInput,
  { after }: ChangedTerms,
): { readonly going: readonly HeldAddOn[]; readonly coming: readonly HeldAddOn[] } {
  const { subscription, addOns } = input
  const { term, addOns: held } = subscription
  if (causeOf(input) !== null && !invoicesNow(term)) return { going: [], coming: [] }
  if (after[0]?.billingAnchor !== term.billingAnchor) return { going: held, coming: addOns }
  return {
    going: held.filter((each) => !addOns.some((other) => isSameAddOn(each, other))),
    coming: addOns.filter((each) => !held.some((other) => isSameAddOn(each, other))),
  }
}

function isOfAddOn(fee: PaidFee, { planKey, version }: PlanVersion): boolean {
  return fee.planKey === planKey && fee.planVersion === version
}

/** Under a plan without proration a change makes no invoice of its own for recurring fees and usage. */
function invoicesNow({ definition }: Term): boolean {
  return definition.proration.mode !== 'none'
}

function openedNow({ after }: ChangedTerms, left: Term): Term[] {
  if (invoicesNow(left)) return [...after]
  return after.map((term) => {
    const rateCards = term.phase.rateCards.filter(({ billingCadence }) => billingCadence === null)
    return { ...term, phase: { ...term.phase, rateCards } }
  })
}

function paymentFor(
  { subscription: { collection }, isOverride }: QuoteChangeInput,
  invoice: RatedInvoice | null,
  direction: ChangeDirection,
  at: Instant,
): ChangePayment {
  if (invoice === null) return { kind: 'none' }
  const { amountDueMinor } = invoice.collection
  if (invoice.totalMinor < 0n) return { kind: 'credit', amountMinor: -invoice.totalMinor }
  if (amountDueMinor === 0n) return { kind: 'none' }
  // What an operator arranged does not wait for anybody.
  const waits = collection === 'charge_automatically' && direction !== 'downgrade' && !isOverride
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
  const { upcoming } = input
  const isAgreed = causeOf(input) === null && upcoming !== undefined && upcoming.from <= at
  const planTerms = isAgreed
    ? terms.after.map((term) => agreedTerm(term, upcoming.overrides))
    : terms.after
  const lines = rateLines({
    ...input,
    coupons: input.coupons.filter(({ endsAt }) => endsAt === null || at < endsAt),
    currency,
    lateUsage: [],
    terms: [
      ...planTerms,
      ...addOnTerms(
        terms.after,
        input.addOns.map((each) => ({ ...each, startsAt: terms.opened.startsAt, endsAt: null })),
      ),
    ],
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

function agreedTerm(term: Term, overrides: SubscriptionOverrides): Term {
  const phase = overriddenPhase(phaseOf(term.definition, term.phase.key), overrides)
  return { ...term, phase, overrides }
}

function wholeSecond(at: Instant): Instant {
  return at - (at % SECOND_MS)
}
