import { formatInstant, type Instant } from '../../kit/instant.ts'
import { decimal, multiply, toExact } from '../../kit/decimal.ts'
import type { Customer } from '../../domain/accounts/customer.ts'
import type { QuotaUsage } from '../../domain/entitlements/quota-usage.service.ts'
import {
  effectiveEnd,
  isUsable,
  lifecycleAt,
  type Subscription,
} from '../../domain/subscriptions/subscription.ts'

export interface Alert {
  readonly kind:
    | 'no_subscription'
    | 'paused'
    | 'access_denied'
    | 'payment_overdue'
    | 'payment_blocked'
    | 'quota_approaching'
    | 'quota_exceeded'
    | 'ending'
    | 'suspended'
  readonly message: string
}

/** What someone who opens the portal should be told before anything else, most urgent first. */
export function alertsOf(
  customer: Customer,
  subscription: Subscription | undefined,
  quotas: readonly QuotaUsage[],
  now: Instant,
): Alert[] {
  const suspended = customer.suspensions.map(({ reason }): Alert => {
    return {
      kind: 'suspended',
      message: `The account is suspended: ${reason.replaceAll('_', ' ')}.`,
    }
  })
  if (subscription !== undefined && lifecycleAt(subscription, now) === 'paused') {
    return [...suspended, pausedAlert(subscription)]
  }
  if (subscription === undefined || !isUsable(lifecycleAt(subscription, now))) {
    const message = 'There is no active subscription. Choose a plan to start calling the API.'
    return [...suspended, { kind: 'no_subscription', message }]
  }
  return [
    ...suspended,
    ...deniedAlert(subscription),
    ...paymentAlerts(subscription),
    ...quotas.flatMap(quotaAlert),
    ...endingAlert(subscription),
  ]
}

function pausedAlert({ resumesAt }: Subscription): Alert {
  const until =
    resumesAt === null ? 'it is resumed' : `it resumes on ${formatInstant(resumesAt).slice(0, 10)}`
  return {
    kind: 'paused',
    message: `The subscription is paused: calls are refused until ${until}.`,
  }
}

/** What callers are told already: an operator keeps them out, whatever was paid. */
function deniedAlert({ accessOverride }: Subscription): Alert[] {
  if (accessOverride?.kind !== 'deny') return []
  return [{ kind: 'access_denied', message: `Access has been turned off: ${accessOverride.note}` }]
}

function paymentAlerts({ paymentStatus, overdueSince }: Subscription): Alert[] {
  if (paymentStatus === 'uncollectible') {
    return [
      {
        kind: 'payment_blocked',
        message: 'An invoice could not be collected. Pay it to restore access.',
      },
    ]
  }
  if (paymentStatus !== 'failed' || overdueSince === null) return []
  const since = formatInstant(overdueSince).slice(0, 10)
  return [
    {
      kind: 'payment_overdue',
      message: `A payment failed on ${since}. Update the payment method before access stops.`,
    },
  ]
}

function quotaAlert({ featureName, limit, used, onLimit, resetsAt }: QuotaUsage): Alert[] {
  if (limit === null || onLimit === 'bill_overage') return []
  const reset = formatInstant(resetsAt).slice(0, 10)
  if (decimal(used) >= decimal(limit)) {
    return [{ kind: 'quota_exceeded', message: `${featureName} is used up until ${reset}.` }]
  }
  const isClose = toExact(decimal(used)) >= multiply(decimal(limit), decimal('0.8'))
  return isClose
    ? [
        {
          kind: 'quota_approaching',
          message: `${featureName} is more than 80 % used; it resets on ${reset}.`,
        },
      ]
    : []
}

function endingAlert(subscription: Subscription): Alert[] {
  const end = effectiveEnd(subscription)
  if (end === null) return []
  const on = formatInstant(end).slice(0, 10)
  return [{ kind: 'ending', message: `The subscription is canceled and ends on ${on}.` }]
}
