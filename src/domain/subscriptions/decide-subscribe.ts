import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import { boundary, duration } from '../../kit/period.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Customer } from '../accounts/customer.ts'
import {
  isAddOn,
  isFreePhase,
  isInvoiced,
  isUsagePrice,
  type PlanPhase,
  type PlanVersion,
} from '../catalog/plan.ts'
import { isWithoutCharges, lifecycleAt, type Subscription } from './subscription.ts'

export interface SubscribeFacts {
  readonly customer: Customer
  readonly version: PlanVersion
  readonly currency: Currency | undefined
  /** The customer's open subscription, if any; one winding down still counts. */
  readonly open: Subscription | undefined
  /** A private plan is offered to those who were invited. */
  readonly isOffered: boolean
  /** A customer has one trial. */
  readonly isTrialUsed: boolean
  readonly now: Instant
}

export type SubscribeDecision =
  /** Nothing to pay and no card asked for: the subscription starts at once. */
  | { readonly kind: 'activate'; readonly currency: Currency; readonly trialEndsAt: Instant | null }
  /** `invoice` has no page: it begins at once, and its invoice is sent. */
  | {
      readonly kind: 'checkout'
      readonly currency: Currency
      readonly mode: 'subscription' | 'setup' | 'invoice'
      readonly trialEndsAt: Instant | null
    }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly params: Readonly<Record<string, string>>
    }

export function decideSubscribe(facts: SubscribeFacts): SubscribeDecision {
  const { customer, version, open, now } = facts
  const { definition } = version
  // Who is out because a plan has ended comes back by buying one.
  const suspension = customer.suspensions.find(({ reason }) => reason !== 'subscription_deleted')
  if (suspension !== undefined) return refuse('customer_suspended', { reason: suspension.reason })
  if (version.state !== 'active' || isAddOn(version))
    return refuse('plan_not_available', { plan: version.planKey })
  if (!facts.isOffered) return refuse('not_found', { what: 'plan' })
  const isFree = asksForNothing(definition)
  // What costs nothing gives way to what is bought; any other plan is changed, not bought a second time.
  const isInTheWay =
    open !== undefined &&
    lifecycleAt(open, now) !== 'ended' &&
    (isFree || open.planKey === version.planKey || !isWithoutCharges(open))
  if (isInTheWay) {
    const isSame = open.planKey === version.planKey
    return refuse(isSame ? 'already_subscribed' : 'has_subscription', { plan: open.planKey })
  }
  const currency = facts.currency ?? customer.currency ?? definition.currencies[0] ?? 'usd'
  if (!definition.currencies.includes(currency)) {
    return refuse('currency_not_offered', { plan: version.planKey, currency })
  }
  if (customer.currency !== null && customer.currency !== currency) {
    return refuse('currency_fixed', { currency: customer.currency })
  }
  const trialEndsAt = facts.isTrialUsed ? null : trialEnd(definition.phases, now)
  if (isFree) {
    return { kind: 'activate', currency, trialEndsAt: null }
  }
  return { kind: 'checkout', currency, mode: checkoutModeOf(definition), trialEndsAt }
}

function checkoutModeOf(
  definition: PlanVersion['definition'],
): 'subscription' | 'setup' | 'invoice' {
  if (isInvoiced(definition)) return 'invoice'
  // What we bill ourselves has no prices in Stripe to check out with: a payment method is saved, and charged by us.
  return definition.engine === 'stripe_invoice' ? 'setup' : definition.checkoutMode
}

/** Neither a fee nor a card: what costs nothing, and usage that is paid with credits before it happens. */
export function asksForNothing({
  isPaymentMethodRequired,
  phases,
  settlement,
}: PlanVersion['definition']): boolean {
  const isPrepaid = ({ rateCards }: PlanPhase) =>
    rateCards.every(({ prices }) => Object.values(prices ?? {}).every(isUsagePrice))
  return (
    !isPaymentMethodRequired &&
    phases.every(
      (phase) => isFreePhase(phase) || (settlement === 'credit_only' && isPrepaid(phase)),
    )
  )
}

/** A free first phase with a duration is a trial. */
export function trialEnd(phases: readonly PlanPhase[], startsAt: Instant): Instant | null {
  const [first] = phases
  if (first === undefined || first.duration === null || !isFreePhase(first)) return null
  return boundary(startsAt, duration(first.duration), 1)
}

function refuse(code: ErrorCode, params: Readonly<Record<string, string>>): SubscribeDecision {
  return { kind: 'refused', code, params }
}
