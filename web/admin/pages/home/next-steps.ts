/** What somebody who has just started Farebox does next, and what of it is done. */
export interface NextStep {
  readonly key: 'plans' | 'customer' | 'subscription' | 'time' | 'live'
  readonly title: string
  readonly detail: string
  readonly isDone: boolean
}

interface Situation {
  readonly publishedPlans: number
  readonly customers: number
  readonly activeSubscriptions: number
  /** How far test mode is ahead of real time. */
  readonly clockOffsetMs: number
  readonly isLiveConnected: boolean
}

const DAY_MS = 86_400_000

export function nextSteps(situation: Situation): NextStep[] {
  return [
    {
      key: 'plans',
      title: 'Publish a plan',
      detail: 'What you sell: prices, quotas, rate limits. Its products and prices go to Stripe.',
      isDone: situation.publishedPlans > 0,
    },
    {
      key: 'customer',
      title: 'Become your first customer',
      detail: 'Sign up in the portal as your customers will.',
      isDone: situation.customers > 0,
    },
    {
      key: 'subscription',
      title: 'Subscribe and call the API',
      detail: 'Pay with 4242 4242 4242 4242, take the key, and see the call on the usage chart.',
      isDone: situation.activeSubscriptions > 0,
    },
    {
      key: 'time',
      title: 'Let a month pass',
      detail: 'Periods close, usage is billed, invoices are paid: within seconds.',
      isDone: situation.clockOffsetMs >= DAY_MS,
    },
    {
      key: 'live',
      title: 'Go live',
      detail: 'Connect your Stripe account to live mode when everything is as you want it.',
      isDone: situation.isLiveConnected,
    },
  ]
}

/** Whether the steps are still worth the room: not once somebody pays. */
export function isFresh(situation: Pick<Situation, 'activeSubscriptions' | 'customers'>): boolean {
  return situation.customers === 0 || situation.activeSubscriptions === 0
}
