import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connections } from '../connections/service.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import type { PaymentMethods } from '../payments/methods/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { lifecycleAt, type Subscription } from '../subscriptions/subscription.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import { CARD_CHECK, type Trials } from './service.ts'

/** As long before its end as Stripe says so, too. */
const NOTICE_MS = 3 * DAY_MS
const MAX_DUE_PER_RUN = 500

interface TrialWatchDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly connections: Connections
  readonly database: Database
  readonly jobs: Jobs
  readonly look: Look
  readonly notifications: Notifications
  readonly paymentMethods: PaymentMethods
  readonly subscriptions: Subscriptions
  readonly subscriptionSync: Sync<unknown>
  readonly trials: Trials
}

/** Looks after trials that run: whose card it is, and when they end. */
export function createTrialWatch(deps: TrialWatchDeps) {
  const { accounts, audit, catalog, connections, database, jobs, look } = deps
  const { notifications, paymentMethods, subscriptions, subscriptionSync, trials } = deps

  paymentMethods.onChange(async (tx, { mode, id }, news) => {
    if (news.kind !== 'default_changed') return
    if ((await trials.find(mode, id, tx)) !== undefined) await trials.checkCards(tx, mode, id)
  })

  jobs.handle(CARD_CHECK, async ({ payload }) => {
    const { mode, customerId } = payload as { mode: Mode; customerId: string }
    const subscription = await trialOf(mode, customerId)
    if (subscription?.engine !== 'stripe_subscription') return
    if (!(await hasUsedCard(mode, customerId))) return
    const { api, scope } = await connections.stripe(mode)
    const stripeId = await connections.externalId(scope, 'subscription', subscription.id)
    if (stripeId === undefined) return
    await api.subscriptions.endTrial(stripeId, `${subscription.id}:trial_used`)
    await database.transaction((tx) =>
      audit.record(tx, systemCaller(mode), {
        action: 'trial.ended_early',
        targetKind: 'subscription',
        targetId: subscription.id,
        customerId,
        after: { reason: 'The card was seen with the trial of another customer.' },
      }),
    )
    await look(mode, subscriptionSync, stripeId)
  })

  async function trialOf(mode: Mode, customerId: string): Promise<Subscription | undefined> {
    const open = await subscriptions.findOpen(mode, customerId)
    const customer = await accounts.get(mode, customerId)
    const isTrialing = open && lifecycleAt(open, accounts.now(customer)) === 'trialing'
    return isTrialing === true ? open : undefined
  }

  /** Every card is noted, so that the next customer who brings one of them is recognized. */
  async function hasUsedCard(mode: Mode, customerId: string): Promise<boolean> {
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      let isUsed = false
      for (const { fingerprint } of await paymentMethods.list(mode, customerId, tx)) {
        if (fingerprint === null) continue
        if (await trials.isUsedCard(tx, mode, customerId, fingerprint, now)) isUsed = true
      }
      return isUsed
    })
  }

  async function remind(mode: Mode, { id, customerId, planVersionId, trialEndsAt }: Subscription) {
    if (trialEndsAt === null) return
    const { definition } = await catalog.getVersion(mode, planVersionId)
    const customer = await accounts.get(mode, customerId)
    const hasMethod = (await paymentMethods.list(mode, customerId)).length > 0
    await database.transaction((tx) =>
      notifications.tell(tx, {
        mode,
        template: 'trial_ending',
        customerId,
        payload: {
          plan: definition.name,
          endsOn: dayOf(trialEndsAt, customer.timeZone),
          hasMethod,
        },
        dedupeKey: `trial_ending:${id}:${trialEndsAt}`,
      }),
    )
  }

  return {
    /** Tells whoever has a trial that ends soon; what was told is not told again. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const subscription of await subscriptions.trialsEnding(mode, now, MAX_DUE_PER_RUN)) {
        if ((subscription.trialEndsAt ?? now) > now + NOTICE_MS) break
        await remind(mode, subscription)
      }
    },

    /** When the next trial is to be told of; its end itself is a boundary of its own. */
    async nextDue(mode: Mode, after: Instant): Promise<Instant | undefined> {
      const [next] = await subscriptions.trialsEnding(mode, after + NOTICE_MS, 1)
      return next?.trialEndsAt ? next.trialEndsAt - NOTICE_MS : undefined
    },
  }
}
