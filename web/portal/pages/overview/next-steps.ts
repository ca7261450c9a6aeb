import { hasUsage, type Overview } from '../quickstart/has-usage.ts'
import { isRunning } from '../billing/present-subscription.ts'

export interface NextStep {
  readonly key: 'plan' | 'key' | 'call'
  readonly label: string
  readonly isDone: boolean
}

/** What stands between a new account and its first answer; undefined once it has had one. */
export function nextSteps(overview: Overview): readonly NextStep[] | undefined {
  const { subscription, unrevealedKeyIds } = overview
  if (hasUsage(overview)) return undefined
  const hasPlan = subscription !== null && isRunning(subscription)
  // An account whose plan has ended is not new; it is told what ended instead.
  if (subscription !== null && !hasPlan && subscription.lifecycle === 'ended') return undefined
  return [
    { key: 'plan', label: 'Choose a plan', isDone: hasPlan },
    { key: 'key', label: 'Save your API key', isDone: hasPlan && unrevealedKeyIds.length === 0 },
    { key: 'call', label: 'Make your first call', isDone: false },
  ]
}
