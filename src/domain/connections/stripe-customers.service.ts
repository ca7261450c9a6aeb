import { AppError } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { HOUR_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Connected, Connections } from './service.ts'

const QUEUE = 'stripe.customer'
/** Stripe forgets idempotency keys after a day; what an earlier try may have made is searched for from then on. */
const KEY_LIFETIME_MS = 20 * HOUR_MS

/** Told, inside the transaction, that a Stripe customer became one of ours. */
export type CustomerMappedHook = (tx: Db, mode: Mode, stripeCustomerId: string) => Promise<void>

interface StripeCustomersDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly connections: Connections
  readonly jobs: Jobs
  readonly clock: Clock
}

export type StripeCustomers = ReturnType<typeof createStripeCustomers>

/**
 * Every customer gets a Stripe customer in the background: signing up neither waits for Stripe nor fails with it. Who
 * needs the Stripe customer before that makes it on the spot, under the same idempotency key.
 */
export function createStripeCustomers(deps: StripeCustomersDeps) {
  const { database, accounts, connections, jobs, clock } = deps
  const mappedHooks: CustomerMappedHook[] = []
  let lookAt: (mode: Mode, stripeCustomerId: string) => Promise<unknown> = () => Promise.resolve()
  const owingChecks: ((mode: Mode, customerId: string) => Promise<boolean>)[] = []

  async function ensure(connected: Connected, customer: Customer): Promise<string> {
    const { scope } = connected
    const known = await connections.externalId(scope, 'customer', customer.id)
    if (known !== undefined) return known
    const id = await make(connected, customer)
    await database.transaction(async (tx) => {
      const mapping = { entityKind: 'customer' as const, entityId: customer.id, externalId: id }
      await connections.map(tx, scope, { ...mapping, metadata: {} })
      for (const hook of mappedHooks) await hook(tx, scope.mode, id)
    })
    return id
  }

  async function make(connected: Connected, customer: Customer): Promise<string> {
    const { mode, id: customerId } = customer
    const { api, scope } = connected
    const former = await connections.formerCustomer(scope, customerId)
    if (former?.isStale === true) await refuseIfOwing(mode, customerId, former.stripeCustomerId)
    if (clock.now() - customer.createdAt > KEY_LIFETIME_MS) {
      const found = await api.customers.searchByOurId(customerId)
      const usable = found.find((id) => id !== former?.stripeCustomerId)
      if (usable !== undefined) return usable
    }
    // The key names what is replaced: without that Stripe would answer with the deleted customer once more.
    const generation = former === undefined ? '' : `:${former.stripeCustomerId}`
    return api.customers.create(
      {
        customerId,
        name: customer.name,
        email: customer.email,
        testClockId: customer.testClockId ?? undefined,
      },
      `customer:${mode}:${customerId}${generation}`,
    )
  }

  /** A new Stripe customer owes nothing; whoever still does must be looked at by a person first. */
  async function refuseIfOwing(mode: Mode, customerId: string, gone: string): Promise<void> {
    for (const isOwing of owingChecks) {
      if (await isOwing(mode, customerId)) {
        throw new AppError('stripe_customer_deleted', { stripeCustomer: gone })
      }
    }
  }

  accounts.onCreated(async (tx, { mode, id }) => {
    await jobs.enqueue(tx, QUEUE, { mode, customerId: id }, { key: `${mode}:${id}` })
  })
  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, customerId } = payload as { mode: Mode; customerId: string }
    if (!(await connections.isConnected(mode))) return
    await ensure(await connections.stripe(mode), await accounts.get(mode, customerId))
  })

  /**
   * Does something with the Stripe customer. Stripe may no longer have it: then it is looked at, which marks it as gone, and
   * made anew, unless something is owed.
   */
  async function using<T>(
    connected: Connected,
    customer: Customer,
    call: (stripeCustomerId: string) => Promise<T>,
  ): Promise<T> {
    const stripeCustomerId = await ensure(connected, customer)
    try {
      return await call(stripeCustomerId)
    } catch (error) {
      const isMissing = error instanceof AppError && error.code === 'stripe_customer_missing'
      if (!isMissing) throw error
      await lookAt(customer.mode, stripeCustomerId)
      return call(await ensure(connected, customer))
    }
  }

  return {
    ensure,
    using,

    /** Who can look at a Stripe customer again says how. */
    lookBy(look: (mode: Mode, stripeCustomerId: string) => Promise<unknown>): void {
      lookAt = look
    },

    onMapped(hook: CustomerMappedHook): void {
      mappedHooks.push(hook)
    },

    /** Who can tell whether a customer owes something adds a check. */
    refuseAnewWhile(isOwing: (mode: Mode, customerId: string) => Promise<boolean>): void {
      owingChecks.push(isOwing)
    },

    /** Our customer behind a Stripe id; undefined when Stripe's customer is none of ours. */
    async find(
      { scope }: Connected,
      stripeCustomerId: string,
      db?: Db,
    ): Promise<string | undefined> {
      return connections.entityId(scope, 'customer', stripeCustomerId, db)
    },

    /** Stripe's own page for payment methods and invoices. */
    async portalUrl(mode: Mode, customerId: string, returnUrl: string): Promise<string> {
      const connected = await connections.stripe(mode)
      return using(connected, await accounts.get(mode, customerId), (id) =>
        connected.api.customers.portalUrl(id, returnUrl),
      )
    },
  }
}
