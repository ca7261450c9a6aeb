import { AppError } from '../../errors.ts'
import type { Subscription } from './subscription.ts'

/** Who says which version they have seen does not undo what somebody else did since. */
export function checkVersion(
  { version }: Pick<Subscription, 'version'>,
  expected: number | null,
): void {
  if (expected !== null && expected !== version) throw new AppError('subscription_changed', {})
}
