import type { Transaction } from '../store/transaction.ts'

/** The time somebody sees: on a test clock its own, elsewhere the realm's, which follows the wall clock at a distance. */
export function timeOf(tx: Transaction, testClock: string | null, wallSeconds: number): number {
  if (testClock !== null) {
    const clock = tx.find('test_helpers.test_clock', testClock)
    if (clock !== undefined) return clock.inner.time
  }
  const clock = tx.find('realm_clock', 'clock')
  if (clock === undefined) return wallSeconds
  return clock.frozenAt ?? wallSeconds + clock.offset
}

/** Moves the realm's own time. Frozen time stands still; otherwise it goes on from there with the wall clock. */
export function setRealmTime(
  tx: Transaction,
  seconds: number,
  { isFrozen, wallSeconds }: { readonly isFrozen: boolean; readonly wallSeconds: number },
): void {
  const clock = {
    id: 'clock',
    offset: seconds - wallSeconds,
    frozenAt: isFrozen ? seconds : null,
  } as const
  if (tx.find('realm_clock', 'clock') === undefined) tx.insert('realm_clock', clock)
  else tx.update('realm_clock', 'clock', clock)
}
