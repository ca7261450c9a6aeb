import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatAmount, formatDate } from '../../../ui/format.ts'
import { addOnStepWords } from '../../../ui/pricing/add-on-words.ts'
import type { Subscription } from './present-subscription.ts'

export type ChangePreview = ResponseOf<
  'post',
  '/api/v1/subscriptions/{subscriptionId}/change/preview'
>
export type ChangeResult = ResponseOf<'post', '/api/v1/subscriptions/{subscriptionId}/change'>
export type PendingChange = NonNullable<Subscription['change']>

const DIRECTIONS: Record<ChangePreview['direction'], string> = {
  upgrade: 'An upgrade',
  downgrade: 'A downgrade',
  lateral: 'A change to the side',
}

/** `An upgrade, at once`; `A downgrade, on Dec 1, 2026`. */
export function whenWords({
  kind,
  direction,
  timing,
  effectiveAt,
  to,
  addOns,
}: ChangePreview): string {
  const when = timing === 'immediate' ? 'at once' : `on ${formatDate(effectiveAt)}`
  if (kind === 'terms') return `Other terms of ${to.planName}, ${when}`
  if (kind === 'add_ons') return `${addOns.map(addOnStepWords).join('; ')}, ${when}`
  return `${DIRECTIONS[direction]}, ${when}`
}

/** What the customer pays for it, and when. */
export function paymentWords({ payment, way }: ChangePreview): string {
  const amount = formatAmount(payment.amount)
  if (way === 'checkout') return 'They pay on a payment page first: nothing is paid for so far.'
  switch (payment.kind) {
    case 'none':
      return 'Nothing is charged for the change.'
    case 'before_change':
      return `${amount} is charged now. The old plan stays until it is paid.`
    case 'by_invoice':
      return `${amount} is invoiced. The change does not wait for it.`
    case 'credit':
      return `${amount} goes to their balance, for the next invoices.`
  }
}

/** The verb of what confirming does. */
export function verbOf({ payment, timing, way }: ChangePreview): string {
  if (way === 'checkout') return 'Get the payment page'
  if (timing === 'at_period_end') return 'Schedule change'
  return payment.kind === 'before_change' ? `Charge ${formatAmount(payment.amount)}` : 'Change plan'
}

/** What became of it, for a toast. */
export function resultWords(result: ChangeResult): { title: string; description?: string } {
  switch (result.kind) {
    case 'applied':
      return { title: 'The plan has changed', description: result.subscription.planName }
    case 'scheduled':
      return { title: 'The change is scheduled' }
    case 'awaiting_payment':
      return { title: 'The change waits for its payment' }
    case 'executing':
      return { title: 'The change is being made', description: 'It is finished within a minute.' }
    case 'checkout':
      return { title: 'The customer has to pay first', description: result.url }
  }
}

/** A change that is under way, in a sentence. */
export function pendingWords({
  kind,
  state,
  planName,
  effectiveAt,
  payment,
}: PendingChange): string {
  if (kind === 'terms') {
    return state === 'executing'
      ? 'Other terms are being agreed'
      : `Other terms of ${planName} begin on ${formatDate(effectiveAt)}`
  }
  switch (state) {
    case 'scheduled':
      return `Changes to ${planName} on ${formatDate(effectiveAt)}`
    case 'awaiting_payment': {
      const due = payment === null ? '' : ` of ${formatAmount(payment.amountDue)}`
      return `The change to ${planName} waits for its payment${due}`
    }
    case 'executing':
      return `The change to ${planName} is being made`
  }
}

/** Why no other terms can be agreed; undefined when they can. */
export function refusalToAgree({
  lifecycle,
  change,
}: Pick<Subscription, 'lifecycle' | 'change'>): string | undefined {
  if (lifecycle !== 'active' && lifecycle !== 'trialing') return 'Only what is running can be.'
  const isBusy = change !== null && (change.kind === 'plan' || change.state === 'executing')
  return isBusy ? 'A change of plan is under way. Take it back first.' : undefined
}

/** Why the plan cannot be changed; undefined when it can. */
export function refusalToChange({
  lifecycle,
  change,
}: Pick<Subscription, 'lifecycle' | 'change'>): string | undefined {
  if (lifecycle === 'ended' || lifecycle === 'expired') return 'It has ended already.'
  const isFree = change === null || (change.kind === 'terms' && change.state === 'scheduled')
  return isFree ? undefined : 'Another change is under way. Take it back first.'
}
