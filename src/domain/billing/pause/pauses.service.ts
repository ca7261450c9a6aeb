import { AppError, notFound, refusalError } from '../../../errors.ts'
import { type Instant, SECOND_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type Caller, systemCaller } from '../../audit/caller.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Connections } from '../../connections/service.ts'
import type { Cancellations } from '../../subscriptions/cancel.service.ts'
import { givesWay } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import { decidePause, type PauseRequest } from '../../subscriptions/decide-pause.ts'
import { checkVersion } from '../../subscriptions/expected-version.ts'
import type { Pausing } from '../../subscriptions/pausing.service.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import { isBilledByUs, type Subscription } from '../../subscriptions/subscription.ts'
import type { Look } from '../../webhooks/look.service.ts'
import type { Sync } from '../../webhooks/sync.ts'
import type { Changes } from '../change/changes.service.ts'
import type { OwnBilling } from '../own-billing.service.ts'
import type { PhaseSchedules } from '../phases/service.ts'
import type { Rating } from '../rating.service.ts'
import { isOpenedHereAt } from '../terms.ts'

const MAX_DUE_PER_RUN = 200

interface PausesDeps {
  readonly accounts: Accounts
  readonly cancellations: Cancellations
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly database: Database
  readonly log: Log
  readonly look: Look
  readonly ownBilling: OwnBilling
  readonly phaseSchedules: PhaseSchedules
  readonly pausing: Pausing
  readonly rating: Rating
  readonly planned: Pick<Changes, 'makeWay'>
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<StripeSubscription>
}

export type Pauses = ReturnType<typeof createPauses>

/**
 * Pausing a subscription and taking it up again. No charge for the time between: what was paid ahead is given back to the
 * balance, and the rest of the period is charged when it goes on. Where Stripe bills, Stripe pauses.
 */
export function createPauses(deps: PausesDeps) {
  const { accounts, cancellations, catalog, changes, connections, database, log } = deps
  const { look, ownBilling, pausing, phaseSchedules, planned, subscriptions } = deps
  const { rating, subscriptionSync } = deps

  async function locked<Result>(
    mode: Mode,
    id: string,
    work: (tx: Db, subscription: Subscription, customer: Customer) => Promise<Result>,
  ): Promise<Result> {
    const { customerId } = await subscriptions.get(mode, id)
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const subscription = await subscriptions.find(mode, id, tx)
      if (subscription === undefined) throw notFound('subscription')
      return work(tx, subscription, customer)
    })
  }

  async function inStripe(
    mode: Mode,
    id: string,
    act: (
      api: Awaited<ReturnType<Connections['stripe']>>['api'],
      stripeId: string,
    ) => Promise<void>,
  ): Promise<void> {
    const { api, scope } = await connections.stripe(mode)
    const stripeId = await connections.externalId(scope, 'subscription', id)
    if (stripeId === undefined) {
      throw new AppError('stripe_object_missing', { message: 'The subscription is not in Stripe.' })
    }
    await act(api, stripeId)
    await look(mode, subscriptionSync, stripeId)
  }

  async function unpause(caller: Caller, id: string, expected: number | null): Promise<void> {
    const { mode } = caller
    const asked = await locked(mode, id, async (tx, subscription, customer) => {
      checkVersion(subscription, expected)
      if (subscription.pausedAt === null) return null
      const now = accounts.now(customer)
      const at = now - (now % SECOND_MS)
      if (subscription.engine === 'stripe_subscription') {
        const { resumesAt } = subscription
        await pausing.note(tx, caller, subscription, { resumesAt, resumingAt: at }, now)
        return at
      }
      const { resumesAt: _, pausedAt: _at, ...rest } = subscription
      const running = { ...rest, pausedAt: null, resumesAt: null, resumingAt: null }
      const phase = await pausing.leave(tx, caller, customer, subscription, at)
      await pausing.save(tx, { ...running, ...phase })
      if (isBilledByUs(subscription)) {
        await ownBilling.billResumption(tx, caller, customer, { ...running, ...phase }, at)
      }
      return null
    })
    if (asked === null) return
    await inStripe(mode, id, (api, stripeId) =>
      api.subscriptions.resume(stripeId, asked, `${id}:resume:${asked}`),
    )
  }

  return {
    async pause(
      caller: Caller,
      id: string,
      request: PauseRequest,
      expected: number | null = null,
    ): Promise<Subscription> {
      const { mode } = caller
      const version = await locked(mode, id, async (tx, subscription, customer) => {
        checkVersion(subscription, expected)
        const open = await changes.findOpen(mode, id, tx)
        if (open !== undefined && !givesWay(open)) throw new AppError('change_pending', {})
        const { definition } = await catalog.getVersion(mode, subscription.planVersionId, tx)
        const now = accounts.now(customer)
        const decision = decidePause(subscription, definition, request, now)
        if (decision.kind === 'refused') throw refusalError(decision)
        // Stripe would give nothing back of a period that we have billed.
        if (isOpenedHereAt((await rating.contractOf(subscription, tx)).terms, now)) {
          const lifecycle = 'in a period that Stripe does not bill yet'
          throw new AppError('subscription_not_pausable', { lifecycle })
        }
        const { resumesAt } = request
        if (subscription.engine === 'stripe_subscription') {
          await pausing.note(tx, caller, subscription, { resumesAt, resumingAt: null }, now)
          return subscription.version
        }
        const at = now - (now % SECOND_MS)
        const paused = { ...subscription, pausedAt: at, resumesAt }
        await pausing.save(tx, paused)
        await pausing.enter(tx, caller, paused, at)
        if (isBilledByUs(subscription)) {
          await ownBilling.billPause(tx, caller, customer, subscription, at)
        }
        return null
      })
      await planned.makeWay(caller, id)
      if (version !== null) {
        await phaseSchedules.aside(await subscriptions.get(mode, id), () =>
          inStripe(mode, id, (api, stripeId) =>
            api.subscriptions.pause(stripeId, `${id}:pause:${version}`),
          ),
        )
      }
      return subscriptions.get(mode, id)
    },

    /** Takes up what is paused; takes back a cancellation where nothing is. */
    async resume(
      caller: Caller,
      id: string,
      expected: number | null = null,
    ): Promise<Subscription> {
      const { pausedAt } = await subscriptions.get(caller.mode, id)
      if (pausedAt === null) return cancellations.resume(caller, id, expected)
      await unpause(caller, id, expected)
      return subscriptions.get(caller.mode, id)
    },

    /** Pauses whose end has come. One that fails is tried again and holds up no other. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const { id } of await subscriptions.listResuming(mode, now, MAX_DUE_PER_RUN)) {
        await unpause(systemCaller(mode), id, null).catch((error: unknown) =>
          log.error('pause.not_ended', { subscriptionId: id, error }),
        )
      }
    },
  }
}
