import { assertNever } from '../../kit/assert.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import { type Engine, isInvoiced, type PlanDefinition } from '../catalog/plan.ts'
import type { SubscriptionOverrides } from './overrides.ts'

/** A customer's contract on one plan version, from `startsAt` until it ends. */
export interface Subscription {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  readonly planKey: string
  readonly planVersionId: string
  readonly phaseKey: string
  readonly phaseStartsAt: Instant
  readonly currency: Currency
  readonly engine: Engine
  readonly collection: Collection
  readonly startsAt: Instant
  /** Null until the first payment: payment comes before access. */
  readonly activatedAt: Instant | null
  readonly trialEndsAt: Instant | null
  readonly pausedAt: Instant | null
  /** When a pause ends by itself. */
  readonly resumesAt: Instant | null
  /** From when on a pause was asked to end; what that costs may still have to be paid. */
  readonly resumingAt: Instant | null
  /** The end a customer or operator asked for; it can be taken back until then. */
  readonly cancelAt: Instant | null
  readonly cancelRequestedAt: Instant | null
  readonly endsAt: Instant | null
  readonly endReason: string | null
  /** Nothing is left to bill. */
  readonly closedAt: Instant | null
  readonly billingAnchor: Instant
  readonly usageAnchor: Instant
  readonly paymentStatus: PaymentStatus
  /** When the oldest unpaid invoice became due. */
  readonly overdueSince: Instant | null
  /** Stripe's own word for the state, shown beside ours. */
  readonly providerStatus: string | null
  /** Which fetch from Stripe this state is from. */
  readonly providerTicket: bigint
  readonly accessOverride: AccessOverride | null
  readonly overrides: SubscriptionOverrides
  /** What it has on top of its plan. */
  readonly addOns: readonly AddOnChoice[]
  readonly metadata: Readonly<Record<string, string>>
  /** The open billing period; null before activation and after the end. */
  readonly currentPeriod: Period | null
  readonly version: number
  readonly createdAt: Instant
}

export type Collection = 'charge_automatically' | 'send_invoice' | 'none'

/** How a plan that costs something is paid. */
export function collectionOf(definition: PlanDefinition): Collection {
  return isInvoiced(definition) ? 'send_invoice' : 'charge_automatically'
}

/** The worst of the subscription's unpaid invoices; a second axis beside the lifecycle. */
export type PaymentStatus = 'not_required' | 'pending' | 'paid' | 'failed' | 'uncollectible'

export type AccessOverride =
  | { readonly kind: 'allow_until'; readonly until: Instant }
  | { readonly kind: 'deny'; readonly note: string }

/** A version of an add-on, so many times. */
export interface AddOnChoice {
  readonly versionId: string
  readonly quantity: number
}

export type Lifecycle =
  | 'incomplete'
  | 'expired'
  | 'scheduled'
  | 'trialing'
  | 'active'
  | 'canceling'
  | 'paused'
  | 'ended'

/** The lifecycle follows from the times; it is derived wherever it is needed and stored nowhere. */
export function lifecycleAt(subscription: Subscription, now: Instant): Lifecycle {
  const end = effectiveEnd(subscription)
  if (end !== null && end <= now) return subscription.activatedAt === null ? 'expired' : 'ended'
  if (subscription.activatedAt === null) return 'incomplete'
  if (now < subscription.startsAt) return 'scheduled'
  if (subscription.pausedAt !== null) return 'paused'
  if (end !== null) return 'canceling'
  return subscription.trialEndsAt !== null && now < subscription.trialEndsAt ? 'trialing' : 'active'
}

/** When access stops: the end, or the cancellation that will become the end. */
export function effectiveEnd({
  endsAt,
  cancelAt,
}: Pick<Subscription, 'endsAt' | 'cancelAt'>): Instant | null {
  if (endsAt === null) return cancelAt
  return cancelAt === null ? endsAt : Math.min(endsAt, cancelAt)
}

/** Its periods are ours to close and to invoice. */
export function isBilledByUs(subscription: Pick<Subscription, 'engine' | 'collection'>): boolean {
  return subscription.engine !== 'stripe_subscription' && !isWithoutCharges(subscription)
}

/** Lifecycles in which the subscription gives access, payment permitting. */
export function isUsable(lifecycle: Lifecycle): boolean {
  switch (lifecycle) {
    case 'trialing':
    case 'active':
    case 'canceling':
      return true
    case 'incomplete':
    case 'expired':
    case 'scheduled':
    case 'paused':
    case 'ended':
      return false
    default:
      return assertNever(lifecycle)
  }
}

/** Nobody pays for it, here or in Stripe: it can be left for another at any time. */
export function isWithoutCharges({
  engine,
  collection,
}: Pick<Subscription, 'engine' | 'collection'>): boolean {
  return engine === 'offline' && collection === 'none'
}
