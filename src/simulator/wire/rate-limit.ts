import type { Realm } from '../store/realm.ts'
import { settingsOf } from '../store/settings.ts'
import { StripeError } from './errors.ts'

const PER_SECOND = { live: 100, test: 25 }
const PER_ENDPOINT = 25
const SEARCHES_PER_SECOND = 20

interface Window {
  readonly second: number
  readonly counts: Map<string, number>
}

/** Stripe's limits, for accounts that ask for them: per account, per endpoint, and for searches. */
export function createRateLimiter(): (
  realm: Realm,
  method: string,
  path: string,
) => StripeError | undefined {
  const windows = new Map<string, Window>()

  return (realm, method, path) => {
    const isLimited = realm.transact((tx) => settingsOf(tx).hasRateLimits)
    if (!isLimited) return undefined
    const second = Math.floor(Date.now() / 1_000)
    const known = windows.get(realm.id)
    const window = known?.second === second ? known : { second, counts: new Map<string, number>() }
    windows.set(realm.id, window)
    const take = (name: string): number => {
      const count = (window.counts.get(name) ?? 0) + 1
      window.counts.set(name, count)
      return count
    }
    if (take('global') > PER_SECOND[realm.facts.isLive ? 'live' : 'test']) {
      return tooManyRequests('global-rate')
    }
    if (path.endsWith('/search') && take('search') > SEARCHES_PER_SECOND) {
      return tooManyRequests('endpoint-rate')
    }
    const endpoint = `${method} ${path.replaceAll(/\/[a-z]+_[\w]+/g, '/{id}')}`
    return take(endpoint) > PER_ENDPOINT ? tooManyRequests('endpoint-rate') : undefined
  }
}

export function tooManyRequests(reason: string): StripeError {
  return new StripeError(
    429,
    {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message:
        'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    },
    { headers: { 'Stripe-Rate-Limited-Reason': reason } },
  )
}
