import { DAY_MS, HOUR_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Transaction } from './transaction.ts'

const DAY = DAY_MS / SECOND_MS
const HOUR = HOUR_MS / SECOND_MS

/** What an account chooses on Stripe's dashboard, and how the simulator itself behaves. Changed by `POST /_sim/settings`. */
export interface Settings {
  readonly businessName: string
  /** Seconds after the first failed payment of an invoice at which it is tried again. */
  readonly paymentRetrySeconds: readonly number[]
  /** What becomes of a subscription whose retries are used up. */
  readonly afterRetries: 'cancel' | 'unpaid' | 'past_due' | 'pause'
  /** How long a renewal's draft stays open for late usage and extra lines; Stripe allows up to 72 hours. */
  readonly draftSeconds: number
  /** `invoice.upcoming` comes this many days before a renewal; 0 turns it off. */
  readonly upcomingInvoiceDays: number
  readonly cancelsDisputedSubscriptions: boolean
  /** Seconds after a failed webhook delivery at which it is tried again. */
  readonly webhookRetrySeconds: readonly number[]
  /** Real milliseconds until a meter event is looked at; Stripe processes them asynchronously as well. */
  readonly meterLagMs: number
  /** Real milliseconds until a new object is found by search. */
  readonly searchLagMs: number
  /** Card numbers on the API. Stripe refuses them unless an account is approved for raw card data. */
  readonly allowsRawCardNumbers: boolean
  /** Stripe's limits on calls per second; off because test suites are faster than any integration should be. */
  readonly hasRateLimits: boolean
}

/** What Stripe does where an account has chosen nothing. */
export const DEFAULT_SETTINGS: Settings = {
  businessName: 'Simulated Business',
  paymentRetrySeconds: [3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY],
  afterRetries: 'cancel',
  draftSeconds: HOUR,
  upcomingInvoiceDays: 7,
  cancelsDisputedSubscriptions: false,
  webhookRetrySeconds: [10 * 60, HOUR, 3 * HOUR],
  meterLagMs: 1_000,
  searchLagMs: 1_000,
  allowsRawCardNumbers: false,
  hasRateLimits: false,
}

export interface SettingsDocument extends Partial<Settings> {
  readonly id: 'settings'
}

export function settingsOf(tx: Transaction): Settings {
  const chosen = tx.find('settings', 'settings')
  return chosen === undefined ? DEFAULT_SETTINGS : { ...DEFAULT_SETTINGS, ...chosen }
}
