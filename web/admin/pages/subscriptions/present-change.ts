import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatAmount, formatDate } from '../../../ui/format.ts'
import { addOnSteps, addOnStepWords } from '../../../ui/pricing/add-on-words.ts'
import type { Subscription } from './present-subscription.ts'

export type ChangePreview = ResponseOf<
  'post',
  '/api/v1/subscriptions/{subscriptionId}/change/preview'
>
export type ChangeResult = ResponseOf<'post', '/api/v1/subscriptions/{subscriptionId}/change'>
export type PendingChange = NonNullable<Subscription['change']>

export const TIMINGS = [
  { value: 'auto', label: 'As usual', description: 'More at once, less when the period ends' },
  { value: 'immediate', label: 'Now' },
  { value: 'at_period_end', label: 'When the period ends' },
] as const

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
export function paymentWords({ kind, payment, way }: ChangePreview): string {
  const amount = formatAmount(payment.amount)
  if (way === 'checkout') return 'They pay on a payment page first: nothing is paid for so far.'
  switch (payment.kind) {
    case 'none':
      return 'Nothing is charged for the change.'
    case 'before_change':
      return kind === 'add_ons'
        ? `${amount} is charged now. Nothing is added before it is paid.`
        : `${amount} is charged now. The old plan stays until it is paid.`
    case 'by_invoice':
      return `${amount} is invoiced. The change does not wait for it.`
    case 'credit':
      return `${amount} goes to their balance, for the next invoices.`
  }
}

/** The verb of what confirming does. */
export function verbOf({ kind, payment, timing, way }: ChangePreview): string {
  if (way === 'checkout') return 'Get the payment page'
  if (timing === 'at_period_end') return 'Schedule change'
  if (payment.kind === 'before_change') return `Charge ${formatAmount(payment.amount)}`
  return kind === 'add_ons' ? 'Change add-ons' : 'Change plan'
}

/** What became of it, for a toast. */
export function resultWords(
  result: ChangeResult,
  kind: ChangePreview['kind'] = 'plan',
): { title: string; description?: string } {
  switch (result.kind) {
    case 'applied':
      if (kind === 'add_ons') return { title: 'The add-ons have changed' }
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

/** A change that is under way, in a sentence; `held` is what there is on top of the plan until then. */
export function pendingWords(change: PendingChange, held: Subscription['addOns']): string {
  const { kind, state, planName, effectiveAt, payment, addOns } = change
  const due = payment === null ? '' : ` of ${formatAmount(payment.amountDue)}`
  if (kind === 'add_ons') {
    const steps = addOnSteps(held, addOns).map(addOnStepWords).join('; ')
    switch (state) {
      case 'scheduled':
        return `Add-ons change on ${formatDate(effectiveAt)}. ${steps}`
      case 'awaiting_payment':
        return `Add-ons wait for a payment${due}. ${steps}`
      case 'executing':
        return `Add-ons are being changed. ${steps}`
    }
  }
  if (kind === 'terms') {
    return state === 'executing'
      ? 'Other terms are being agreed'
      : `Other terms of ${planName} begin on ${formatDate(effectiveAt)}`
  }
  switch (state) {
    case 'scheduled':
      return `Changes to ${planName} on ${formatDate(effectiveAt)}`
    case 'awaiting_payment':
      return `The change to ${planName} waits for its payment${due}`
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
  const isBusy = change !== null && (change.kind !== 'terms' || change.state === 'executing')
  return isBusy ? 'A change is under way. Take it back first.' : undefined
}

/** Why no add-ons can be changed; undefined when they can, beside terms that are scheduled too. */
export function refusalToAddOns({
  lifecycle,
  change,
}: Pick<Subscription, 'lifecycle' | 'change'>): string | undefined {
  if (lifecycle === 'trialing') return 'When the trial is over and the plan is paid for.'
  if (lifecycle !== 'active') return 'Only what is running can have others.'
  const isFree = change === null || (change.kind === 'terms' && change.state === 'scheduled')
  return isFree ? undefined : 'Another change is under way. Take it back first.'
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
