import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Settings } from '../settings/service.ts'
import type { Redemption } from './redemption.ts'
import * as store from './store.ts'

/** Looks whether the card of a customer in a trial was seen with somebody else's. */
export const CARD_CHECK = 'trial.card'

export type Trials = ReturnType<typeof createTrials>

/** Who has had a trial. Callers hold the customer's lock. */
export function createTrials(deps: {
  readonly database: Database
  readonly jobs: Jobs
  readonly settings: Settings
}) {
  const { database, jobs, settings } = deps

  const checkCards = (tx: Db, mode: Mode, customerId: string): Promise<void> =>
    jobs.enqueue(tx, CARD_CHECK, { mode, customerId }, { key: `${mode}:${customerId}` })

  /** Whether the card was seen with the trial of somebody else; from now on it is known. */
  async function isUsedCard(
    tx: Db,
    mode: Mode,
    customerId: string,
    fingerprint: string,
    now: Instant,
  ): Promise<boolean> {
    const chosen = await settings.get(mode, 'subscriptions.one_trial_per_card', tx)
    if ((chosen ?? (mode === 'live' ? 'on' : 'off')) === 'off') return false
    return (await store.claimCard(tx, mode, fingerprint, customerId, now)) !== customerId
  }

  return {
    checkCards,
    isUsedCard,
    find: (mode: Mode, customerId: string, db: Db = database.db) =>
      store.find(db, mode, customerId),

    async redeem(tx: Db, mode: Mode, redemption: Redemption): Promise<void> {
      await store.insert(tx, mode, redemption)
      await checkCards(tx, mode, redemption.customerId)
    },

    /** Whether a trial was had before, by the customer or with the card they are about to pay with. */
    async isUsed(
      tx: Db,
      mode: Mode,
      customerId: string,
      fingerprint: string | null,
      now: Instant,
    ): Promise<boolean> {
      if ((await store.find(tx, mode, customerId)) !== undefined) return true
      return fingerprint !== null && isUsedCard(tx, mode, customerId, fingerprint, now)
    },
  }
}
