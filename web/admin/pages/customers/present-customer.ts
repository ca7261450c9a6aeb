import { countOf } from '../../../ui/format.ts'
import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'

export type Customer = ResponseOf<'get', '/api/v1/customers'>['data'][number]
export type CustomerDetail = ResponseOf<'get', '/api/v1/customers/{customerId}'>

/** One word for the account itself; what it pays is the subscription's matter. */
export function standingOf({ closedAt, suspensions }: Pick<Customer, 'closedAt' | 'suspensions'>): {
  readonly word: string
  readonly tone: Tone
} {
  if (closedAt !== null) return { word: 'closed', tone: 'neutral' }
  if (suspensions.length > 0) return { word: 'suspended', tone: 'danger' }
  return { word: 'open', tone: 'success' }
}

/** Why somebody is suspended; the words stand behind "Suspended". */
const REASONS = {
  payment: 'because a payment is overdue',
  payment_method_removed: 'because the payment method was removed',
  subscription_deleted: 'because the subscription ended',
  abuse: 'for abuse',
  operator: 'by an operator',
  owner_suspended: 'because the owner was suspended',
} as const

export type SuspensionReason = keyof typeof REASONS

/** Undefined for a reason this page does not know, which then cannot be lifted here either. */
export function suspensionReason(reason: string): SuspensionReason | undefined {
  return Object.hasOwn(REASONS, reason) ? (reason as SuspensionReason) : undefined
}

export function suspensionWords(reason: string): string {
  const known = suspensionReason(reason)
  return known === undefined ? `because of ${reason.replaceAll('_', ' ')}` : REASONS[known]
}

/** What an operator may suspend for. */
export const SUSPEND_OPTIONS = [
  { value: 'operator', label: 'A decision of ours', description: 'Asked for, or under review' },
  { value: 'abuse', label: 'Abuse', description: 'The API is being misused' },
  { value: 'payment', label: 'Payment', description: 'Money is owed that we do not wait for' },
] as const

/** Where Stripe shows this customer; the simulator has no dashboard. */
export function stripeDashboardUrl(
  stripeCustomerId: string,
  { mode, isSimulated }: { readonly mode: 'test' | 'live'; readonly isSimulated: boolean },
): string | undefined {
  if (isSimulated) return undefined
  const base = mode === 'live' ? '' : '/test'
  return `https://dashboard.stripe.com${base}/customers/${encodeURIComponent(stripeCustomerId)}`
}

/** What came of comparing a customer with Stripe. */
export function syncWords(found: number, left: number): string {
  if (found === 0) return 'Nothing differs from Stripe'
  const mended = found - left
  const rest = left === 0 ? '' : `, ${countOf(left, 'finding')} left`
  return `${countOf(found, 'difference')}, ${mended} mended${rest}`
}
