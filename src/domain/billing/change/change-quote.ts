import { sha256Hex } from '../../../kit/crypto.ts'
import type { Currency } from '../../../kit/currency.ts'
import { type Instant, MINUTE_MS } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { ChangeDirection } from '../../catalog/plan-order.ts'
import type { ProrationPolicy } from '../../catalog/plan.ts'
import type { PlanChange } from '../../subscriptions/changes/plan-change.ts'
import type { OverriddenNames, SubscriptionOverrides } from '../../subscriptions/overrides.ts'
import type { Lifecycle } from '../../subscriptions/subscription.ts'
import type { AddOnChoice } from '../../subscriptions/subscription.ts'
import type { RatedInvoice } from '../rate-invoice.ts'
import type { AddOnChange } from './add-on-changes.ts'
import type { QuotaEffect } from './quota-effects.ts'

/** What a change of plan will do, to the cent. The preview shows it, the execution carries out exactly it. */
export type ChangeQuote = QuotedChange | RefusedChange

export interface RefusedChange {
  readonly kind: 'refused'
  readonly code:
    | 'already_on_plan'
    | 'currency_not_offered'
    | 'cancellation_pending'
    /** Add-ons are bought on top of what is paid for. */
    | 'add_ons_in_trial'
    /** Only a running subscription can be changed; `lifecycle` says what this one is. */
    | 'not_changeable'
  readonly lifecycle: Lifecycle
}

export interface QuotedChange {
  readonly kind: 'quoted'
  readonly basis: ChangeBasis
  readonly cause: ChangeCause
  readonly direction: ChangeDirection
  readonly timing: 'immediate' | 'at_period_end'
  readonly effectiveAt: Instant
  readonly currency: Currency
  /** The policy of the plan that is left. */
  readonly policy: ProrationPolicy
  /** What the subscription has after the change. */
  readonly after: {
    readonly phaseKey: string
    /** When that phase ends, where it began earlier. */
    readonly phaseEndsAt: Instant | null
    readonly billingAnchor: Instant
    readonly usageAnchor: Instant
    /** Fees are charged from here on; later than the change where the old plan's fee covers the rest of its period. */
    readonly feesFrom: Instant
    readonly period: Period
    /** What it has in place of what the plan says. */
    readonly overrides: SubscriptionOverrides
  }
  /** The invoice made by the change; null when there is nothing to invoice at once. */
  readonly invoice: RatedInvoice | null
  readonly payment: ChangePayment
  readonly nextInvoice: NextInvoice | null
  readonly quotas: readonly QuotaEffect[]
  readonly addOns: readonly AddOnChange[]
  readonly notices: readonly ChangeNotice[]
  /** Of everything above; two quotes with the same hash do the same. */
  readonly hash: string
}

/** Another plan, another version of it, or other terms that an operator agreed for the same one. */
export type ChangeCause = PlanChange['startsBy']

/** What the quote was made of. An execution on anything else is refused and quoted anew. */
export interface ChangeBasis {
  readonly subscriptionId: string
  readonly subscriptionVersion: number
  readonly fromPlan: { readonly key: string; readonly version: number }
  readonly toPlan: { readonly key: string; readonly version: number }
  /** What it has on top of the plan afterwards. */
  readonly addOns: readonly AddOnChoice[]
  readonly at: Instant
}

export type ChangePayment =
  | { readonly kind: 'none' }
  /** The old plan stays until this is paid, for a day at most: nobody gets the higher quota before paying for it. */
  | { readonly kind: 'before_change'; readonly amountMinor: bigint; readonly expiresAt: Instant }
  /** The change takes effect, the invoice is sent. */
  | { readonly kind: 'by_invoice'; readonly amountMinor: bigint }
  /** Goes to the balance and is used by the next invoices. */
  | { readonly kind: 'credit'; readonly amountMinor: bigint }

/** The fees that are known of the next regular invoice, with what the balance takes off them. Usage comes on top. */
export interface NextInvoice {
  readonly at: Instant
  readonly feesMinor: bigint
  readonly balanceMinor: bigint
  readonly amountDueMinor: bigint
}

export type ChangeNotice =
  /** The tiers of usage prices begin again with the change. */
  | { readonly kind: 'tiers_restart'; readonly rateCardKeys: readonly string[] }
  /** The other plan does not go with them. */
  | { readonly kind: 'add_ons_ended'; readonly names: readonly string[] }
  | { readonly kind: 'period_restarts'; readonly period: Period }
  | { readonly kind: 'features_lost'; readonly featureKeys: readonly string[] }
  | { readonly kind: 'features_gained'; readonly featureKeys: readonly string[] }
  /** More is used already than the new quota allows: requests are refused until it resets. */
  | { readonly kind: 'quota_used_up'; readonly featureKeys: readonly string[] }
  /** What an operator agreed for the plan that is left, and whether it holds for the next one as well. */
  | ({ readonly kind: 'overrides_dropped' | 'overrides_kept' } & OverriddenNames)

const QUOTE_VALID_MS = 15 * MINUTE_MS

export type QuoteUse =
  | { readonly kind: 'valid' }
  | { readonly kind: 'refused'; readonly code: 'quote_expired' | 'subscription_changed' }

/** Whether a quote that was shown may still be carried out as it is. */
export function decideQuoteUse(
  quote: QuotedChange,
  quotedAt: Instant,
  subscriptionVersion: number,
  now: Instant,
): QuoteUse {
  if (quote.basis.subscriptionVersion !== subscriptionVersion) {
    return { kind: 'refused', code: 'subscription_changed' }
  }
  if (now >= quotedAt + QUOTE_VALID_MS) return { kind: 'refused', code: 'quote_expired' }
  return { kind: 'valid' }
}

export function hashQuote(quote: Omit<QuotedChange, 'hash'>): string {
  return sha256Hex(canonicalJson(quote))
}

/** JSON with sorted keys and whole numbers of any size: the same value is the same text everywhere. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part)
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
    const entries = Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(entries)
  })
}
