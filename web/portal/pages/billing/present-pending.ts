import { formatDate, formatDateTime } from '../../../ui/format.ts'
import { addOnNames, addOnSteps, addOnStepWords } from '../../../ui/pricing/add-on-words.ts'
import type { Subscription } from './present-subscription.ts'

interface PendingWords {
  readonly title: string
  readonly body: string
  /** What the button that takes it back says. */
  readonly undo: string
}

type Change = NonNullable<Subscription['change']>

/** What a change that is under way makes of the plan and of what is on top of it. */
export function pendingWords(subscription: Subscription, change: Change): PendingWords {
  const steps = addOnSteps(subscription.addOns, change.addOns)
  const sentence = steps.map(addOnStepWords).join('; ')
  return change.kind === 'add_ons'
    ? addOnsPending(change, addOnNames(steps.filter(isMore)), `${sentence}.`)
    : planPending(subscription, change, sentence)
}

function addOnsPending(
  { state, effectiveAt, payment }: Change,
  added: string,
  sentence: string,
): PendingWords {
  switch (state) {
    case 'executing':
      return { title: 'Your add-ons are being changed', body: '', undo: '' }
    case 'scheduled':
      return {
        title: `Your add-ons change on ${formatDate(effectiveAt)}`,
        body: `${sentence} Until then everything stays as it is.`,
        undo: 'Keep my add-ons',
      }
    case 'awaiting_payment':
      return {
        title: `${added} waits for its payment`,
        body: `You have it as soon as it is paid.${dropped(payment)}`,
        undo: 'Do without',
      }
  }
}

function planPending(
  { planName }: Subscription,
  { kind, state, effectiveAt, payment, planName: next }: Change,
  sentence: string,
): PendingWords {
  const undo = `Stay on ${planName}`
  switch (state) {
    case 'executing':
      return { title: `The change to ${next} is being carried out`, body: '', undo }
    case 'scheduled':
      if (kind === 'terms') {
        return {
          title: `Your terms change on ${formatDate(effectiveAt)}`,
          body: `You stay on ${planName}; the next invoice below shows what it will cost.`,
          undo,
        }
      }
      return {
        title: `${next} begins on ${formatDate(effectiveAt)}`,
        body: `Until then everything stays as it is.${sentence && ` Then: ${sentence}.`}`,
        undo,
      }
    case 'awaiting_payment':
      return {
        title: `The change to ${next} waits for its payment`,
        body: `You keep ${planName} until it is paid.${dropped(payment)}`,
        undo,
      }
  }
}

function dropped(payment: Change['payment']): string {
  if (payment === null) return ''
  return ` Unpaid, the change is dropped on ${formatDateTime(payment.expiresAt)}.`
}

function isMore(step: {
  readonly quantityBefore: number
  readonly quantityAfter: number
}): boolean {
  return step.quantityAfter > step.quantityBefore
}
