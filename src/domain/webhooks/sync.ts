import type { Db } from '../../platform/database/database.ts'
import type { Connected } from '../connections/service.ts'

/** What became of an object that was fetched from Stripe. */
export type SyncResult =
  | { readonly kind: 'applied' }
  /** None of our business, such as another application's customer in the same account. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** It refers to something we do not know yet; worth another try when that has arrived. */
  | { readonly kind: 'parked'; readonly why: string }

/**
 * How one kind of Stripe object gets into our rows: its current state is fetched outside any transaction, then applied
 * inside one. Webhooks, the poller and `stripe sync` all go through the same pair.
 */
export interface Sync<Fetched> {
  fetch(connected: Connected, objectId: string): Promise<Fetched | undefined>
  /** `ticket` was drawn before fetching: state that is older than what is stored changes nothing. */
  apply(tx: Db, connected: Connected, fetched: Fetched, ticket: bigint): Promise<SyncResult>
  /** Stripe no longer has the object. Without this, nothing follows from that. */
  gone?(tx: Db, connected: Connected, objectId: string, ticket: bigint): Promise<SyncResult>
}

export const APPLIED: SyncResult = { kind: 'applied' }

/** For objects of Stripe customers that are none of ours, or not yet: looked at again should they become ours. */
export const STRANGER = {
  kind: 'ignored',
  why: 'the customer is none of ours',
} as const satisfies SyncResult
