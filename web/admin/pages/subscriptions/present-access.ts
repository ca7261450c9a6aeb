import { formatDate } from '../../../ui/format.ts'
import { startOfDay, type Subscription } from './present-subscription.ts'

export type AccessOverride = NonNullable<Subscription['accessOverride']>
export type AccessKind = AccessOverride['kind'] | 'none'

/** What the form means; null leaves it to plan and payment again. */
export function overrideOf(kind: AccessKind, until: string, note: string): AccessOverride | null {
  switch (kind) {
    case 'allow_until':
      return { kind, until: startOfDay(until) ?? '' }
    case 'deny':
      return { kind, note }
    case 'none':
      return null
  }
}

/** What was decided, in a sentence. */
export function overrideWords(override: AccessOverride): string {
  return override.kind === 'deny'
    ? `Kept out by an operator: ${override.note}`
    : `Let in by an operator until ${formatDate(override.until)}, whatever is paid.`
}

/** Whether it still counts: being let in ends by itself. */
export function isInForce(override: AccessOverride | null, now: number): boolean {
  if (override === null) return false
  return override.kind === 'deny' || Date.parse(override.until) > now
}
