import { DAY_MS } from '../../kit/instant.ts'

/** Stripe takes usage of the last 35 days. */
export const MAX_AGE_MS = 35 * DAY_MS
