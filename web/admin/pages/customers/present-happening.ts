import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { countOf } from '../../../ui/format.ts'
import type { IconName } from '../../../ui/icon.tsx'

export type Happening = ResponseOf<'get', '/api/v1/customers/{customerId}/timeline'>['data'][number]
type Of<Source extends Happening['source']> = Extract<Happening, { readonly source: Source }>

const KIND_WORDS = {
  subscription: 'Subscription',
  invoice: 'Invoices',
  payment: 'Payments and failures',
  refund: 'Refunds',
  dispute: 'Disputes',
  credit: 'Credits',
  access: 'Access, and why it changed',
  key: 'API keys',
  mail: 'Mails',
  webhook: 'Stripe’s events',
  operator: 'Done by operators',
}

export const TIMELINE_KINDS = Object.keys(KIND_WORDS) as (keyof typeof KIND_WORDS)[]

export const KIND_OPTIONS = TIMELINE_KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))

/** Stripe says the same thing in many events; those that came one after the other are one step of the story. */
export type Step = Exclude<Happening, Of<'event'>> | { source: 'events'; events: Of<'event'>[] }

export function stepsOf(happenings: readonly Happening[]): Step[] {
  const steps: Step[] = []
  for (const happening of happenings) {
    const last = steps.at(-1)
    if (happening.source !== 'event') steps.push(happening)
    else if (last?.source === 'events') last.events.push(happening)
    else steps.push({ source: 'events', events: [happening] })
  }
  return steps
}

interface Look {
  readonly words: string
  readonly icon: IconName
  readonly tone: Tone
}

export function lookOfAttempt({ attempt: { state } }: Pick<Of<'attempt'>, 'attempt'>): Look {
  switch (state) {
    case 'succeeded':
      return { words: 'Payment came in', icon: 'card', tone: 'success' }
    case 'failed':
      return { words: 'Payment failed', icon: 'card', tone: 'danger' }
    case 'pending':
      return { words: 'Payment on its way', icon: 'card', tone: 'info' }
  }
}

/** Templates are named after what they tell: `access_blocking_soon`. */
export function lookOfMail({ mail: { template, state } }: Pick<Of<'mail'>, 'mail'>): Look {
  const subject = template.replaceAll('_', ' ')
  if (state === 'failed')
    return { words: `Mail not sent: ${subject}`, icon: 'mail', tone: 'danger' }
  const words = state === 'sent' ? `Mail sent: ${subject}` : `Mail waits: ${subject}`
  return { words, icon: 'mail', tone: 'neutral' }
}

export function lookOfEvents(events: readonly Of<'event'>[]): Look {
  const isStuck = events.some(({ event: { state } }) => state === 'failed' || state === 'dead')
  return {
    words: isStuck
      ? `${countOf(events.length, 'event')} from Stripe, not all applied`
      : `${countOf(events.length, 'event')} from Stripe`,
    icon: 'inbox',
    tone: isStuck ? 'danger' : 'neutral',
  }
}
