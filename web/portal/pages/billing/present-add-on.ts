import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatDate, formatQuantity } from '../../../ui/format.ts'
import { addOnSteps } from '../../../ui/pricing/add-on-words.ts'
import { planWords } from '../plans/present-plan.ts'
import type { Subscription } from './present-subscription.ts'

export type AddOn = ResponseOf<'get', '/api/v1/portal/subscription/add-ons'>['data'][number]

/** What one of it costs, and what it gives: `$10 per month each`, `+500 requests per month`. */
export function addOnTerms(addOn: AddOn, currency: string): string[] {
  const { price, usage, extras } = planWords(addOn, currency)
  const cost = [price.amount, price.per].filter(Boolean).join(' ')
  const each = addOn.definition.addOn?.maximumQuantity === 1 ? '' : ' each'
  // What happens beyond is for the plan to say.
  const more = usage.map(({ shape, text }) =>
    shape === 'capped' ? `+${text.replace(/, then .*/, '')}` : text,
  )
  return [`${cost}${each}`, ...more, ...extras]
}

/** How much of it there is, and what the change that is under way makes of it; null where there is neither. */
export function heldWords(
  { key, quantity }: AddOn,
  { addOns, change }: Pick<Subscription, 'addOns' | 'change'>,
): string | null {
  const step = addOnSteps(addOns, change?.addOns ?? addOns).find((each) => each.key === key)
  const had = quantity === 0 ? null : `You have ${formatQuantity(String(quantity))}`
  if (step === undefined || change === null) return had
  const { quantityAfter } = step
  if (change.state !== 'scheduled') return [had, 'a change is under way'].filter(Boolean).join('; ')
  const on = formatDate(change.effectiveAt)
  return quantityAfter === 0
    ? `${had} until ${on}`
    : [had, `${formatQuantity(String(quantityAfter))} from ${on} on`].filter(Boolean).join(', ')
}

/** Why none can be added, or removed, now; undefined when they can. */
export function whyNotAddOns(
  { lifecycle, change }: Pick<Subscription, 'lifecycle' | 'change'>,
  isLess: boolean,
): string | undefined {
  const isTerms = change?.kind === 'terms' && change.state === 'scheduled'
  if (change !== null && !isTerms) {
    return 'A change is under way. Take it back first, or wait until it is done.'
  }
  // Both would come with the next period, and one thing at a time is scheduled.
  if (isTerms && isLess) return 'Other terms of your plan begin with the next period; after that.'
  switch (lifecycle) {
    case 'active':
      return undefined
    case 'trialing':
      return 'When the trial is over and the plan is paid for.'
    case 'canceling':
      return 'The plan ends. Resume it first.'
    default:
      return 'When the plan runs.'
  }
}

/** What is asked for in the address, within what can be had; one more than there is where nothing is. */
export function wantedQuantity({ quantity, definition }: AddOn, asked: string | undefined): number {
  const maximum = definition.addOn?.maximumQuantity ?? Number.MAX_SAFE_INTEGER
  if (asked === undefined || !/^\d+$/.test(asked)) return Math.min(quantity + 1, maximum)
  return Math.min(Number(asked), maximum)
}

/** Everything there is to be on top of the plan, with so many of one. */
export function wantedAddOns(
  all: readonly AddOn[],
  key: string,
  wanted: number,
): { key: string; quantity: number }[] {
  return all
    .map((addOn) => ({ key: addOn.key, quantity: addOn.key === key ? wanted : addOn.quantity }))
    .filter(({ quantity }) => quantity > 0)
}
