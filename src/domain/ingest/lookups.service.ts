import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { effectiveEnd, type Subscription } from '../subscriptions/subscription.ts'
import type { Holder } from './booking.ts'
import type { UsageEvent } from './usage-event.ts'

const SUBSCRIPTIONS_LOOKED_AT = 100

interface LookupsDeps {
  readonly accounts: Accounts
  readonly subscriptions: Subscriptions
  readonly holderOf: (customer: Customer, subscription: Subscription) => Promise<Holder>
}

export type Lookups = ReturnType<typeof createLookups>

/** Remembers within one batch, whose events are often of few customers. */
export function createLookups(mode: Mode, { accounts, subscriptions, holderOf }: LookupsDeps) {
  const customers = new Map<string, Promise<Customer | undefined>>()
  const histories = new Map<string, Promise<readonly Subscription[]>>()
  const holders = new Map<string, Promise<Holder>>()
  return {
    async customer({ subject, subscriptionId }: UsageEvent): Promise<Customer | undefined> {
      const name = subscriptionId ?? subject ?? ''
      return once(customers, `${subscriptionId === null} ${name}`, async () => {
        if (subscriptionId === null) return accounts.findByIdOrKey(mode, name)
        const subscription = await subscriptions.find(mode, subscriptionId)
        return subscription && accounts.find(mode, subscription.customerId)
      })
    },
    async holder(
      customer: Customer,
      { subscriptionId }: UsageEvent,
      at: Instant,
    ): Promise<Holder | undefined> {
      const history = await once(histories, customer.id, async () => {
        const filter = { customerId: customer.id }
        const page = await subscriptions.list(mode, filter, { limit: SUBSCRIPTIONS_LOOKED_AT })
        return page.data
      })
      const subscription = history.find(
        (candidate) =>
          (subscriptionId === null || candidate.id === subscriptionId) && isThen(candidate, at),
      )
      if (subscription === undefined) return undefined
      return once(holders, subscription.id, () => holderOf(customer, subscription))
    },
  }
}

function isThen(subscription: Subscription, at: Instant): boolean {
  const { activatedAt, startsAt } = subscription
  const end = effectiveEnd(subscription)
  return activatedAt !== null && startsAt <= at && (end === null || at < end)
}

function once<T>(known: Map<string, Promise<T>>, id: string, load: () => Promise<T>): Promise<T> {
  const loading = known.get(id) ?? load()
  known.set(id, loading)
  return loading
}
