import { forgetOldEvents } from './events/events.ts'
import type { Transaction } from './store/transaction.ts'

const DAY = 86_400
const JOB = 'housekeeping'

/** Keeps an account from growing for ever: what Stripe forgets is forgotten once a day. */
export function planHousekeeping(tx: Transaction): void {
  tx.schedule({
    id: JOB,
    type: JOB,
    clock: null,
    dueAt: tx.now(null) + DAY,
    rank: 99,
    subject: JOB,
  })
}

/** Job. */
export function keepHouse(tx: Transaction): void {
  forgetOldEvents(tx)
  forgetOldSessions(tx)
  planHousekeeping(tx)
}

function forgetOldSessions(tx: Transaction): void {
  const now = tx.now(null)
  const sessions = [...tx.oldestFirst('meter_session')]
  for (const session of sessions) {
    if (session.expiresAt < now) tx.remove('meter_session', session.id)
  }
}
